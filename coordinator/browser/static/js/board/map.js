/* The states as tiles, shaded by a measure; or bars, where units are not states. A mark by its shape says who is overdue, not heard yet or separate. */

import { html, useRef } from "../../vendor/preact.js";
import { exact, share, shown } from "../figures.js";
import { inTree, standing } from "./words.js";

const SHADES = 5;
const COLUMNS = 11;

/* By the root of the share: one state with nearly half of all would else leave all others alike. The figure itself is on the tile. */
function shade(value, most) {
  return value <= 0n || most <= 0n ? 0 : Math.min(SHADES, Math.ceil(Math.sqrt(share(value, most) / 100) * SHADES) || 1);
}

export function Places({ context, measure, fresh, trace, picker }) {
  const shownUnits = context.totals.units.filter((unit) => (context.plan.mapped ? unit.kind === "jurisdiction" : !["unattributed", "overlap"].includes(unit.kind)));
  const most = shownUnits.reduce((top, unit) => {
    const value = exact(unit.measures[measure.code]?.total);
    return value > top ? value : top;
  }, 0n);
  return html`<section class="card places" aria-labelledby="places-title">
    <div class="card-head"><h2 id="places-title"><span class=${picker ? "sr" : null}>${measure.label} </span>${picker ? "By" : "by"} ${context.plan.mapped ? "state" : "unit"}</h2>${picker}</div>
    ${context.plan.mapped
      ? html`<${Tiles} context=${context} measure=${measure} most=${most} fresh=${fresh} trace=${trace} />`
      : html`<${Bars} units=${shownUnits} context=${context} measure=${measure} most=${most} fresh=${fresh} trace=${trace} />`}
    ${context.plan.mapped && html`<${Key} />`}
  </section>`;
}

function Tiles({ context, measure, most, fresh, trace }) {
  const { tiles, totals, plan } = context;
  const units = new Map(totals.units.map((unit) => [unit.code, unit]));
  const grid = useRef(null);
  const frame = framed(tiles, units);
  /* One stop for the keyboard; the arrows go from state to state as they lie. */
  const move = (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const from = event.target.dataset.at?.split(" ").map(Number);
    if (!step || !from) return;
    event.preventDefault();
    const others = [...grid.current.querySelectorAll("button[data-at]")]
      .map((tile) => ({ tile, by: tile.dataset.at.split(" ").map((n, i) => Number(n) - from[i]) }))
      .filter(({ by }) => by[0] * step[0] + by[1] * step[1] > 0)
      .sort((a, b) => distance(a.by, step) - distance(b.by, step));
    if (!others.length) return;
    event.target.tabIndex = -1;
    others[0].tile.tabIndex = 0;
    others[0].tile.focus();
  };
  const first = Object.keys(tiles).find((code) => units.has(code));
  return html`<div class="tiles" role="group" aria-label=${`Map of ${plan.many}; the arrow keys go from one to the next`} ref=${grid} onKeyDown=${move} data-near=${frame.columns < COLUMNS ? "" : null} style=${{ gridTemplateColumns: `repeat(${frame.columns}, minmax(0, 1fr))` }}>
    ${Object.entries(tiles).filter(([, place]) => frame.holds(place)).map(([code, [row, column]]) => {
      const unit = units.get(code);
      const style = { gridRow: row - frame.top + 1, gridColumn: column - frame.left + 1 };
      if (!unit) return html`<span key=${code} class="tile away" style=${style} aria-hidden="true">${code}</span>`;
      return html`<${Tile} key=${code} unit=${unit} at=${`${row} ${column}`} style=${style} context=${context} measure=${measure} most=${most} isFresh=${fresh.has(`${code} ${measure.code}`)} open=${trace(code)} first=${code === first} />`;
    })}
  </div>`;
}

