/* What the hub has: the unit with all below it, and the nation, each with its age. */

import { html } from "../../vendor/preact.js";
import { shown } from "../figures.js";
import { ago } from "../times.js";
import { timed } from "./words.js";

const LONG = 20;

export function HubSide({ context }) {
  const { totals, known, unit, operation, zone, now, told } = context;
  const unitNow = totals?.units.find((one) => one.code === unit.code);
  const live = told.line.state === "live";
  return html`<section class="hub" aria-labelledby="hub-title">
    <h2 id="hub-title">On the hub</h2>
    ${!totals && html`<p class="quiet">Not known on this phone yet.</p>`}
    ${totals && html`<table>
      <thead><tr><th scope="col">Measure</th><th scope="col" class="number">${unit.name.length > LONG ? unit.code : unit.name}</th><th scope="col" class="number">Nation</th></tr></thead>
      <tbody>${operation.measures.map((measure) => html`<tr key=${measure.code}>
        <th scope="row">${measure.label}</th>
        <td class="number">${cell(unitNow?.measures[measure.code], measure)}</td>
        <td class="number">${cell(totals.national[measure.code], measure)}</td>
      </tr>`)}</tbody>
    </table>
    <p class="quiet age">${live ? "Live." : html`<b>Not live:</b> as of ${timed(known.totalsAt, zone, now)}, ${ago(now - known.totalsAt)}.`} ${heard(unitNow, zone, now)} <a href=${`/operations/${encodeURIComponent(operation.code)}/board`}>To the board</a></p>`}
  </section>`;
}

/* Who has given no figure is not at zero. */
function cell(figure, measure) {
  if (!figure || !Object.keys(figure.categories).length) return figure?.unquantified === true || figure?.unquantified?.length ? "some" : html`<span aria-hidden="true">–</span><span class="sr">no figure</span>`;
  const some = figure.unquantified === true || figure.unquantified?.length > 0;
  return `${some ? "≥ " : ""}${shown(figure.total, measure)}`;
}

const heard = (unit, zone, now) => (unit?.last_report_at ? `Last heard from ${unit.name} ${ago(now - Date.parse(unit.last_report_at))}.` : "");
