/* One bulletin: what it says, what became of it by unit and person, and the ways to answer it. */

import { html, useState } from "../../vendor/preact.js";
import { near } from "../times.js";
import { fieldsOf, useActing } from "./acting.js";

export const ANSWERS = { understood: "understood", cannot_comply: "can't comply", question: "asks" };
const ORDERS = { live: "order to start", standing_down: "order to stand down" };

export function Bulletin({ bulletin, context, supersede }) {
  const { operation, desk, over } = context;
  const stands = bulletin.status === "current";
  const zone = operation.time_zone;
  const late = bulletin.asked.filter((one) => one.late);
  const what = bulletin.order ? ORDERS[bulletin.order] : bulletin.kind;
  return html`<article class="card bulletin" data-status=${bulletin.status} data-priority=${bulletin.priority} id=${`bulletin-${bulletin.number}`} aria-labelledby=${`title-${bulletin.number}`}>
    <div class="bulletin-head">
      <h4 id=${`title-${bulletin.number}`}>${bulletin.number}: ${what}</h4>
      <span class=${`badge priority-${bulletin.priority}`}>${bulletin.priority}</span>
      ${bulletin.exercise && html`<span class="badge rehearsal">exercise</span>`}
      <span class="quiet">${near(new Date(bulletin.at), zone)}, ${bulletin.by}, to ${bulletin.to_all ? "all" : bulletin.units.join(", ")}</span>
    </div>
    ${!stands && html`<p class="late"><b>${bulletin.status}</b> by <a href=${`#bulletin-${bulletin.superseded_by.number}`}>bulletin ${bulletin.superseded_by.number}</a></p>`}
    <p class="bulletin-text">${bulletin.text}</p>
    ${bulletin.supersedes && html`<p class="quiet">Stands in place of <a href=${`#bulletin-${bulletin.supersedes.number}`}>bulletin ${bulletin.supersedes.number}</a>.</p>`}
    ${stands && bulletin.acknowledge_by && html`<p>To be acknowledged by <b>${near(new Date(bulletin.acknowledge_by), zone)}</b>: ${bulletin.acknowledged} of ${bulletin.asked.length}${late.length ? html`, <b class="late">late: ${late.map((one) => one.unit).join(", ")}</b>` : ""}.</p>`}
    ${desk ? html`<${Heard} bulletin=${bulletin} context=${context} />` : bulletin.asked.map((one) => html`<${Own} key=${one.unit} one=${one} bulletin=${bulletin} context=${context} />`)}
    ${desk && stands && !bulletin.order && bulletin.kind !== "cancel" && !over && html`<p class="buttons no-print"><button onClick=${() => supersede("update")}>Update…</button><button onClick=${() => supersede("cancel")}>Cancel…</button></p>`}
  </article>`;
}

/* For the desk: every unit that was asked, with who has it, and the answer by telephone. */
function Heard({ bulletin, context }) {
  const open = bulletin.status === "current" && bulletin.asked.some((one) => one.answer !== "understood");
  return html`<details open=${open}>
    <summary>${bulletin.acknowledged} of ${bulletin.asked.length} answered</summary>
    <ul class="asked">${bulletin.asked.map((one) => html`<${Asked} key=${one.unit} one=${one} bulletin=${bulletin} context=${context} />`)}</ul>
  </details>`;
}

