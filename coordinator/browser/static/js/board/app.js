/* The board: what the whole operation comes to, live. It starts from the documents the page brought along and follows the stream. */

import { html, render, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "../../vendor/preact.js";
import { shown } from "../figures.js";
import { ask } from "../hub.js";
import { after, differences } from "../store.js";
import { Stream } from "../stream.js";
import { near, precise, span } from "../times.js";
import { startClock } from "../clock.js";
import { Calls } from "./calls.js";
import { Chart } from "./chart.js";
import { Feed, usePastReports, useReports } from "./feed.js";
import { Headline } from "./headline.js";
import { Places } from "./map.js";
import { useOrders } from "./orders.js";
import { Slider, usePast } from "./slider.js";
import { Sources } from "./sources.js";
import { Table } from "./table.js";
import { STATUS, outOf, planOf } from "./words.js";

const FRESH = 12000;
const GATHERED = 30;
const REFRESHED = 60000;
const ANNOUNCED = 30000;
const MOST_ON_WALL = 16; /* rows; more would not fit, and no one is there to scroll */

const content = JSON.parse(document.getElementById("content").textContent);
const MAY = { reads: content.traces, journal: content.journal };
const wall = new URLSearchParams(location.search).has("wall");

/* What the page knows: the operation, the totals of now, and what has just changed, each with when it stops being new. */
function next(state, act) {
  if (act.operation) return { ...state, operation: act.operation };
  if (act.news) return { ...state, news: state.news + 1 };
  if (act.expire) {
    const fresh = new Map([...state.fresh].filter(([, { until }]) => until > act.expire));
    return fresh.size === state.fresh.size ? state : { ...state, fresh };
  }
  const totals = act.totals ? newer(state.totals, act.totals) : act.events.reduce((known, [name, data]) => after(known, name, data), state.totals);
  const changes = differences(state.totals, totals);
  if (!changes.size) return { ...state, totals };
  const fresh = new Map(state.fresh);
  for (const [key, by] of changes) fresh.set(key, { by: by + (fresh.get(key)?.by ?? 0n), until: Date.now() + FRESH });
  return { ...state, totals, fresh };
}

const newer = (known, asked) => (asked.position >= known.position ? asked : known);

function useHub() {
  const [state, act] = useReducer(next, { operation: content.operation, totals: content.totals, fresh: new Map(), news: 0 });
  const [line, setLine] = useState({ state: "connecting", since: Date.now(), detail: "" });
  useEffect(() => {
    const code = content.operation.code;
    let gathered = [];
    let first = true;
    const hear = (name, data) => {
      if (name === "bulletin" || name === "happening") return act({ news: true });
      if (!gathered.length) setTimeout(() => { act({ events: gathered }); gathered = []; }, GATHERED);
      gathered.push([name, data]);
      if (name === "snapshot" && !first) ask(code, "").then((operation) => act({ operation })).catch(() => {});
      first = false;
    };
    const stream = new Stream(code, content.totals.position, { hear, tell: setLine, patience: Math.min(25, content.heartbeat + 10) * 1000 });
    const expire = setInterval(() => act({ expire: Date.now() }), 1000);
    /* What fell into the last 15 minutes leaves them again without any event. */
    const refresh = setInterval(() => stream.state === "live" && ask(code, "/totals").then((totals) => act({ totals })).catch(() => {}), REFRESHED);
    return () => { stream.stop(); clearInterval(expire); clearInterval(refresh); };
  }, []);
  return [state, line];
}

/* The hub's time, whatever this machine's clock says; drawn anew every few seconds. */
function useNow(totals) {
  const [, tick] = useState(0);
  const skew = useRef(Infinity);
  const generated = useRef(null);
  if (generated.current !== totals.generated_at) {
    generated.current = totals.generated_at;
    const found = Date.parse(totals.generated_at) - Date.now();
    if (Math.abs(found) < Math.abs(skew.current)) skew.current = found;
  }
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 5000);
    return () => clearInterval(timer);
  }, []);
  return Date.now() + (Math.abs(skew.current) > 2000 ? skew.current : 0);
}

