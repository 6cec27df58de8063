/* Everything by unit, sortable. The order stands as it was asked for: a figure that changes never moves its row. */

import { Component, html, useMemo, useState } from "../../vendor/preact.js";
import { exact, shown } from "../figures.js";
import { minutes } from "../times.js";
import { inTree, standing } from "./words.js";

export function Table({ context, fresh, trace }) {
  const { plan, operation, totals, wall } = context;
  const [sort, setSort] = useState({ by: "name", down: false, asked: 0 });
  const [agencies, setAgencies] = useState(!plan.mapped);
  const units = new Map(totals.units.map((unit) => [unit.code, unit]));
  const order = useMemo(() => ordered(context, sort, agencies), [sort, agencies, operation]);
  const column = (by, label, number) => {
    const active = sort.by === by;
    if (wall) return html`<th scope="col" class=${number ? "number" : null}>${label}</th>`;
    return html`<th scope="col" class=${number ? "number" : null} aria-sort=${active ? (sort.down ? "descending" : "ascending") : null}>
      <button class="plain sort" onClick=${() => setSort({ by, down: active ? !sort.down : Boolean(number), asked: sort.asked + 1 })}>${label}<span aria-hidden="true" class="arrow">${active ? (sort.down ? "▼" : "▲") : "↕"}</span></button>
    </th>`;
  };
  const below = operation.units.some((unit) => unit.parent);
  return html`<section class="card units" aria-labelledby="units-title">
    <div class="card-head"><h2 id="units-title">By ${plan.mapped && !agencies ? "state" : "unit"}</h2>
      ${below && !wall && html`<button class="small" aria-pressed=${agencies} onClick=${() => setAgencies(!agencies)}>With agencies and sites</button>`}
    </div>
    <div class="scroll" tabindex="0" role="region" aria-label="All figures by unit, scrollable">
      <table>
        <thead><tr>
          ${column("name", plan.mapped && !agencies ? "State" : "Unit")}${column("state", "Status")}
          ${operation.measures.map((measure) => column(measure.code, measure.label, true))}
          ${column("heard", "Last heard", true)}${column("due", "Next due", true)}
        </tr></thead>
        <tbody>${order.map((code) => units.get(code)).filter(Boolean).map((unit) => {
          const state = standing(unit, context);
          const marks = operation.measures.map((measure) => (fresh.has(`${unit.code} ${measure.code}`) ? 1 : 0)).join("");
          return html`<${Row} key=${unit.code} unit=${unit} state=${state} word=${state.word} marks=${marks} heard=${unit.last_report_at ? minutes(context.now - Date.parse(unit.last_report_at)) : "never"} due=${dueText(state, context.now)} measures=${operation.measures} open=${trace(unit.code)} depth=${agencies ? plan.depth.get(unit.code) ?? 0 : 0} />`;
        })}</tbody>
      </table>
    </div>
  </section>`;
}

const dueText = (state, now) => (state.due === null ? "–" : now > state.due ? `${minutes(now - state.due)} late` : minutes(state.due - now));

/* A row is drawn anew only when something in it is another: with 60 units and 20 measures that is what keeps a change within a frame. */
class Row extends Component {
  shouldComponentUpdate(next) {
    const was = this.props;
    return ["unit", "word", "marks", "heard", "due", "measures", "depth"].some((name) => was[name] !== next[name]) || Boolean(was.open) !== Boolean(next.open);
  }

  render({ unit, state, marks, heard, due, measures, open, depth }) {
    return html`<tr id=${`row-${unit.code}`} data-state=${state.word}>
      <th scope="row" style=${depth ? { paddingLeft: `${0.5 + depth * 1.25}rem` } : null}>${unit.kind === "unattributed" ? html`<i>Attributed to no one</i>` : html`<b class="code">${unit.code}</b> <span class="name">${unit.name}</span>`}</th>
      <td class=${state.overdue ? "late status" : "status"} title=${unit.conducted_separately?.footnote ?? null}><span class=${`mark mark-${state.mark}`} aria-hidden="true"></span> ${state.word}</td>
      ${measures.map((measure, at) => html`<td key=${measure.code} class="number" data-fresh=${marks[at] === "1" ? "" : null}><${Cell} figure=${unit.measures[measure.code]} measure=${measure} unit=${unit} open=${open} /></td>`)}
      <td class="number quiet">${heard}</td>
      <td class=${state.overdue ? "number late" : "number quiet"}>${due}</td>
    </tr>`;
  }
}

function Cell({ figure, measure, unit, open }) {
  const there = figure && Object.keys(figure.categories).length > 0;
  if (!there && !figure?.unquantified) return html`<span class="quiet" aria-hidden="true">–</span><span class="sr">no figure</span>`;
  const text = `${figure.unquantified ? "≥ " : ""}${shown(figure.total, measure)}`;
  const parts = Object.entries(figure.categories).filter(([name, quantity]) => name !== "unspecified" && exact(quantity) > 0n && Object.keys(figure.categories).length > 1);
  return html`${parts.length > 0 && html`<small class="quiet parts">${parts.map(([name, quantity]) => `${shown(quantity, measure)} ${name}`).join(", ")}</small> `}${open ? html`<button class="plain" aria-label=${`${text} ${measure.label}, ${unit.name}: where it comes from`} onClick=${() => open(measure.code)}>${text}</button>` : text}`;
}

function ordered(context, { by, down }, agencies) {
  const { totals, plan } = context;
  const units = totals.units.filter((unit) => agencies || unit.kind === "jurisdiction" || (unit.kind === "unattributed" && Object.keys(unit.measures).length) || (!unit.parent && unit.kind !== "unattributed"));
  const value = {
    name: (unit) => unit.name.toLowerCase(),
    state: (unit) => ["overdue", "not heard yet", "nil so far", "current", "separate"].indexOf(standing(unit, context).word),
    heard: (unit) => -(unit.last_report_at ? Date.parse(unit.last_report_at) : 0),
    due: (unit) => standing(unit, context).due ?? Infinity,
  }[by] ?? ((unit) => exact(unit.measures[by]?.total));
  const last = (unit) => (unit.kind === "unattributed" ? 2 : Number(!agencies && !plan.expected.has(unit.code)));
  if (agencies && by === "name" && !down) return inTree(units, plan.planned).map((unit) => unit.code);
  const keyed = units.map((unit) => [unit, value(unit)]);
  keyed.sort(([a, x], [b, y]) => last(a) - last(b) || (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1) || (a.code < b.code ? -1 : 1));
  return keyed.map(([unit]) => unit.code);
}
