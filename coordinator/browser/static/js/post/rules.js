/* The counting rules: whether whoever posts has acknowledged those in force, without which the hub takes no report. */

import { html } from "../../vendor/preact.js";
import { reportsAre } from "./words.js";

/** The version that is to be acknowledged before a report of this unit is taken; null where none is. */
export function owed(known, unit) {
  const asked = known.orders?.asked;
  if (!asked || !unit) return null;
  const own = new Map(asked.units.map((one) => [one.unit, one.acknowledged]));
  const units = known.operation?.units ?? [];
  for (let one = unit; one; one = units.find((other) => other.code === one.parent)) if (own.get(one.code)) return null;
  return asked.version;
}

export function Rules({ told, unit, code, waiting }) {
  const version = owed(told.known, unit);
  if (version === null && told.sending.held?.why !== "rules") return null;
  const kept = waiting ? `${reportsAre(waiting)} safe on this phone and will go out by ${waiting === 1 ? "itself" : "themselves"} once you have.` : "What you send before that is kept on this phone.";
  return html`<p class="banner late" id="rules-first"><b>Read the counting rules first.</b> ${version ? `Version ${version} is to be acknowledged before a report is taken.` : "They are to be acknowledged before a report is taken."} ${kept} <a class="button strong" href=${`/operations/${encodeURIComponent(code)}/briefing`}>Read and acknowledge</a></p>`;
}
