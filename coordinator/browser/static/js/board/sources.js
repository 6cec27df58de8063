/* Where a figure comes from: every report it is made of, and those that no longer count, with who sent them and why they changed. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { shown } from "../figures.js";
import { ask } from "../hub.js";
import { near, zoneName } from "../times.js";
import { CHANNELS } from "./words.js";

const STATES = { counts: "counts", covered: "covered by a later standing figure", credited: "credit: counted where the joint action was led", corrected: "corrected", withdrawn: "withdrawn" };

export function Sources({ asked, context, past, close }) {
  const { operation, plan } = context;
  const measure = plan.measures.get(asked.measure);
  const unit = asked.unit ? plan.planned.get(asked.unit) : null;
  const dialog = useRef(null);
  const [answer, setAnswer] = useState(null);
  const [problem, setProblem] = useState("");
  const more = async (cursor) => {
    try {
      const query = { measure: asked.measure, unit: asked.unit, at: past?.at, as_of: past?.as_of, cursor };
      const found = await ask(operation.code, "/sources", query);
      setAnswer((before) => (cursor ? { ...found, items: [...before.items, ...found.items] } : found));
    } catch (refused) {
      setProblem(refused.message);
    }
  };
  useEffect(() => {
    dialog.current.showModal();
    more();
  }, []);
  const place = asked.unit ? unit?.name ?? asked.unit : "the whole operation";
  return html`<dialog ref=${dialog} class="sources" aria-labelledby="sources-title" onClose=${close} onClick=${(event) => event.target === dialog.current && dialog.current.close()}>
    <div class="sources-frame">
      <div class="card-head"><h2 id="sources-title">${measure.label}, ${place}</h2><button onClick=${() => dialog.current.close()}>Close</button></div>
      ${problem && html`<p class="late" role="alert">${problem}</p>`}
      ${!answer && !problem && html`<p class="quiet">Asking the hub.</p>`}
      ${answer && html`
        <p><b class="sources-total">${shown(answer.total, measure)}</b> from ${answer.count} ${answer.count === 1 ? "entry" : "entries"} of the journal up to ${answer.position}${past?.as_of ? `, observed by ${near(new Date(past.as_of), operation.time_zone)}` : ""}.</p>
        <div class="scroll" tabindex="0" role="region" aria-label="Entries"><table>
          <thead><tr><th scope="col">Entry</th><th scope="col">Seen <span class="nowrap">(${zoneName(new Date(), operation.time_zone)})</span></th><th scope="col">Unit</th><th scope="col">Said</th><th scope="col" class="number">Adds</th><th scope="col">By</th></tr></thead>
          <tbody>${answer.items.map((item) => html`<${Entry} key=${`${item.position}.${item.number}`} item=${item} measure=${measure} zone=${operation.time_zone} />`)}</tbody>
        </table></div>
        ${answer.next && html`<button onClick=${() => more(answer.next)}>Show earlier ones</button>`}`}
    </div>
  </dialog>`;
}

function Entry({ item, measure, zone }) {
  const said = item.unquantified ? `amount not yet known: “${item.unquantified}”` : `${item.basis === "increment" ? "+" : "standing at "}${shown(item.quantity, measure)}`;
  const gone = item.state === "corrected" || item.state === "withdrawn";
  return html`<tr data-state=${item.state}>
    <td class="quiet">${item.position}</td>
    <td class="nowrap">${near(new Date(item.observed_at), zone)}</td>
    <td><b class="code">${item.unit}</b></td>
    <td>${gone ? html`<s>${said}</s>` : said}${item.category === "unspecified" ? "" : html` <small>(${item.category})</small>`}
      ${item.state !== "counts" && html`<small class="late block">${STATES[item.state]}${item.dropped_because ? `: ${item.dropped_because}` : ""}</small>`}
      ${item.reason && html`<small class="quiet block">a correction: ${item.reason}</small>`}
      ${item.note && html`<small class="quiet block">${item.note}</small>`}</td>
    <td class="number"><b>${item.state === "counts" ? shown(item.adds, measure) : "0"}</b></td>
    <td>${item.author.name}<small class="quiet block">${item.author.role}, ${CHANNELS[item.channel] ?? item.channel}</small></td>
  </tr>`;
}
