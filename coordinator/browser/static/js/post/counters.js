/* One big counter for every measure and category. Plus, minus, or tap the figure and type; money and weights are typed. */

import { html } from "../../vendor/preact.js";
import { figureOf } from "../figures.js";
import { effect } from "./cells.js";
import { read } from "./draft.js";
import { categoryName, sized, titled } from "./words.js";

/* A longer name stands above its counter, not in a column of single words beside it. */
const LONG = 26;

export function Counters({ context, draft, setDraft, errors }) {
  const groups = new Map();
  for (const cell of context.cells) groups.set(cell.measure, [...(groups.get(cell.measure) ?? []), cell]);
  return [...groups].map(([measure, cells]) => {
    const rows = cells.map((cell) => html`<${Counter} key=${cell.key} cell=${cell} context=${context} draft=${draft} setDraft=${setDraft} error=${errors[cell.key]} />`);
    if (cells.length === 1) return html`<div class="measure" key=${measure.code}>${rows}</div>`;
    return html`<fieldset class="measure" key=${measure.code}>
      <legend>${measure.label} <small>count each in one row only</small></legend>
      ${rows}
    </fieldset>`;
  });
}

function Counter({ cell, context, draft, setDraft, error }) {
  const { measure, key } = cell;
  const value = draft.values[key] ?? { text: "", unknown: false, words: "" };
  const { before, below } = effect(context.totals, context.counted, context.unit.code, cell, null);
  const set = (change) => setDraft((now) => ({ values: { ...now.values, [key]: { text: "", unknown: false, words: "", ...now.values[key], ...change } }, mending: { ...now.mending, [key]: undefined, all: undefined } }));
  const id = key.replace(/\W+/g, "-");
  const described = `${id}-so-far${error ? ` ${id}-wrong` : ""}`;
  const shared = { cell, value, set, id, described, error, before, draft };
  return html`<div class="counter" data-scaled=${measure.scale ? "" : null} data-set=${filledIn(value, draft) ? "" : null} data-long=${cell.only && measure.label.length > LONG ? "" : null}>
    <div class="counter-name">
      <label for=${id}>${cell.only ? measure.label : capital(categoryName(cell))}</label>
      <small id=${`${id}-so-far`}>${soFar(cell, before, below)}${waitingHere(context, cell) ? ", with what waits here" : ""}</small>
    </div>
    ${measure.scale ? html`<${Amount} ...${shared} />` : html`<${Steps} ...${shared} />`}
    ${error && html`<p class="wrong" id=${`${id}-wrong`}>${error}</p>`}
  </div>`;
}

function soFar(cell, before, below) {
  if (before === null) return "no figure so far";
  if (!below) return `${sized(cell, before)} so far`;
  return before ? `${sized(cell, before)} so far; ${sized(cell, before + below)} with the units below` : `${sized(cell, below)} so far, from the units below`;
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const filledIn = (value, draft) => value.unknown || (value.text !== "" && (draft.basis === "to_date" || value.text !== "0"));

const waitingHere = ({ entries, unit }, cell) =>
  entries.some((entry) => entry.state === "waiting" && entry.unit === unit.code && entry.body.lines?.some((line) => line.measure === cell.measure.code && (line.category ?? "unspecified") === cell.category));

/* In a standing figure plus and minus begin at what the hub has; an increment begins at nothing and does not go below it. */
function Steps({ cell, value, set, id, described, error, before, draft }) {
  const figure = read(value, cell.measure);
  const start = draft.basis === "to_date" ? (before ?? 0n) : 0n;
  const step = (by) => {
    const next = (typeof figure === "bigint" ? figure : start) + by;
    set({ text: next > 0n || draft.basis === "to_date" ? String(next < 0n ? 0n : next) : "" });
  };
  const name = titled(cell);
  return html`<div class="steps">
    <button type="button" class="step" aria-label=${`One fewer: ${name}`} onClick=${() => step(-1n)}>−</button>
    <input id=${id} type="text" inputmode="numeric" autocomplete="off" aria-label=${name} aria-describedby=${described} aria-invalid=${error ? "true" : null}
      value=${value.text} placeholder=${draft.basis === "to_date" ? (before === null ? "–" : String(before)) : "0"} size=${Math.min(13, Math.max(3, value.text.length))}
      onInput=${(event) => set({ text: event.target.value })} onFocus=${(event) => event.target.select()} />
    <button type="button" class="step" aria-label=${`One more: ${name}`} onClick=${() => step(1n)}>+</button>
  </div>`;
}

function Amount({ cell, value, set, id, described, error, before, draft }) {
  const { measure } = cell;
  const example = draft.basis === "to_date" && before !== null ? figureOf(before, measure.scale) : `0.${"0".repeat(measure.scale)}`;
  return html`<div class="amount">
    ${!value.unknown && html`<span class="typed">
      ${measure.unit === "USD" && html`<span aria-hidden="true">$</span>`}
      <input id=${id} type="text" inputmode="decimal" autocomplete="off" aria-label=${`${titled(cell)}, in ${measure.unit}`} aria-describedby=${described} aria-invalid=${error ? "true" : null}
        value=${value.text} placeholder=${example} onInput=${(event) => set({ text: event.target.value })} onFocus=${(event) => event.target.select()} />
      ${measure.unit !== "USD" && html`<span aria-hidden="true">${measure.unit}</span>`}
    </span>`}
    ${value.unknown && html`<input id=${id} type="text" maxlength="200" aria-label=${`${titled(cell)}: what is known of the amount`} aria-describedby=${described} aria-invalid=${error ? "true" : null}
      value=${value.words} placeholder="such as: large amount" onInput=${(event) => set({ words: event.target.value })} />`}
    <label class="tick"><input type="checkbox" checked=${value.unknown} onChange=${(event) => set({ unknown: event.target.checked })} /> <span>Amount not known yet<span class="sr">: ${titled(cell)}</span></span></label>
  </div>`;
}
