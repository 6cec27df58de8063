/* The liaison's page: post with one hand and one bar of signal. It opens from what the phone has kept; reports go into the phone's
   queue first and from there to the hub, whatever happens to this page meanwhile. */

import { html, render, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../../vendor/preact.js";
import { zoned, zoneName } from "../times.js";
import "../presence.js";
import { Banners } from "./banners.js";
import { cellsOf, countedOf, lastOf } from "./cells.js";
import { Confirm, Drop, Withdraw } from "./dialogs.js";
import { draftOf, EMPTY, nilReport, placed, typed } from "./draft.js";
import { Form } from "./form.js";
import { History } from "./history.js";
import { HubSide } from "./hubside.js";
import { Knowledge, NOTHING, unitsOf } from "./knowledge.js";
import { Orders } from "./orders.js";
import { openQueue } from "./queue.js";
import { Hearing } from "./saying.js";
import { Sender } from "./sending.js";
import { Wake } from "./wake.js";

const code = decodeURIComponent(location.pathname.split("/")[2]);
const CHOSEN = `tallyroom unit ${code}`;
const AGAIN = 10000;

/** Everything that lives as long as the page: the queue, what is known, and who sends. */
async function open(hear) {
  const told = { entries: [], known: NOTHING, line: { state: "connecting", refusal: null }, sending: { held: null, lost: false }, replaced: false };
  const tell = (change) => hear(Object.assign(told, change));
  let sender = null;
  const changed = async () => {
    tell({ entries: await queue.all() });
    await queue.forget(listedAlready(told));
  };
  const queue = await openQueue(() => changed().catch(() => {}), () => tell({ replaced: true }), () => location.replace("/sign-in?gone=1"));
  sender = new Sender(queue, code, (sending) => {
    if (sending.away && !told.sending.away) sendLater();
    tell({ sending });
  });
  sender.listen();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && told.entries.some((entry) => entry.state === "waiting")) sendLater();
  });
  const knowledge = new Knowledge(queue, code, (known, line) => {
    const looked = told.sending.held?.why === "rules" && known.orders !== told.known.orders;
    const opened = looked || known.operation?.phase !== told.known.operation?.phase || (told.line.refusal && !line.refusal) || (line.state === "live" && told.line.state !== "live");
    tell({ known, line });
    queue.forget(listedAlready(told)).catch(() => {});
    if (opened) sender.now();
  });
  await changed();
  sender.now();
  return { queue, sender, knowledge };
}

const kept = navigator.serviceWorker?.ready;

/* Asks the browser to send what waits once there is a network, should this page be closed by then. Asked at every report, before it
   is tried: the worker may be sending another one then, and the page closed before its own turn comes. */
function sendLater() {
  kept?.then((worker) => worker.sync?.register("send")).catch(() => {});
}

/* Entries that the hub's list of the unit shows: what it says of them is newer. */
function listedAlready({ entries, known }) {
  const shown = new Set(Object.values(known.reports).flatMap(({ items }) => items.flatMap((report) => [report.id, report.withdrawal?.id])));
  return entries.filter((entry) => entry.state === "received" && shown.has(entry.receipt.id)).map((entry) => entry.number);
}

function useHub() {
  const [told, hear] = useState(null);
  const parts = useRef(null);
  const [broken, setBroken] = useState(null);
  useEffect(() => {
    open((now) => hear({ ...now })).then((opened) => {
      parts.current = opened;
      opened.knowledge.open();
      hear((now) => ({ ...now }));
    }, setBroken);
  }, []);
  return { told, parts: parts.current, broken };
}

