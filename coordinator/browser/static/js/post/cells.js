/* The arithmetic of one unit's own figures, as the hub does it: what a cell comes to with what the hub has and what still waits
   here. Pure, in whole units of 10^-scale (BigInt), so nothing is ever rounded. */

import { exact } from "../figures.js";

/** Every cell of an operation in its order: {key, measure, category}. */
export function cellsOf(operation) {
  return operation.measures.flatMap((measure) =>
    ordered(measure.categories).map((category) => ({ key: `${measure.code} ${category}`, measure, category, only: measure.categories.length === 1 })),
  );
}

/* What is not specified comes last, as what is left over does. */
const ordered = (categories) => [...categories.filter((name) => name !== "unspecified"), ...categories.filter((name) => name === "unspecified")];

/* What the hub has for the cell: `own` of the unit itself, null where no one has given a figure, and `below` of the units below it. */
function onHub(totals, unit, cell) {
  const whole = figureAt(totals, unit, cell);
  if (whole === null) return { own: null, below: 0n };
  const below = totals.units.filter((one) => one.parent === unit).reduce((sum, one) => sum + (figureAt(totals, one.code, cell) ?? 0n), 0n);
  return { own: whole - below, below };
}

function figureAt(totals, unit, cell) {
  const figure = totals?.units.find((one) => one.code === unit)?.measures[cell.measure.code]?.categories[cell.category];
  return figure === undefined ? null : exact(figure);
}

/** The entries of a report for one cell: {basis, at (ms), quantity}; none where it says nothing of it, or not how much. */
export function entriesOf(body, cell) {
  return body.lines
    .filter((line) => line.measure === cell.measure.code && (line.category ?? "unspecified") === cell.category && line.quantity !== undefined)
    .map((line) => ({ basis: body.basis, at: Date.parse(body.observed_at), quantity: exactly(line.quantity, cell.measure.scale) }));
}

/** position(t) over entries in the order of the journal: the latest standing figure, and the increments observed after it. */
export function position(entries) {
  let standing = null;
  for (const entry of entries) if (entry.basis === "to_date" && entry.at >= (standing?.at ?? -Infinity)) standing = entry;
  const after = entries.filter((entry) => entry.basis === "increment" && (!standing || entry.at > standing.at));
  return after.reduce((sum, entry) => sum + entry.quantity, standing?.quantity ?? 0n);
}

/** The reports of a unit that the totals of `position` hold, and all that will count when the queue has gone out, both in order.
    `reports` are the hub's, newest first; `entries` those of the queue. */
export function countedOf(reports, entries, unit, position) {
  const its = reports.filter((report) => report.unit === unit).reverse();
  const shown = new Set(its.flatMap((report) => [report.id, report.withdrawal?.id]));
  const coming = entries.filter((entry) => entry.unit === unit && ((entry.state === "waiting" && !arrived(entry, its)) || (entry.state === "received" && !shown.has(entry.receipt.id))));
  const gone = new Set(coming.map((entry) => entry.of));
  return {
    hub: its.filter((report) => folded(report.position, position) && !superseded(report, its, position)),
    here: [...its.filter((report) => report.status === "current" && !gone.has(report.id)), ...coming.filter((entry) => entry.kind !== "withdrawal").map((entry) => entry.body)],
  };
}

/* Whether the hub has it although its answer never came: by the same author, seen at the same thousandth of a second. */
const arrived = (entry, reports) =>
  reports.some((report) => entry.tried.includes(report.author.id) && Date.parse(report.observed_at) === Date.parse(entry.body.observed_at));

const folded = (place, position) => place !== null && place !== undefined && place <= position;

/* A correction older than the list is in the totals; one on the list may not be yet. */
function superseded(report, reports, position) {
  if (report.status === "current") return false;
  if (report.status === "withdrawn") return folded(report.withdrawal.position, position);
  const by = reports.find((one) => one.id === report.corrected_by);
  return !by || folded(by.position, position);
}

/** What one more report does to a cell: {before, after} of the unit's own figure, `before` null where there is none yet, and what
    the units `below` it have, which no report of its own changes. */
export function effect(totals, counted, unit, cell, body) {
  const { own, below } = onHub(totals, unit, cell);
  const at = (bodies) => position(bodies.flatMap((one) => entriesOf(one, cell)));
  const said = counted.here.some((one) => entriesOf(one, cell).length);
  const before = (own ?? 0n) + at(counted.here) - at(counted.hub);
  const without = body?.corrects ? counted.here.filter((one) => one.id !== body.corrects) : counted.here;
  return { before: own === null && !said ? null : before, after: body ? before + at([...without, body]) - at(counted.here) : before, below };
}

/** A figure of the API in units of 10^-scale, whatever decimals it was written with. */
export function exactly(figure, scale) {
  const [whole, part = ""] = String(figure).split(".");
  return BigInt(whole + part.padEnd(scale, "0").slice(0, scale));
}

/** The moment after which increments are new: that of the unit's last report, null where there is none. */
export function lastOf(counted) {
  const moments = counted.here.map((report) => Date.parse(report.observed_at));
  return moments.length ? Math.max(...moments) : null;
}

/** What a report says of each cell, with what it does to it: {cell, figure (BigInt or words), before, after, below}. */
export function factsOf(body, context) {
  return context.cells.flatMap((cell) => {
    const of = body.lines.filter((line) => line.measure === cell.measure.code && (line.category ?? "unspecified") === cell.category);
    if (!of.length) return [];
    const unknown = of.find((line) => line.unquantified !== undefined);
    if (unknown) return [{ cell, figure: unknown.unquantified, before: null, after: null, below: 0n }];
    const figure = entriesOf(body, cell).reduce((sum, entry) => sum + entry.quantity, 0n);
    return [{ cell, figure, ...effect(context.totals, context.counted, context.unit.code, cell, body) }];
  });
}