function Board() {
  const [{ operation, totals: live, fresh, news }, line] = useHub();
  const [wish, setWish] = useState(null);
  const past = usePast(operation.code, wish);
  const presence = useOrders(operation.code, content.presence, news);
  const plan = useMemo(() => planOf(operation, content.tiles), [operation]);
  const clock = useNow(live);
  const totals = past?.totals ?? live;
  const now = past ? Date.parse(past.as_of ?? past.totals.generated_at) : clock;
  const paces = useMemo(() => new Map(presence?.items.map((one) => [one.unit, one.interval_minutes])), [presence]);
  const context = { operation, plan, totals, live, now, wall, paces, tiles: content.tiles };
  const [chosen, choose] = useState(operation.measures[0].code);
  const measure = plan.measures.get(chosen) ?? operation.measures[0];
  const [asked, setAsked] = useState(null);
  const newest = useReports(operation.code, live.position, MAY);
  const earlier = usePastReports(operation.code, past, MAY);
  const mayTrace = (unit) => content.traces && !wall && (!content.units.length || content.units.includes(unit));
  const trace = (unit) => (mayTrace(unit) ? (code) => setAsked({ unit, measure: code }) : null);
  const marks = past ? new Map() : fresh;
  const changes = useMemo(() => new Map([...marks].map(([key, { by }]) => [key, by])), [marks]);
  const picker = !wall && operation.measures.length > 1 && html`<select aria-label="Measure of map and chart" value=${chosen} onChange=${(event) => choose(event.target.value)}>${operation.measures.map((one) => html`<option key=${one.code} value=${one.code}>${one.label}</option>`)}</select>`;
  useFacts(context, line, past);
  return html`
    <${Banners} context=${context} line=${line} past=${past} wish=${wish} back=${() => setWish(null)} />
    <${Spoken} context=${context} past=${past} />
    <${Headline} context=${context} fresh=${changes} trace=${trace} />
    <${Relations} context=${context} />
    <div class="panels">
      <${Places} context=${context} measure=${measure} fresh=${changes} trace=${trace} picker=${picker} />
      <${Chart} context=${context} measure=${measure} moment=${past ? now : null} wall=${wall} />
      <div class="side">
        <${Calls} context=${context} presence=${past ? null : presence} />
        ${content.traces && html`<${Feed} context=${context} reports=${past ? earlier : newest} past=${past} />`}
      </div>
      ${!(wall && totals.units.filter((unit) => unit.kind === "jurisdiction").length > MOST_ON_WALL) && html`<${Table} context=${context} fresh=${changes} trace=${trace} />`}
    </div>
    ${!wall && html`<${Slider} context=${context} past=${past} wish=${wish} setWish=${setWish} />`}
    ${asked && html`<${Sources} key=${`${asked.unit} ${asked.measure}`} asked=${asked} context=${context} past=${past} close=${() => setAsked(null)} />`}`;
}

/* What must be seen before any figure is believed. */
function Banners({ context, line, past, wish, back }) {
  const { operation, totals, live, plan } = context;
  const zone = operation.time_zone;
  const lost = line.state === "lost" || line.state === "ended";
  return html`
    <div class="banners">
      ${lost && html`<p class="banner lost" role="alert" id="lost"><b>${line.state === "ended" ? line.detail : "No word from the hub."}</b> These are the figures of <b>${precise(new Date(line.since), zone)}</b>, entry ${live.position}. ${line.state === "ended" ? "Sign in again to go on." : "They are brought up to date by themselves as soon as it answers."}</p>`}
      ${wish !== null && html`<div class="banner past" id="past"><span><b>Not now.</b> ${past ? past.as_of ? `What is now known to have happened by ${near(new Date(past.as_of), zone)}.` : `The board as it stood at entry ${past.at}, ${near(new Date(past.totals.generated_at), zone)}: ${live.position - past.at} ${live.position - past.at === 1 ? "entry has" : "entries have"} come since.` : "Asking the hub."}</span> <button onClick=${back}>Back to live</button></div>`}
    </div>
    <div class="warnings">
      ${(totals.alarms ?? []).map((alarm) => html`<div class="banner alarm" role="alert" key=${alarm.code}><b>Do not pass on these figures.</b> ${alarm.detail} <details><summary>Where</summary><ul>${alarm.differences.map((one) => html`<li>${Object.entries(one).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ")}</li>`)}</ul></details></div>`)}
      ${totals.rules.filter((rule) => !rule.holds).map((rule) => html`<p class="banner late" key=${rule.code}><span class="mark mark-diamond" aria-hidden="true"></span> <b>${rule.message}</b>: the national figures break a rule of this operation${brokenBy(rule, plan)}.</p>`)}
    </div>`;
}

