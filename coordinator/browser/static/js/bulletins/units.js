/* Who is there: for the desk every unit with whom to call, for a liaison its own check-in. */

import { html, useState } from "../../vendor/preact.js";
import { ago, near } from "../times.js";
import { fieldsOf, useActing } from "./acting.js";

const OUTCOMES = { reached: "reached", no_answer: "no answer", message_left: "message left", wrong_number: "wrong number" };

export function Presence({ context, presence }) {
  const order = new Map(presence.to_call.map((unit, at) => [unit, at]));
  const sorted = [...presence.items].sort((a, b) => (order.get(a.unit) ?? 1e6) - (order.get(b.unit) ?? 1e6));
  const missing = presence.items.filter((one) => !one.checked_in_at).length;
  return html`<section class="card" aria-labelledby="presence-title" id="presence">
    <h3 id="presence-title">Who is there</h3>
    <p class="quiet">${missing ? `${missing} of ${presence.items.length} have not checked in.` : `All ${presence.items.length} have checked in.`} ${presence.to_call.length ? html`<b class="late">Call now: ${presence.to_call.join(", ")}.</b>` : ""}</p>
    <ul class="units">${sorted.map((one) => html`<${Unit} key=${one.unit} one=${one} context=${context} />`)}</ul>
  </section>`;
}

function Unit({ one, context }) {
  const [act, problem, busy] = useActing();
  const zone = context.operation.time_zone;
  const call = (event) => { const body = { unit: one.unit, ...fieldsOf(event) }; const form = event.target; act(async () => { await context.send("/calls", body); form.reset(); }); };
  const id = `call-${one.unit}`;
  return html`<li data-status=${one.status} data-unit=${one.unit}>
    <p><b class="code">${one.unit}</b> <span class="status">${one.status}</span> <small class="quiet">${one.last_heard ? `last ${one.last_heard.how} ${ago(context.now - Date.parse(one.last_heard.at))}` : "never heard"}${one.due_at ? `, next by ${near(new Date(one.due_at), zone)}` : ""}</small></p>
    ${one.alarms.map((alarm) => html`<p class="late" key=${alarm.why + alarm.bulletin}><b>${alarm.bulletin ? `Bulletin ${alarm.bulletin} not acknowledged` : "Overdue"}</b>: ${alarm.whom === "desk" ? "call now" : `the ${alarm.whom} was reminded`}</p>`)}
    ${one.last_call && html`<p><small class="quiet">Called ${near(new Date(one.last_call.at), zone)}, ${OUTCOMES[one.last_call.outcome]}${one.last_call.note ? `: ${one.last_call.note}` : ""}</small></p>`}
    <details class="no-print"><summary>Call, or check in<span class="sr"> ${one.unit}</span></summary>
      ${one.contact ? html`<p>${one.contact.name}: <b>${one.contact.telephone}</b>${one.contact.alternate ? html`<br />then ${one.contact.alternate}${one.contact.alternate_telephone ? html`: <b>${one.contact.alternate_telephone}</b>` : ""}` : ""}</p>` : html`<p class="quiet">No one is named for tonight.</p>`}
      <form class="form" onSubmit=${call}>
        <label for=${id}>What came of the call</label>
        <select id=${id} name="outcome">${Object.entries(OUTCOMES).map(([value, word]) => html`<option key=${value} value=${value}>${word}</option>`)}</select>
        <label for=${`${id}-note`}>Note</label><input type="text" id=${`${id}-note`} name="note" maxlength="500" autocomplete="off" />
        <p class="buttons"><button disabled=${busy}>Log the call</button>${!one.checked_in_at && html`<button type="button" disabled=${busy} onClick=${() => act(() => context.send("/check-ins", { unit: one.unit }))}>Check in, by telephone</button>`}</p>
      </form></details>
    <${Settings} one=${one} context=${context} />
    ${problem && html`<p class="error" role="alert">${problem}</p>`}
  </li>`;
}