function useDraft(queue, unit) {
  const [draft, setDraft] = useState(EMPTY);
  const [of, setOf] = useState(null);
  const name = `${code} ${unit}`;
  useEffect(() => {
    if (!queue || !unit) return;
    queue.draft(name).catch(() => null).then((kept) => { setDraft(kept ?? EMPTY); setOf(name); });
  }, [queue, name]);
  /* Kept at once: the next thing may be that the battery is empty. */
  useLayoutEffect(() => {
    if (of === name) queue.keepDraft(name, typed(draft) ? draft : null).catch(() => {});
  }, [draft, of, name]);
  const change = useCallback((next) => setDraft((now) => ({ ...now, ...(typeof next === "function" ? next(now) : next) })), []);
  return [draft, change, of === name];
}

function Page() {
  const { told, parts, broken } = useHub();
  const known = told?.known ?? NOTHING;
  const units = useMemo(() => unitsOf(known), [known.operation, known.me]);
  const [wish, setWish] = useState(() => localStorage.getItem(CHOSEN));
  const desk = known.me && ["desk", "admin"].includes(known.me.role);
  const unit = units.find((one) => one.code === wish) ?? (desk ? null : units[0]) ?? null;
  const [draft, setDraft, drafted] = useDraft(parts?.queue, unit?.code ?? null);
  const [asked, ask] = useState(null);
  const [spoken, say] = useState("");
  const [last, setLast] = useState(null);
  const [telephone, setTelephone] = useState(true);
  const now = useMinute(last);
  useEffect(() => { if (parts && unit) parts.knowledge.watch(unit.code); }, [parts, unit?.code]);
  useManifest();
  if (broken) return html`<p class="banner bad">This browser keeps nothing for this page, so no report would be safe here: ${String(broken.message ?? broken)}. Open it in a window that is not private, or call the desk.</p>`;
  if (!told || !parts) return html`<p class="quiet">One moment.</p>`;

  const entries = told.entries.filter((entry) => entry.operation === code);
  const choose = (one) => { localStorage.setItem(CHOSEN, one); setWish(one); };
    const context = unit && contextOf({ told, parts, known, unit, units, entries, desk, telephone, now, say });
  const finish = () => setDraft((one) => ({ ...EMPTY, ...(one.stash ?? {}), stash: undefined }));
  const act = context && actionsOf({ context, parts, draft, setDraft, ask, say, finish, setLast });
  return html`
    <${Head} known=${known} unit=${unit} units=${units} choose=${choose} zone=${context?.zone} now=${now} desk=${desk} />
    <${Banners} told=${told} entries=${entries} code=${code} parts=${parts} unit=${unit} />
    <${Orders} known=${known} unit=${unit} code=${code} now=${now} zone=${context?.zone} desk=${desk} say=${(rest, body) => parts.knowledge.say(rest, body)} />
    <p class="sr" role="status">${spoken || doneOf(last, entries)?.text}</p>
    ${!known.operation && html`<p class="quiet">${told.line.refusal ? "" : "The operation is not known on this phone yet. It will be as soon as there is a signal."}</p>`}
    ${known.operation && !units.length && known.me && html`<p class="banner late">You watch this operation; you do not post in it. <a href=${`/operations/${code}/board`}>To the board</a></p>`}
    ${known.operation && desk && html`<${Hearing} code=${code} names=${new Map(known.operation.units.map((one) => [one.code, one.name]))} />`}
    ${known.operation && units.length > 0 && !unit && html`<p class="card">Choose above for which unit you report.</p>`}
    ${context && drafted && html`
      <${Form} context=${context} draft=${draft} setDraft=${setDraft} act=${act} telephone=${telephone} setTelephone=${setTelephone} resting=${Boolean(last?.nil) && now - last.at < AGAIN} done=${doneOf(last, entries, firstOf(told))} />
      <${History} context=${context} draft=${draft} act=${act} />
      <${HubSide} context=${context} />
      <${Wake} code=${code} />`}
    <p class="foot">${desk && !unit && html`<a href=${`/operations/${code}/board`}>To the board</a> `}<a href="/sessions">${desk ? "Your sign-in" : "Lock or forget this phone, sign out"}</a></p>
    ${asked?.what === "send" && html`<${Confirm} key=${asked.key} context=${context} asked=${asked} close=${() => ask(null)} send=${act.send} change=${act.turn} />`}
    ${asked?.what === "withdraw" && html`<${Withdraw} key=${asked.key} context=${context} asked=${asked} close=${() => ask(null)} send=${act.send} />`}
    ${asked?.what === "drop" && html`<${Drop} asked=${asked} close=${() => ask(null)} drop=${act.drop} />`}`;
}