function brokenBy(rule, plan) {
  const units = Object.entries(rule.units).filter(([, holds]) => !holds).map(([code]) => code);
  return units.length ? ` (${units.join(", ")})` : ` (no ${plan.one} alone does)`;
}

/* Derived measures: sums and differences of the others, each with how it is made. */
function Relations({ context }) {
  const { operation, totals } = context;
  if (!operation.derived.length) return null;
  return html`<dl class="relations">${operation.derived.map((one) => html`<div key=${one.code}><dt title=${one.expression}>${one.label}</dt><dd>${shown(totals.derived[one.code], { unit: "" })} <small class="quiet">${one.expression}</small></dd></div>`)}</dl>`;
}

/* The headline for whoever listens: politely, and seldom enough to be heard out. */
function Spoken({ context, past }) {
  const { operation, totals, plan } = context;
  const text = [...operation.measures.slice(0, 4).map((measure) => `${measure.label} ${totals.national[measure.code].unquantified.length ? "at least " : ""}${shown(totals.national[measure.code].total, measure)}`), `${outOf(totals.reporting.heard, totals.reporting.expected, plan)} reporting`].join("; ");
  const [said, say] = useState("");
  const last = useRef(Date.now());
  useEffect(() => {
    if (past) return undefined;
    const wait = setTimeout(() => { last.current = Date.now(); say(text); }, Math.max(0, last.current + ANNOUNCED - Date.now()));
    return () => clearTimeout(wait);
  }, [text, Boolean(past)]);
  return html`<p class="sr" aria-live="polite" id="spoken">${said}</p>`;
}

/* The part of the header that moves: how far the figures can be trusted, who reports, and whether this is live. */
function useFacts({ operation, totals, live, plan, now }, line, past) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => line.state !== "live" && tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [line.state]);
  const { heard, expected, overdue } = totals.reporting;
  const words = { connecting: "connecting", live: `live, entry ${live.position}`, lost: `not live for ${span(Date.now() - line.since)}`, ended: "signed out" }[line.state];
  /* Before the browser paints: no one may see new figures beside an old position. */
  useLayoutEffect(() => render(
    html`<span class="badge">${totals.status.startsWith("amended") ? `certified, amendment ${totals.status.slice(8)}` : STATUS[totals.status] ?? totals.status}</span>
      <span><b class="facts-number">${heard}</b> of ${expected} ${expected === 1 ? plan.one : plan.many} reporting${overdue.length ? html`, <b class="facts-late">${overdue.length} overdue</b>` : ""}</span>
      <span class="line" data-line=${past ? "past" : line.state} id="line"><i aria-hidden="true"></i>${past ? "in the past" : words}</span>`,
    document.getElementById("facts"),
  ));
  useEffect(() => {
    const badge = document.getElementById("phase");
    badge.textContent = live.phase.replace("_", " ");
    badge.className = `badge phase-${live.phase}`;
  }, [live.phase]);
}

/* A wall has no hands: nothing to press, no cursor, and the screen stays on. */
async function keepAwake() {
  try {
    const lock = await navigator.wakeLock?.request("screen");
    document.documentElement.dataset.awake = lock ? "yes" : "no";
  } catch {
    document.documentElement.dataset.awake = "no";
  }
}

if (wall) {
  document.documentElement.classList.add("wall");
  keepAwake();
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && keepAwake());
}

startClock();
const place = document.getElementById("board");
render(html`<${Board} />`, place);
place.removeAttribute("aria-busy");
