/* Reports as they come, newest first. A correction is shown as what it changed. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { shown } from "../figures.js";
import { ask } from "../hub.js";
import { zoned } from "../times.js";

const FIRST = 60;
const LATER = 25;
const MOST = 10; /* reports asked for one by one, in one go */
const KEPT = 200;
const PAUSE = 1000;

/** The newest reports by id, asked for again after each new position, but at most once a second. `may` is {reads, journal}: whoever
    may read the journal hears of every withdrawal, however long ago the report came that it takes back. */
export function useReports(code, position, may) {
  const [reports, setReports] = useState(new Map());
  const asked = useRef({ at: 0, first: true });
  const known = useRef(reports);
  known.current = reports;
  useEffect(() => {
    if (!may.reads) return undefined;
    const wait = setTimeout(async () => {
      asked.current.at = Date.now();
      const limit = asked.current.first ? FIRST : LATER;
      asked.current.first = false;
      const taken = may.journal ? list(code, "/journal", { kind: "withdrawal", limit }) : [];
      const all = byId([...known.current.values(), ...(await list(code, "/reports", { limit }))]);
      setReports(await withBefore(code, newestOf(all)));
      const ids = (await taken).map((entry) => entry.supersedes.id).filter((id) => !all.get(id)?.withdrawal);
      if (ids.length) setReports(await withBefore(code, newestOf(byId([...all.values(), ...(await fetched(code, ids))]))));
    }, Math.max(0, asked.current.at + PAUSE - Date.now()));
    return () => clearTimeout(wait);
  }, [code, position, may.reads, may.journal]);
  return reports;
}

/** The reports of a moment past: the newest of then, which those of now may have left far behind. */
export function usePastReports(code, past, may) {
  const [reports, setReports] = useState(new Map());
  const { at, as_of } = past ?? {};
  useEffect(() => {
    if (!may.reads || (at === undefined && as_of === undefined)) return undefined;
    let gone = false;
    list(code, "/reports", { limit: FIRST, at, as_of }).then((items) => withBefore(code, byId(items))).then((found) => gone || setReports(found));
    return () => { gone = true; };
  }, [code, at, as_of, may.reads]);
  return reports;
}

const newestOf = (reports) => byId([...reports.values()].sort((one, other) => (lastOf(one) < lastOf(other) ? 1 : -1)).slice(0, KEPT));
const byId = (reports) => new Map(reports.map((report) => [report.id, report]));
const list = async (code, path, query) => (await ask(code, path, query).catch(() => ({ items: [] }))).items;

/* Reports by their ids, without those that can't be had now: they are asked for again next time. */
async function fetched(code, ids) {
  const found = await Promise.all(ids.slice(0, MOST).map((id) => ask(code, `/reports/${id}`).catch(() => null)));
  return found.filter(Boolean);
}

/* With what each correction corrects, since it is shown as what it changed. */
async function withBefore(code, reports) {
  const missing = [...reports.values()].map((report) => report.corrects).filter((id) => id && !reports.has(id));
  return byId([...reports.values(), ...(await fetched(code, missing))]);
}

/* When there was last something to say of a report. Ids are in the order of time. */
const lastOf = (report) => report.withdrawal?.id ?? report.id;

/* What happened, in the order in which it did: each report when it came, and each withdrawal when that came. */
function happenings(reports, past) {
  const found = [];
  for (const report of reports.values()) {
    found.push({ key: report.id, at: report.received_at, position: report.position, report });
    if (report.withdrawal) found.push({ key: report.withdrawal.id, at: report.withdrawal.received_at, position: report.withdrawal.position, report, withdrawn: report.withdrawal });
  }
  const seen = past?.at !== undefined ? (one) => one.position !== null && one.position <= past.at : past ? (one) => Date.parse(one.report.observed_at) <= Date.parse(past.as_of) : () => true;
  return found.filter(seen).sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.key < b.key ? 1 : -1));
}

export function Feed({ context, reports, past }) {
  const shownOnes = happenings(reports, past).slice(0, FIRST);
  const newest = useRef(null);
  const begun = useRef(Date.now());
  useEffect(() => {
    newest.current = new Set(shownOnes.map((one) => one.key));
  });
  return html`<section class="card feed" aria-labelledby="feed-title">
    <h2 id="feed-title">As it comes in</h2>
    ${shownOnes.length
      ? html`<ol class="scroll" tabindex="0" aria-label="Reports, newest first">${shownOnes.map((one) => html`<${Item} key=${one.key} one=${one} reports=${reports} context=${context} isNew=${!past && newest.current && !newest.current.has(one.key) && Date.now() - begun.current > 3000} />`)}</ol>`
      : html`<p class="quiet">No report yet.</p>`}
  </section>`;
}