/* What became of the report that was sent last from here. */
function doneOf(last, entries, first) {
  const entry = last && entries.find((one) => one.key === last.key);
  if (!last || entry?.state === "refused") return null;
  const what = last.nil ? "“Nothing new”" : "It";
  return entry?.state === "waiting" ? { there: false, text: `${what} is saved on this phone${first ? `. ${first} to send it` : " and goes out by itself"}.` } : { there: true, text: `The hub has ${last.nil ? what : "it"}.` };
}

/* What a person has to do before it goes out. */
function firstOf({ line, sending }) {
  if (line.refusal?.status === 401 || sending.held?.why === "signed-out") return "Sign in above";
  return sending.held?.why === "rules" ? "Acknowledge the counting rules above" : null;
}

/* All that the parts of the page read. */
function contextOf({ told, parts, known, unit, units, entries, desk, telephone, now, say }) {
  const { operation, totals } = known;
  const cells = cellsOf(operation);
  const reports = known.reports[unit.code]?.items ?? [];
  const counted = countedOf(reports, entries, unit.code, totals?.position ?? 0);
  const last = lastOf(counted);
  const zone = zoneOf(operation, unit);
  const names = new Map(operation.units.map((one) => [one.code, one.name]));
  const byTelephone = Boolean(desk && telephone);
  return { code, told, known, operation, totals, unit, units, cells, reports, counted, last, zone, names, entries, desk, byTelephone, now, say, hubNow: () => parts.knowledge.now() };
}

function zoneOf(operation, unit) {
  for (let one = unit; one; one = operation.units.find((other) => other.code === one.parent)) if (one.time_zone) return one.time_zone;
  return operation.time_zone;
}

/* What can be done. Each puts something into the queue, or asks first. */
function actionsOf({ context, parts, draft, setDraft, ask, say, finish, setLast }) {
  const path = `/api/v1/operations/${encodeURIComponent(code)}/reports`;
  const stash = (one) => (typed(one) && !one.correcting && one.replacing === null ? { ...one, stash: undefined } : one.stash);
  const begin = (next) => { setDraft((one) => ({ ...EMPTY, ...next, stash: stash(one) })); document.getElementById("form").scrollIntoView(); document.getElementById("form").focus(); };
  const entry = (kind, body, more) => ({ operation: code, unit: context.unit.code, kind, path, body, of: body.corrects ?? null, madeAt: Date.now(), ...more });
  return {
    /* What was read to the desk keeps its key, by which the hub knows it again. */
    confirm: (body) => ask({ what: "send", key: context.entries.find((one) => one.number === draft.replacing && one.said)?.key ?? crypto.randomUUID(), body, replacing: draft.replacing, draft }),
    tell: (one) => parts.queue.say(one.number).catch((problem) => say(`This phone refuses to keep anything (${problem.message}). Call the desk and tell it.`)),
    async send(made, replacing = null) {
      navigator.storage?.persist?.().catch(() => {});
      const added = await parts.queue.add(made, replacing).catch((problem) => problem);
      if (added instanceof Error) return say(`Not saved: this phone has no room left or refuses to keep anything (${added.message}). What you typed is still here.`);
      if (added === null) say("It has gone out meanwhile. Correct it in the list instead.");
      if (added) {
        if (made.kind !== "withdrawal") finish();
        setLast({ key: made.key, at: Date.now(), nil: Boolean(made.body.nil) && made.kind === "report" });
      }
      ask(null);
      sendLater();
      parts.sender.now();
    },
    entry,
    nil() {
      if (Date.now() - (parts.nilAt ?? 0) < AGAIN) return undefined;
      parts.nilAt = Date.now();
      return this.send(entry("report", nilReport(context.unit.code, context.hubNow(), context.byTelephone), { key: crypto.randomUUID() }));
    },
    turn(basis) { setDraft({ basis }); ask(null); },
    correct: (report) => begin({ ...draftOf(report, context.cells, context.zone), note: report.note ?? "", reason: "", correcting: { id: report.id, body: report } }),
    mend(one) {
      if (one.kind === "withdrawal") return ask({ what: "withdraw", key: crypto.randomUUID(), id: one.of, replacing: one.number, reason: one.body.reason, problem: one.problem });
      const mending = one.problem ? placed(one.problem, one.body, context.cells) : {};
      const correcting = one.body.corrects ? { id: one.body.corrects, body: context.reports.find((report) => report.id === one.body.corrects) ?? null } : null;
      begin({ ...draftOf(one.body, context.cells, context.zone), correcting, replacing: one.number, mending });
    },
    withdraw: (report) => ask({ what: "withdraw", key: crypto.randomUUID(), id: report.id, report, replacing: null, reason: "" }),
    askDrop: (one) => ask({ what: "drop", entry: one, context }),
    async drop(one) {
      const dropped = await parts.queue.drop(one.number);
      say(dropped ? "Dropped. It will not be sent." : "It has gone out meanwhile. Withdraw it in the list instead.");
      ask(null);
    },
    cancel: finish,
  };
}