/* What of the map is drawn: all of it; on a phone the part where the operation's states lie, so that a finger finds them. */
function framed(tiles, units) {
  const places = Object.entries(tiles).filter(([code]) => units.has(code)).map(([, place]) => place);
  if (!matchMedia("(max-width: 40em)").matches || !places.length) return { top: 0, left: 0, columns: COLUMNS, holds: () => true };
  const [rows, across] = [0, 1].map((n) => places.map((place) => place[n]));
  const [top, bottom] = [Math.min(...rows), Math.max(...rows)];
  const columns = Math.min(COLUMNS, Math.max(6, Math.max(...across) - Math.min(...across) + 1));
  const left = Math.min(Math.min(...across), COLUMNS - columns);
  return { top, left, columns, holds: ([row, column]) => row >= top && row <= bottom && column >= left && column < left + columns };
}

const distance = (by, step) => Math.abs(by[0] * step[0] + by[1] * step[1]) + 3 * Math.abs(by[0] * step[1] + by[1] * step[0]);

function Tile({ unit, at, style, context, measure, most, isFresh, open, first }) {
  const figure = unit.measures[measure.code];
  const has = figure && Object.keys(figure.categories).length > 0;
  const state = standing(unit, context);
  const value = has ? shown(figure.total, { ...measure, unit: measure.unit === "USD" ? "USD" : "" }) : figure?.unquantified ? "≥" : "";
  const spoken = `${unit.name}: ${has ? `${shown(figure.total, measure)} ${measure.label}` : `no figure for ${measure.label}`}, ${state.word}${figure?.unquantified ? ", amount not yet known" : ""}`;
  const content = html`<span class="tile-code">${unit.code}</span><span class="tile-figure" data-long=${value.length > 4 ? "" : null}>${value || html`<span class="tile-none">–</span>`}</span>${state.mark !== "dot" && html`<span class=${`mark mark-${state.mark}`}></span>`}`;
  const shared = { class: `tile shade-${shade(exact(figure?.total), most)}`, style, "data-mark": state.mark, "data-fresh": isFresh ? "" : null, title: spoken };
  if (context.wall) return html`<span ...${shared} role="img" aria-label=${spoken}>${content}</span>`;
  return html`<button ...${shared} type="button" data-at=${at} tabindex=${first ? 0 : -1} aria-label=${spoken} aria-disabled=${open ? null : "true"} onClick=${() => open?.(measure.code)}>${content}</button>`;
}

function Bars({ units, context, measure, most, fresh, trace }) {
  const { planned, expected } = context.plan;
  const rows = inTree(units.filter((unit) => unit.measures[measure.code] || expected.has(unit.code)), planned);
  return html`<ul class="bars scroll" tabindex="0" aria-label=${`${measure.label} by unit`}>
    ${rows.map((unit) => {
      const figure = unit.measures[measure.code];
      const open = trace(unit.code);
      const value = figure && Object.keys(figure.categories).length ? shown(figure.total, measure) : "–";
      return html`<li key=${unit.code} data-fresh=${fresh.has(`${unit.code} ${measure.code}`) ? "" : null}>
        <span class="bar-name" style=${{ paddingLeft: `${context.plan.depth.get(unit.code) ?? 0}rem` }}>${unit.name}</span>
        <span class="bar" aria-hidden="true"><i style=${{ width: `${share(exact(figure?.total), most)}%` }}></i></span>
        ${open ? html`<button class="plain bar-figure" aria-label=${`${value} ${measure.label}, ${unit.name}: where it comes from`} onClick=${() => open(measure.code)}>${value}</button>` : html`<span class="bar-figure">${value}</span>`}
      </li>`;
    })}
  </ul>`;
}

function Key() {
  return html`<p class="key"><span><i class="mark mark-diamond"></i> overdue</span><span><i class="mark mark-hollow"></i> not heard yet</span><span><i class="mark mark-bar"></i> nil so far</span><span><i class="mark mark-ring"></i> separate</span></p>`;
}
