/* For the desk: who has received, read and acknowledged the version, and what stands that was counted under older rules. */

import { html, useEffect, useState } from "../../vendor/preact.js";
import { near } from "../times.js";

const AGAIN = 5000;

/* What the hub says at this address, asked again and again. */
function useAsked(context, rest) {
  const [found, set] = useState(null);
  const [problem, complain] = useState("");
  useEffect(() => {
    const look = () => context.read(rest).then((now) => { set(now); complain(""); }, (refused) => complain(refused.message));
    const timer = setInterval(look, AGAIN);
    look();
    return () => clearInterval(timer);
  }, [rest]);
  return [found, problem];
}

export function Heard({ context }) {
  const version = context.asked?.version ?? context.version;
  const [found, problem] = useAsked(context, `/briefings/${version}/receipts`);
  if (!found) return problem && html`<p class="error" role="alert">${problem}</p>`;
  const late = found.units.filter((one) => one.late).map((one) => one.unit);
  return html`<section class="card" id="heard" aria-labelledby="heard-title">
    <h2 id="heard-title">Who has it</h2>
    <p>${found.acknowledge ? html`<b>${found.acknowledged} of ${found.asked}</b> units have acknowledged version ${version}.` : `Version ${version} asks for no acknowledgement.`} ${late.length > 0 && html`<b class="late">Late: ${late.join(", ")}.</b>`}</p>
    ${problem && html`<p class="error" role="alert">${problem}</p>`}
    <ul class="people">${found.units.map((one) => html`<li key=${one.unit} data-unit=${one.unit} data-acknowledged=${one.acknowledged ? "yes" : "no"}>
      <b>${one.unit}</b> ${one.acknowledged ? "has acknowledged" : one.late ? html`<b class="late">late</b>` : "has not acknowledged"}
      ${one.people.length === 0 && html`<small class="quiet block">Nobody posts for it yet.</small>`}
      ${one.people.map((person) => html`<small class="quiet block" key=${person.id}>${person.name}: ${state(person, context.operation.time_zone)}</small>`)}
    </li>`)}</ul>
  </section>`;
}

function state(person, zone) {
  const at = (moment) => near(new Date(moment), zone);
  const tries = person.tries > 1 ? `, in ${person.tries} tries` : "";
  if (person.acknowledged_at) return `acknowledged ${at(person.acknowledged_at)}${tries}`;
  const tried = person.tries ? `, tried the check ${person.tries === 1 ? "once" : `${person.tries} times`}` : "";
  if (person.read_at) return `read it ${at(person.read_at)}${tried}`;
  return person.received_at ? `has it since ${at(person.received_at)}${tried}` : "has not opened it";
}

export function Changes({ context }) {
  const [found] = useAsked(context, "/briefings/changes");
  if (!found?.items.length) return null;
  const zone = context.operation.time_zone;
  return html`<section class="card" id="changes" aria-labelledby="changes-title">
    <h2 id="changes-title">Counted under older rules</h2>
    <p class="quiet">Version ${found.version} is in force. Where a measure means something else by now, have the unit look at these reports again, and correct what is not so any more.</p>
    <table class="record"><caption class="sr">Reports counted under older rules, by unit, measure and version</caption>
      <thead><tr><th scope="col">Unit</th><th scope="col">Measure</th><th scope="col">Version</th><th scope="col">Reports</th><th scope="col">Observed</th></tr></thead>
      <tbody>${found.items.map((one) => html`<tr key=${one.unit + one.measure + one.version}>
        <th scope="row">${one.unit}</th>
        <td data-label="Measure:">${one.label}${one.changed ? html` <b class="late">means something else now</b>` : ""}</td>
        <td data-label="Version:">${one.version ?? "none"}</td>
        <td data-label="Reports:">${one.reports}</td>
        <td data-label="Observed:">${near(new Date(one.first_observed_at), zone)}${one.reports > 1 ? ` to ${near(new Date(one.last_observed_at), zone)}` : ""}</td></tr>`)}</tbody></table>
  </section>`;
}
