/* Who has to be called now, the longest first. */

import { html } from "../../vendor/preact.js";
import { near, span } from "../times.js";
import { Orders } from "./orders.js";
import { OPEN, listed, toCall } from "./words.js";

export function Calls({ context, presence }) {
  const { plan, totals, operation, paces } = context;
  const { calls, waiting } = toCall(context);
  return html`<section class="card calls" aria-labelledby="calls-title">
    <h2 id="calls-title">Call now ${calls.length ? html`<span class="count">${calls.length}</span>` : ""}</h2>
    ${calls.length
      ? html`<ul class="scroll" tabindex="0" aria-label=${`${calls.length} to call`}>${calls.map((call) => html`<${Call} key=${call.unit.code} call=${call} context=${context} />`)}</ul>`
      : waiting.length === 0 && html`<p class="quiet">${OPEN.has(totals.phase) ? `No one: ${totals.reporting.expected === 1 ? `the ${plan.one}` : `each of the ${totals.reporting.expected} ${plan.many}`} was heard from ${[...paces.values()].every((pace) => pace === operation.reporting_interval_minutes) ? `within ${operation.reporting_interval_minutes} min` : "in time"}.` : `No one: reports are not due while the operation is ${totals.phase.replace("_", " ")}.`}</p>`}
    ${waiting.length > 0 && html`<p class="quiet">${calls.length ? "" : "No one is overdue. "}Not heard from yet: ${some(waiting.map((one) => one.unit.code))}, due by ${near(new Date(waiting[0].due), operation.time_zone, new Date(context.now))}.</p>`}
    <${Orders} presence=${presence} code=${operation.code} />
  </section>`;
}

/* "MO, IL and 9 more": so many are no list any more. */
const some = (codes) => (codes.length > 6 ? `${codes.slice(0, 5).join(", ")} and ${codes.length - 5} more` : listed(codes));

function Call({ call, context }) {
  const { unit, due } = call;
  const { now, operation } = context;
  const agency = operation.units.find((one) => one.parent === unit.code && one.kind === "agency");
  const late = due === null ? "" : span(now - due);
  return html`<li class="call" data-late="">
    <span class=${`mark mark-${call.mark}`} aria-hidden="true"></span>
    <b class="call-code">${unit.code}</b>
    <span class="call-what">
      <span class="call-line"><b>${late === "now" ? "just overdue" : `${late} overdue`}</b>
        <small class="quiet">${unit.last_report_at ? `last word ${near(new Date(unit.last_report_at), operation.time_zone, new Date(now))}` : "never heard"}</small></span>
      <small>${unit.name}${agency ? `, ${agency.name}` : ""}</small>
    </span>
  </li>`;
}