function Asked({ one, bulletin, context }) {
  const [act, problem, busy] = useActing();
  const messages = bulletin.messages.filter((message) => message.unit === one.unit);
  const tell = () => act(() => context.send(`/bulletins/${bulletin.id}/acknowledgements`, { unit: one.unit, answer: "understood" }));
  const word = one.answer ? ANSWERS[one.answer] : one.late ? "late" : one.given.length ? "has it" : "not given yet";
  return html`<li data-answer=${one.answer ?? (one.late ? "late" : "none")}>
    <b class="code">${one.unit}</b> <span class="asked-word">${word}</span>
    ${one.reason && html` <span>“${one.reason}”</span>`}
    <small class="quiet block">${one.answer ? `${one.by}${one.channel === "telephone" ? ", told by telephone" : ""}, ${near(new Date(one.at), context.operation.time_zone)}` : one.still_on ? `still on bulletin ${one.still_on}` : ""}
      ${one.given.map((by) => html`<span class="block">${by.name} has it since ${near(new Date(by.at), context.operation.time_zone)} (${by.way})</span>`)}</small>
    ${bulletin.status === "current" && one.answer !== "understood" && html`<button class="small-button no-print" disabled=${busy} onClick=${tell}>Understood, by telephone<span class="sr">: ${one.unit}</span></button>`}
    ${problem && html`<p class="error" role="alert">${problem}</p>`}
    <${Thread} messages=${messages} unit=${one.unit} bulletin=${bulletin} context=${context} open=${one.answer === "question" || messages.length > 0} />
  </li>`;
}

/* For a liaison: its own answer, in one tap. */
export function Own({ one, bulletin, context }) {
  const [act, problem, busy] = useActing();
  const [asking, ask] = useState(null);
  const say = (answer, reason) => act(async () => { await context.send(`/bulletins/${bulletin.id}/acknowledgements`, { unit: one.unit, answer, ...(reason ? { reason } : {}) }); ask(null); });
  const messages = bulletin.messages.filter((message) => message.unit === one.unit);
  const id = `reason-${bulletin.number}-${one.unit}`;
  return html`<div class="own">
    ${one.answer && html`<p class=${one.answer === "understood" ? "done" : "late"}><b>${one.unit}: ${ANSWERS[one.answer]}</b>${one.reason ? ` “${one.reason}”` : ""} <small class="quiet">${one.by}, ${near(new Date(one.at), context.operation.time_zone)}</small></p>`}
    ${bulletin.status === "current" && html`<p class="buttons">
      ${one.answer !== "understood" && html`<button class="strong large" disabled=${busy} onClick=${() => say("understood")}>Understood${context.units.length > 1 ? ` (${one.unit})` : ""}</button>`}
      <button aria-expanded=${asking === "cannot_comply"} onClick=${() => ask("cannot_comply")}>Can't comply…</button>
      <button aria-expanded=${asking === "question"} onClick=${() => ask("question")}>Question…</button>
    </p>`}
    ${asking && html`<form class="form" onSubmit=${(event) => say(asking, fieldsOf(event).reason)}>
      <label for=${id}>${asking === "question" ? "What is the question?" : "Why can't it be done?"}</label>
      <textarea id=${id} name="reason" rows="2" maxlength="500" required></textarea>
      <p class="buttons"><button class="strong" disabled=${busy}>Send</button><button type="button" onClick=${() => ask(null)}>Not now</button></p>
    </form>`}
    ${problem && html`<p class="error" role="alert">${problem}</p>`}
    <${Thread} messages=${messages} unit=${one.unit} bulletin=${bulletin} context=${context} open=${one.answer === "question" || messages.length > 0} />
  </div>`;
}

function Thread({ messages, unit, bulletin, context, open }) {
  const [act, problem, busy] = useActing();
  if (!open) return null;
  const id = `say-${bulletin.number}-${unit}`;
  const say = (event) => { const { text } = fieldsOf(event); const form = event.target; act(async () => { await context.send(`/bulletins/${bulletin.id}/messages`, { unit, text }); form.reset(); }); };
  return html`<div class="thread">
    <ul>${messages.map((one) => html`<li key=${one.at}><b>${one.from_unit ? unit : "Desk"}</b> ${one.text} <small class="quiet">${one.by}, ${near(new Date(one.at), context.operation.time_zone)}</small></li>`)}</ul>
    <form class="thread-form no-print" onSubmit=${say}><label class="sr" for=${id}>Message about bulletin ${bulletin.number}, ${unit}</label><input type="text" id=${id} name="text" maxlength="500" required autocomplete="off" placeholder="Message" /><button disabled=${busy}>Send</button></form>
    ${problem && html`<p class="error" role="alert">${problem}</p>`}
  </div>`;
}
