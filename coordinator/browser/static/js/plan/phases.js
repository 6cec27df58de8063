/* The phases: where the operation is, and the one step it can take, with what that means said before it is taken. */

import { html } from "../../vendor/preact.js";
import { planOf } from "../board/words.js";

export const worded = (phase) => phase.replaceAll("_", " ");

const STEPS = { briefing: "Begin the briefing", live: "Go live", standing_down: "Stand down", reconciling: "Begin to reconcile", archived: "Archive" };

/** What each step means, as sentences. */
export function meaning(phase, operation, states) {
  const plan = planOf(operation, states);
  const who = `${plan.expected.size} ${plan.expected.size === 1 ? plan.one : plan.many}`;
  const interval = operation.reporting_interval_minutes;
  return {
    briefing: ["Those who take part are briefed. No report is taken yet, and the plan can still be changed."],
    live: [`Reports are taken from now on. Liaisons of ${who} can post.`, `Whoever says nothing for ${interval} ${interval === 1 ? "minute" : "minutes"} is shown as overdue from now on.`],
    standing_down: [`The action ends. Reports of ${who} are still taken, and silence is still overdue.`],
    reconciling: ["Nobody is overdue any more. Reports, corrections and withdrawals are still taken, so that figures can be put right."],
    archived: ["The operation is over. Its figures can still be read.", "Nobody can join it any more, and the devices that joined it are signed out."],
  }[phase];
}

export function Phases({ operation, phases, step }) {
  const at = phases.indexOf(operation.phase);
  const next = phases[at + 1];
  return html`
    <ol class="phases">${phases.map((phase, number) => html`<li key=${phase} data-when=${number < at ? "past" : number === at ? "now" : "later"} aria-current=${number === at ? "step" : undefined}>${worded(phase)}${number < at ? html`<span class="sr"> (past)</span>` : ""}</li>`)}</ol>
    ${next === "certified" ? html`<a class="button strong large no-print" id="next" href="/operations/${operation.code}/certification">To certification</a>` : next ? html`<button class="strong large no-print" id="next" onClick=${() => step(next, STEPS[next])}>${STEPS[next]}…</button>` : html`<p class="quiet">This is the last phase.</p>`}`;
}