function Item({ one, reports, context, isNew }) {
  const { report, withdrawn } = one;
  const [fresh] = useState(isNew);
  const top = topOf(report.unit, context.plan.planned);
  const kind = withdrawn ? "withdrawn" : report.corrects ? "correction" : report.nil ? "nil" : "report";
  return html`<li class="happening" data-kind=${kind} data-fresh=${fresh ? "" : null}>
    <time class="quiet" datetime=${one.at}>${zoned(new Date(one.at), context.operation.time_zone)}</time>
    <b class="code">${report.channel === "adjustment" ? "overlap" : top === null ? "none" : top}</b>
    <div class="said">${withdrawn ? html`<b>withdrawn:</b> <s><${Lines} report=${report} context=${context} /></s>, ${withdrawn.reason}` : html`<${Said} report=${report} before=${reports.get(report.corrects)} context=${context} />`}
      ${top !== report.unit && top !== null && html`<small class="quiet block">${context.plan.planned.get(report.unit).name}</small>`}
      ${report.note && !withdrawn && (!report.nil || report.corrects) && html`<small class="quiet note">${report.note}</small>`}
      ${report.joint_action && html`<small class="quiet block">${report.credit ? "credit in" : "joint action"} ${report.joint_action}</small>`}
      ${report.status !== "current" && !withdrawn && html`<small class="late block">${report.status} since</small>`}
    </div>
  </li>`;
}

/* The state, or whatever stands at the top of the tree, that a unit belongs to: null for what belongs to no one. */
function topOf(code, planned) {
  const unit = planned.get(code);
  if (!unit || unit.kind === "unattributed") return null;
  return unit.parent ? topOf(unit.parent, planned) : code;
}

function Said({ report, before, context }) {
  if (report.corrects) return html`<b>correction:</b> <${Changed} report=${report} before=${before} context=${context} />, ${report.reason}`;
  if (report.nil) return html`<i>nil report${report.note ? `: ${report.note}` : ", nothing new"}</i>`;
  return html`<${Lines} report=${report} context=${context} />`;
}

function Lines({ report, context }) {
  if (report.nil) return html`<i>nothing new</i>`;
  return report.lines.map((line, at) => {
    const measure = context.plan.measures.get(line.measure);
    return html`${at > 0 && ", "}<${Quantity} line=${line} basis=${report.basis} measure=${measure} /> ${name(measure, line)}${line.assisting ? html` <small class="quiet">with ${line.assisting.join(", ")}</small>` : ""}`;
  });
}

function Quantity({ line, basis, measure }) {
  if (line.unquantified) return html`<b>amount not yet known</b>:`;
  return html`<b>${basis === "to_date" ? "now " : String(line.quantity).startsWith("-") ? "" : "+"}${shown(line.quantity, measure)}</b>`;
}

const name = (measure, line) => `${measure.label.charAt(0).toLowerCase()}${measure.label.slice(1)}${line.category === "unspecified" ? "" : ` (${line.category})`}${line.unquantified ? `, “${line.unquantified}”` : ""}`;

/* Old figure struck, new one beside it, for every cell that either of the two names. */
function Changed({ report, before, context }) {
  const key = (line) => `${line.measure} ${line.category}`;
  const was = new Map((before?.lines ?? []).map((line) => [key(line), line]));
  const is = new Map(report.lines.map((line) => [key(line), line]));
  const keys = [...new Set([...was.keys(), ...is.keys()])];
  const text = (line, measure) => (line === undefined ? "nothing" : line.unquantified ? "amount not known" : shown(line.quantity, measure));
  return keys.map((one, at) => {
    const line = is.get(one) ?? was.get(one);
    const measure = context.plan.measures.get(line.measure);
    const [old, now] = [text(was.get(one), measure), text(is.get(one), measure)];
    return html`${at > 0 && ", "}${name(measure, { ...line, unquantified: undefined })} ${before && old !== now ? html`<s><span class="sr">was </span>${old}</s> ` : ""}<b>${now}</b>`;
  });
}
