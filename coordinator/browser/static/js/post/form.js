/* The form: what is new or stands, and the sentence that says what it comes to before anything is sent. */

import { html, useState } from "../../vendor/preact.js";
import { zoned } from "../times.js";
import { factsOf } from "./cells.js";
import { Counters } from "./counters.js";
import { Details } from "./details.js";
import { reportOf, typed } from "./draft.js";
import { said, summed, timed } from "./words.js";

/* So many figures make a sentence that may have to be scrolled in its place above the buttons. */
const MANY = 3;

export function Form({ context, draft, setDraft, act, telephone, setTelephone, resting, done }) {
  const [pressed, setPressed] = useState(false);
  const { body, errors } = reportOf(draft, context.cells, context.unit.code, context.zone, context.hubNow(), context.byTelephone);
  const all = { ...errors, ...given(draft.mending) };
  const { all: whole, reason, ...beside } = all;
  const facts = factsOf(body, context);
  const submit = (event) => {
    event.preventDefault();
    const wrong = Object.keys(errors).length > 0;
    setPressed(wrong);
    if (!wrong) return act.confirm(body);
    requestAnimationFrame(() => document.querySelector('#form [aria-invalid="true"]')?.focus());
    return undefined;
  };
  const nil = () => (typed(draft) ? setPressed("nil") : act.nil());
  const since = draft.correcting || context.last === null ? "" : ` since ${zoned(new Date(context.last), context.zone)}`;
  const by = draft.earlier ? ` by ${timed(Date.parse(body.observed_at), context.zone, context.hubNow())}` : " by now";
  return html`<form id="form" class="form" tabindex="-1" aria-label=${draft.correcting ? "Correct a report" : "New report"} onSubmit=${submit} noValidate>
    <${Mending} context=${context} draft=${draft} setDraft=${setDraft} act=${act} reason=${pressed || draft.mending.reason ? reason : ""} />
    <${Basis} draft=${draft} setDraft=${setDraft} since=${since} />
    <${Counters} context=${context} draft=${draft} setDraft=${setDraft} errors=${beside} />
    <${Details} context=${context} draft=${draft} setDraft=${setDraft} errors=${beside} shown=${pressed} telephone=${telephone} setTelephone=${setTelephone} />
    <div class="bar">
      <p class=${facts.length ? "sum" : "sum sr"} role="status" tabindex=${facts.length > MANY ? "0" : null}>${facts.length ? summed(draft.basis, facts, since, by, body.joint_action) : draft.basis === "increment" ? "Nothing counted yet." : "No figure stated yet."}</p>
      ${pressed === "nil" && typed(draft) && html`<p class="wrong" role="alert">Figures are typed above. Send them, or <button type="button" class="link" onClick=${() => { act.cancel(); setPressed(false); }}>clear them</button> first.</p>`}
      ${pressed === true && Object.keys(errors).length > 0 && html`<p class="wrong" role="alert">${errors.all ?? "Not sent yet: see what is marked above."}</p>`}
      ${draft.mending.all && html`<p class="wrong">${draft.mending.all}</p>`}
      ${done && !typed(draft) && !pressed && html`<p class="done" data-there=${done.there ? "" : null}>${done.text}</p>`}
      <button class="strong send">${draft.correcting ? "Send correction" : draft.replacing === null ? "Send" : "Send again"}</button>
      ${draft.correcting || draft.replacing !== null
        ? html`<button type="button" onClick=${act.cancel}>Cancel</button>`
        : html`<button type="button" class="nil" disabled=${resting} onClick=${nil}>Nothing new</button>`}
    </div>
  </form>`;
}

const given = (mending) => Object.fromEntries(Object.entries(mending).filter(([place, text]) => text && place !== "all"));

function Basis({ draft, setDraft, since }) {
  const pick = (basis) => () => setDraft({ basis });
  return html`<fieldset class="basis">
    <legend class="sr">What are you reporting?</legend>
    <label><input type="radio" name="basis" value="increment" checked=${draft.basis === "increment"} onChange=${pick("increment")} /><span>New${since}</span></label>
    <label><input type="radio" name="basis" value="to_date" checked=${draft.basis === "to_date"} onChange=${pick("to_date")} /><span>Standing figure</span></label>
    <p class="quiet">${draft.basis === "increment" ? "Only what is new; the hub adds it up." : "All of it so far; it replaces what the hub has. What you leave empty stays as it is."}</p>
  </fieldset>`;
}

/* The report that is being corrected or mended, and why. */
function Mending({ context, draft, setDraft, reason }) {
  if (!draft.correcting && draft.replacing === null) return null;
  const old = draft.correcting?.body;
  const text = old && said(old, factsOf(old, context), context.names);
  return html`<div class="card mending">
    <h2>${draft.correcting ? "Correcting a report" : "Mending a report"}</h2>
    ${old && html`<p>${timed(Date.parse(old.observed_at), context.zone)}: ${text}.</p>`}
    <p class="quiet">${draft.correcting ? "Put it as it should have been from the start." : "Nothing of it counts until it is sent again."}</p>
    ${draft.correcting && html`<label for="reason">Why?</label>
      <input id="reason" type="text" maxlength="500" value=${draft.reason} placeholder="such as: counted twice" aria-describedby=${reason ? "reason-wrong" : null} aria-invalid=${reason ? "true" : null} onInput=${(event) => setDraft({ reason: event.target.value, mending: { ...draft.mending, reason: undefined } })} />
      ${reason && html`<p class="wrong" id="reason-wrong">${reason}</p>`}`}
  </div>`;
}