function Head({ known, unit, units, choose, zone, now, desk }) {
  const title = unit ? unit.name : "Post figures";
  useEffect(() => { document.title = `${title} - Tallyroom`; }, [title]);
  const indent = (one) => "\u00a0\u00a0".repeat(depth(one, known.operation.units));
  return html`<div class="head-bar">
    <div class="head-name">
      ${units.length > 1
        ? html`<h1 class="sr">${title}: post figures</h1><label class="sr" for="unit">Report for</label>
          <select id="unit" value=${unit?.code ?? ""} onChange=${(event) => choose(event.target.value)}>
            ${!unit && html`<option value="">Choose a unit</option>`}
            ${units.map((one) => html`<option key=${one.code} value=${one.code}>${indent(one)}${one.name}</option>`)}
          </select>`
        : html`<h1>${title}</h1>`}
      <p>${desk ? "The desk, for " : ""}${known.operation?.name ?? ""}</p>
    </div>
    ${zone && html`<p class="head-clock"><b>${zoned(new Date(now), zone)}</b> <span>${zoneName(new Date(now), zone)}</span></p>`}
  </div>
  ${known.operation?.exercise && html`<p class="banner exercise"><b>EXERCISE</b> Nothing here is real.</p>`}`;
}

const depth = (unit, units) => (unit.parent ? 1 + depth(units.find((one) => one.code === unit.parent), units) : 0);

function useMinute(last) {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), 5000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(now, last?.at ?? 0);
}

/* The page that the worker keeps is every operation's; its manifest is this one's. */
function useManifest() {
  useEffect(() => {
    if (document.querySelector('link[rel="manifest"]')) return;
    document.head.append(Object.assign(document.createElement("link"), { rel: "manifest", href: `/post/${encodeURIComponent(code)}.webmanifest` }));
  }, []);
}

/* Where the browser lets a worker send while the page is closed, that worker is a module; others could not run it. */
const sends = "SyncManager" in window;
navigator.serviceWorker
  ?.register(sends ? "/post/worker.js?sends" : "/post/worker.js", { scope: "/operations/", type: sends ? "module" : "classic", updateViaCache: "none" })
  .catch(() => {});
document.getElementById("head").remove();
const place = document.getElementById("post");
place.replaceChildren();
place.removeAttribute("aria-busy");
render(html`<${Page} />`, place);
