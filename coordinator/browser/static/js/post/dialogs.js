/* What is asked before something is done that others will see. The report is read back in one sentence; a second tap in the same
   place within a moment is the end of the first, not an answer. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { zoned } from "../times.js";
import { factsOf } from "./cells.js";
import { complaint } from "./personal.js";
import { differences, doubts, listed, said, sized, summed, timed, titled } from "./words.js";

const MOMENT = 500;

function Dialog({ title, close, children }) {
  const place = useRef(null);
  useEffect(() => {
    place.current.showModal();
    const timer = setTimeout(() => place.current?.setAttribute("data-takes-answers", ""), MOMENT);
    return () => { clearTimeout(timer); place.current?.close(); };
  }, []);
  return html`<dialog ref=${place} aria-labelledby="asked" onCancel=${(event) => { event.preventDefault(); close(); }}>
    <h2 id="asked">${title}</h2>
    ${children}
  </dialog>`;
}

/* Calls `act` once, and not for the second half of a double tap or a key held down. */
function useOnce(act) {
  const done = useRef(false);
  return (event) => {
    event.preventDefault();
    if (done.current || !event.target.closest("[data-takes-answers]")) return;
    done.current = true;
    act();
  };
}

export function Confirm({ context, asked, close, send, change }) {
  const { body, key, replacing, draft } = asked;
  const facts = factsOf(body, context);
  const found = body.corrects ? [] : doubts(body.basis, facts, context.unit.name);
  const made = { operation: context.code, unit: body.unit, kind: body.corrects ? "correction" : "report", key, path: `/api/v1/operations/${encodeURIComponent(context.code)}/reports`, body, of: body.corrects ?? null, madeAt: Date.now() };
  const yes = useOnce(() => send(made, replacing));
  const lower = found.some(({ kind }) => kind === "lower");
  const step = found.some(({ kind }) => kind === "step");
  return html`<${Dialog} title=${body.corrects ? "Send this correction?" : "Send this report?"} close=${close}>
    <p class="read-back">${readBack(context, body, facts, draft)}</p>
    ${body.note && html`<p class="quiet">Note: ${body.note}</p>`}
    ${found.map(({ text }) => html`<p class="doubt" key=${text}><b>Look again.</b> ${text}</p>`)}
    <div class="answers">
      ${step && html`<button type="button" class="strong" onClick=${() => change("to_date")}>It is the whole figure</button>`}
      ${lower && html`<button type="button" class="strong" onClick=${() => change("increment")}>They are only the new ones</button>`}
      <button type="button" class=${step || lower ? "" : "strong"} onClick=${yes}>${step ? "No, they are all new: send" : lower ? "No, it is lower: send" : "Yes, send"}</button>
      <button type="button" onClick=${close}>Go back</button>
    </div>
  </${Dialog}>`;
}

/* The whole report in one breath: who, when, what it does, who assisted, by whom it was told. */
function readBack(context, body, facts, draft) {
  const when = Date.parse(body.observed_at);
  const who = `${context.unit.name}, ${timed(when, context.zone, context.hubNow())}${body.channel === "telephone" ? ", by telephone" : ""}`;
  if (body.corrects) return `${who}: ${corrected(context, body, draft)} Because: ${body.reason}.`;
  const since = context.last === null || context.last > when ? "" : ` since ${zoned(new Date(context.last), context.zone)}`;
  const helpers = [...new Set(body.lines.flatMap((line) => line.assisting ?? []))].map((code) => context.names.get(code) ?? code);
  const sentence = summed(body.basis, facts, body.basis === "increment" ? since : "", "", body.joint_action);
  return `${who}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}${helpers.length ? ` ${listed(helpers)} assisted.` : ""}`;
}

function corrected(context, body, draft) {
  const was = draft.correcting?.body;
  const facts = factsOf(body, context);
  if (!was) return `${said(body, facts, context.names)}.`;
  const changes = differences(factsOf(was, context), facts);
  const basis = was.basis === body.basis ? "" : ` It is ${body.basis === "to_date" ? "the standing figure" : "only what was new"}.`;
  if (!changes.length) return `the figures stay, ${said(body, facts, context.names)}.${basis}`;
  return `${listed(changes.map(({ cell, was: old, now }) => `${titled(cell)}: ${figure(cell, old)} becomes ${figure(cell, now)}`))}.${basis}`;
}

const figure = (cell, value) => (value === null ? "nothing" : typeof value === "string" ? `“${value}”` : sized(cell, value));

export function Withdraw({ context, asked, close, send }) {
  const [reason, setReason] = useState(asked.reason);
  const [pressed, setPressed] = useState(Boolean(asked.problem));
  const wrong = complaint(reason) || (pressed && !reason.trim() ? "Say why it is withdrawn." : "") || (pressed && asked.problem && reason === asked.reason ? asked.problem.detail : "");
  const path = `/api/v1/operations/${encodeURIComponent(context.code)}/reports/${asked.id}/withdrawal`;
  const made = { operation: context.code, unit: context.unit.code, kind: "withdrawal", key: asked.key, path, body: { reason: reason.trim() }, of: asked.id, madeAt: Date.now() };
  const submit = (event) => {
    event.preventDefault();
    setPressed(true);
    if (reason.trim() && !complaint(reason)) send(made, asked.replacing);
  };
  return html`<${Dialog} title="Withdraw this report?" close=${close}>
    ${asked.report && html`<p class="read-back">${timed(Date.parse(asked.report.observed_at), context.zone)}: ${said(asked.report, factsOf(asked.report, context), context.names)}.</p>`}
    <p class="quiet">It will count as never sent. The record keeps it, with your reason.</p>
    <form onSubmit=${submit} noValidate>
      <label for="why">Why?</label>
      <input id="why" type="text" maxlength="500" value=${reason} aria-describedby="why-wrong" aria-invalid=${wrong ? "true" : null} onInput=${(event) => setReason(event.target.value)} />
      <p class="wrong" id="why-wrong" role="alert">${wrong}</p>
      <div class="answers"><button class="strong danger">Withdraw it</button><button type="button" onClick=${close}>Keep it</button></div>
    </form>
  </${Dialog}>`;
}

export function Drop({ asked, close, drop }) {
  const { entry, context } = asked;
  const text = entry.kind === "withdrawal" ? "the withdrawal" : said(entry.body, factsOf(entry.body, context), context.names);
  const yes = useOnce(() => drop(entry));
  return html`<${Dialog} title="Drop it for good?" close=${close}>
    <p class="read-back">${text}</p>
    <p class="quiet">The hub does not have it, and never will.</p>
    <div class="answers"><button type="button" class="strong danger" onClick=${yes}>Drop it</button><button type="button" onClick=${close}>Keep it</button></div>
  </${Dialog}>`;
}
