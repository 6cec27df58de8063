/* The totals document, kept up to date by the events of the stream. Pure: what did not change stays the very same object. */

import { exact } from "./figures.js";

/** The document after an event; one that brings nothing gives back the same document. */
export function after(totals, name, data) {
  if (name === "snapshot") return data;
  if (name === "phase") return { ...totals, phase: data.phase };
  if (name === "status") return { ...totals, ...data, position: Math.max(totals.position, data.position) };
  if (name !== "totals") return totals;
  const { national, units, ...others } = data;
  return { ...totals, ...others, national: { ...totals.national, ...national }, units: merged(totals.units, units) };
}

/* Units come with the measures that changed alone; one that was not shown before, whole. */
function merged(units, changed) {
  const news = new Map(changed.map((unit) => [unit.code, unit]));
  const known = units.map((unit) => {
    const one = news.get(unit.code);
    news.delete(unit.code);
    return one ? { ...unit, ...one, measures: { ...unit.measures, ...one.measures } } : unit;
  });
  return [...known, ...news.values()];
}

/** What is different between two documents: key -> by how much. Keys are "arrests" for the nation, "KY arrests" for a unit. */
export function differences(before, now) {
  const found = new Map();
  compare(before.national, now.national, "", found);
  const units = new Map(before.units.map((unit) => [unit.code, unit]));
  for (const unit of now.units) {
    const was = units.get(unit.code);
    if (was && was !== unit) compare(was.measures, unit.measures, `${unit.code} `, found);
  }
  return found;
}

function compare(before, now, prefix, found) {
  for (const [code, measure] of Object.entries(now)) {
    const change = exact(measure.total) - exact(before[code]?.total);
    if (change !== 0n) found.set(prefix + code, change);
  }
}
