/* What was ordered and not yet answered, the check-in, and a reminder: above everything else, since they are why the phone rang. */

import { html, useState } from "../../vendor/preact.js";
import { owed as rulesOwed } from "./rules.js";
import { timed } from "./words.js";

const URGENCY = ["flash", "immediate", "routine"];
const CLOSED = new Set(["certified", "archived"]);

export function Orders({ known, unit, code, now, zone, desk, say }) {
  const [busy, be] = useState(false);
  const [problem, complain] = useState("");
  const { presence, bulletins } = known.orders ?? {};
  const there = presence?.find((one) => one.unit === unit?.code);
  if (desk || !unit || !known.orders || CLOSED.has(known.operation?.phase)) return null;
  /* Understood alone is not enough where rules are to be acknowledged: the banner above leads to them. */
  const ruling = rulesOwed(known, unit) === null ? null : known.orders.asked.bulletin;
  const owed = bulletins.filter((one) => one.id !== ruling && one.asked.some((asked) => asked.unit === unit.code && asked.answer === null));
  const urgent = [...owed].sort((a, b) => URGENCY.indexOf(a.priority) - URGENCY.indexOf(b.priority) || b.number - a.number)[0];
  const overdue = there?.alarms.find((alarm) => alarm.why === "overdue");
  const act = async (path, body) => {
    be(true);
    complain((await say(path, body)) ?? "");
    be(false);
  };
  const page = `/operations/${encodeURIComponent(code)}/bulletins`;
  return html`<div class="orders" id="orders">
    ${urgent && html`<section class="order" data-priority=${urgent.priority} role=${urgent.priority === "flash" ? "alert" : "region"} aria-label=${`Bulletin ${urgent.number}`}>
      <p><b>${urgent.exercise ? "EXERCISE " : ""}${urgent.priority === "routine" ? "Bulletin" : urgent.priority.toUpperCase()} ${urgent.number}</b>${urgent.acknowledge_by ? `, answer by ${timed(Date.parse(urgent.acknowledge_by), zone, now)}` : ""}</p>
      <p class="order-text">${urgent.text}</p>
      <p class="order-acts"><button type="button" class="strong" disabled=${busy} onClick=${() => act(`/bulletins/${urgent.id}/acknowledgements`, { unit: unit.code, answer: "understood" })}>Understood</button>
        <a href=${page}>Can't comply, or a question${owed.length > 1 ? ` (${owed.length} to answer)` : ""}</a></p>
    </section>`}
    ${overdue && html`<p class="banner late" role="alert"><b>Report now.</b> Your word was due ${timed(Date.parse(overdue.due_at), zone, now)}. “Nothing new” is a word too.</p>`}
    ${there && !there.checked_in_at && html`<p class="order-acts"><button type="button" class="strong" disabled=${busy} onClick=${() => act("/check-ins", { unit: unit.code })}>Check in ${unit.code}</button> <a href=${page}>Name whom to call tonight</a></p>`}
    ${problem && html`<p class="banner bad" role="alert">${problem}</p>`}
    ${!urgent && there?.checked_in_at && html`<p class="small"><a href=${page}>Bulletins</a></p>`}
  </div>`;
}
