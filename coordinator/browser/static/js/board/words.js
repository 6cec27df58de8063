/* What the board says of an operation and its units: pure. */

import { exact } from "../figures.js";

export const OPEN = new Set(["live", "standing_down"]);

/** How this operation is drawn and spoken of, from its document and the places of states. */
export function planOf(operation, tiles) {
  const jurisdictions = operation.units.filter((unit) => unit.kind === "jurisdiction");
  const states = jurisdictions.filter((unit) => tiles[unit.code]);
  const mapped = states.length > 1 && states.length * 2 >= jurisdictions.length;
  const depth = new Map();
  for (const unit of operation.units) depth.set(unit.code, unit.parent ? (depth.get(unit.parent) ?? 0) + 1 : 0);
  return {
    mapped,
    one: mapped ? "state" : "jurisdiction",
    many: mapped ? "states" : "jurisdictions",
    jurisdictions,
    expected: new Set(jurisdictions.filter((unit) => unit.expected).map((unit) => unit.code)),
    planned: new Map(operation.units.map((unit) => [unit.code, unit])),
    measures: new Map(operation.measures.map((measure) => [measure.code, measure])),
    depth,
  };
}

/** Where a unit stands: the word, the mark that goes with it, and when its next report is due (null where none is);
    `paces` has the minutes between two of a unit, for whoever may know them. */
export function standing(unit, { plan, operation, totals, paces }) {
  if (unit.conducted_separately) return { word: "separate", mark: "ring", due: null };
  if (unit.kind === "unattributed" || !plan.expected.has(unit.code)) return { word: unit.last_report_at ? "heard" : "no reports", mark: unit.last_report_at ? "dot" : "none", due: null };
  const since = unit.last_report_at ?? operation.live_at ?? operation.starts_at;
  const due = OPEN.has(totals.phase) ? Date.parse(since) + (paces?.get(unit.code) ?? operation.reporting_interval_minutes) * 60000 : null;
  const overdue = totals.reporting.overdue.includes(unit.code);
  if (overdue) return { word: "overdue", mark: "diamond", due, overdue };
  if (!unit.last_report_at) return { word: "not heard yet", mark: "hollow", due };
  if (totals.reporting.nil.includes(unit.code)) return { word: "nil so far", mark: "bar", due };
  return { word: "current", mark: "dot", due };
}

/** Who is overdue and has to be called, the longest first; and who has said nothing yet, and need not have: a night that has just
    begun is no alarm. */
export function toCall(context) {
  const { plan, totals } = context;
  const all = totals.units.filter((unit) => plan.expected.has(unit.code)).map((unit) => ({ unit, ...standing(unit, context) }));
  return {
    calls: all.filter((one) => one.overdue).sort((a, b) => a.due - b.due),
    waiting: all.filter((one) => !one.overdue && one.due !== null && !one.unit.last_report_at).sort((a, b) => a.due - b.due),
  };
}

/** What a national figure is made of, in units of 10^-scale: by the states in the window, apart from it, and of no one. */
export function made(code, { plan, totals }) {
  const parts = { inside: 0n, separate: 0n, nobody: 0n, separately: [], with: 0, among: 0 };
  for (const unit of totals.units) {
    const figure = unit.measures[code];
    const there = figure && Object.keys(figure.categories).length > 0;
    if (plan.expected.has(unit.code)) {
      parts.among += 1;
      parts.with += there ? 1 : 0;
    }
    if (!there) continue;
    if (unit.kind === "unattributed") parts.nobody += exact(figure.total);
    else if (unit.kind !== "jurisdiction" || unit.parent) continue;
    else if (unit.conducted_separately) {
      parts.separate += exact(figure.total);
      parts.separately.push(unit.code);
    } else parts.inside += exact(figure.total);
  }
  return parts;
}

/** "1 of 1 jurisdiction", "11 of 12 states". */
export const outOf = (some, all, plan) => `${some} of ${all} ${all === 1 ? plan.one : plan.many}`;

/** Units below the one they belong to, by name among their like; what belongs to no one last. */
export function inTree(units, planned) {
  const path = (unit) => (["unattributed", "overlap"].includes(unit.kind) ? `\uffff${unit.kind === "overlap"}` : `${planned.has(unit.parent) ? path(planned.get(unit.parent)) : ""}\u0000${unit.name.toLowerCase()} ${unit.code}`);
  return units.map((unit) => [path(unit), unit]).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, unit]) => unit);
}

/** "a, b and c" */
export const listed = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);

/** By which way a report came, as people say it. */
export const CHANNELS = { api: "by a program", page: "on a page", telephone: "by telephone", console: "at the hub's own machine", adjustment: "as an adjustment" };

export const STATUS = {
  exercise: "exercise",
  "unofficial-partial": "unofficial, partial",
  "unofficial-complete": "unofficial, complete",
  certified: "certified",
};