/* How often a unit is to report, and whom to call for it: the desk writes down what it is told. */
function Settings({ one, context }) {
  const [act, problem, busy] = useActing();
  const [said, say] = useState("");
  const id = `set-${one.unit}`;
  const keep = (what) => act(async () => { say(""); await what(); say("Kept."); context.refresh(); });
  const pace = (event) => { const { minutes } = fieldsOf(event); keep(() => context.put("/intervals", { unit: one.unit, minutes: minutes ? Number(minutes) : null })); };
  const named = (event) => { const contact = fieldsOf(event); keep(() => context.put("/contacts", { unit: one.unit, contact })); };
  const own = one.interval_minutes === context.operation.reporting_interval_minutes ? "" : one.interval_minutes;
  return html`<details class="no-print"><summary>Reports every ${one.interval_minutes} min; whom to call<span class="sr">, ${one.unit}</span></summary>
    <form class="form" onSubmit=${pace}>
      <label for=${`${id}-minutes`}>Minutes between reports</label>
      <input type="number" id=${`${id}-minutes`} name="minutes" min="1" max="10080" value=${own} aria-describedby=${`${id}-hint`} />
      <p class="quiet small" id=${`${id}-hint`}>Left empty: every ${context.operation.reporting_interval_minutes}, as the operation says.</p>
      <p class="buttons"><button disabled=${busy}>Keep the interval</button></p>
    </form>
    <form class="form" onSubmit=${named}><${ContactFields} id=${id} contact=${one.contact} /><p class="buttons"><button disabled=${busy}>Keep whom to call</button></p></form>
    <p class="done" role="status">${said}</p>
    ${problem && html`<p class="error" role="alert">${problem}</p>`}
  </details>`;
}

const CONTACT = [["name", "Name for tonight", true], ["telephone", "Telephone", true], ["alternate", "Who stands in", false], ["alternate_telephone", "Their telephone", false]];

const ContactFields = ({ id, contact }) => CONTACT.map(([field, label, needed]) => html`<div class="field" key=${field}><label for=${`${id}-${field}`}>${label}${needed ? "" : " (may be left out)"}</label><input type="text" id=${`${id}-${field}`} name=${field} required=${needed} maxlength=${field.endsWith("telephone") ? 40 : 80} autocomplete="off" value=${contact?.[field] ?? ""} /></div>`);

/* A liaison's own: one tap, and whom to call tonight. */
export function CheckIn({ context, presence }) {
  if (["certified", "archived"].includes(context.operation.phase)) return null;
  return presence.items.filter((one) => context.units.includes(one.unit)).map((one) => html`<${Own} key=${one.unit} one=${one} context=${context} />`);
}

function Own({ one, context }) {
  const [act, problem, busy] = useActing();
  const [naming, name] = useState(false);
  const there = Boolean(one.checked_in_at);
  const named = (event) => { const contact = fieldsOf(event); act(async () => { await (there ? context.put("/contacts", { unit: one.unit, contact }) : context.send("/check-ins", { unit: one.unit, contact })); name(false); context.refresh(); }); };
  return html`<section class="card" aria-label=${`Check-in of ${one.name}`}>
    <p><b>${one.name}</b> <span class="status">${one.status}</span> ${one.due_at && html`<small class="quiet">next word due by ${near(new Date(one.due_at), context.operation.time_zone)}</small>`}</p>
    ${one.alarms.filter((alarm) => !alarm.bulletin).map((alarm) => html`<p class="banner late" role="alert" key=${alarm.due_at}><b>Report now.</b> Your word was due ${near(new Date(alarm.due_at), context.operation.time_zone)}. “Nothing new” is a word too.</p>`)}
    <p class="buttons">${!there && html`<button class="strong large" disabled=${busy} onClick=${() => act(() => context.send("/check-ins", { unit: one.unit }))}>Check in ${one.unit}</button>`}
      <button aria-expanded=${naming} onClick=${() => name(!naming)}>${one.contact ? "Change whom to call tonight…" : "Name whom to call tonight…"}</button></p>
    ${naming && html`<form class="form" onSubmit=${named}>
      <${ContactFields} id=${one.unit} contact=${one.contact} />
      <p class="quiet small">Seen by the desk and your own unit, and forgotten when the operation is archived.</p>
      <p class="buttons"><button class="strong" disabled=${busy}>Save</button></p>
    </form>`}
    ${problem && html`<p class="error" role="alert">${problem}</p>`}
  </section>`;
}
