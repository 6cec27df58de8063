/* Rehearsing an operation: its exercises, who has practised in them, and the signature that its own counters are at zero. */

import { html, render } from "../../vendor/preact.js";
import { ask } from "../access/api.js";

const BEFORE = new Set(["planned", "briefing"]);

export class Rehearsal {
  /* `place` is where it is drawn; `confirm(title, sentences, word, act)` asks before anything is done, `say(text)` says that it was. */
  constructor(place, code, confirm, say) {
    Object.assign(this, { place, path: `/operations/${code}`, confirm, say, told: null, link: null });
  }

  /** Looks at the hub, and draws what there is. */
  async look() {
    const [exercises, practice, zero] = await Promise.all(["exercises", "practice", "zero"].map((name) => ask("GET", `${this.path}/${name}`)));
    this.told = { exercises: exercises.items, practice, zero };
    this.draw();
  }

  draw(operation = this.operation) {
    this.operation = operation;
    if (this.told && operation) render(html`<${Shown} ...${this.told} operation=${operation} link=${this.link} make=${() => this.make()} sign=${() => this.sign()} />`, this.place);
  }

  make() {
    const key = crypto.randomUUID();
    const sentences = ["It has the same units, measures and rules under a code of its own, and is marked on everything it puts out.", "Nobody who takes part here is let in there: invite them to the exercise."];
    this.confirm("Make an exercise?", sentences, "Make it", async () => {
      const made = await ask("POST", `${this.path}/exercises`, {}, { "Idempotency-Key": key });
      this.link = made.invitation;
      await this.look();
      this.say(`Made: ${made.code}.`);
    });
  }

  sign() {
    const key = crypto.randomUUID();
    this.confirm("Sign that every counter is at zero?", [`No report stands in ${this.operation.name}. It is signed once, and stands on the record with your name.`], "Sign", async () => {
      await ask("POST", `${this.path}/zero`, undefined, { "Idempotency-Key": key });
      await this.look();
      this.say("Signed: every counter is at zero.");
    });
  }
}

function Shown({ exercises, practice, zero, operation, link, make, sign }) {
  if (operation.exercise) return html`<${Practice} practice=${practice} />`;
  return html`
    ${exercises.length > 0 && html`<ul class="tree">${exercises.map((one) => html`<li key=${one.code}><b>${one.code}</b> <span class="small quiet">${one.name}, ${one.phase.replaceAll("_", " ")}</span></li>`)}</ul>
    <${Practice} practice=${practice} />`}
    ${link && html`<p>You become its desk by this link, which is shown once: <a href=${link}>to the exercise</a>.</p>`}
    ${zero.signed && html`<p id="zero-signed">Every counter is at zero: signed by ${zero.signed.by}.</p>`}
    ${zero.needed && !zero.signed && BEFORE.has(operation.phase) && html`<p>It was rehearsed: before it goes live, sign that every counter of it is at zero.</p>`}
    <p class="buttons no-print">
      <button id="rehearse" onClick=${make}>Make an exercise…</button>
      ${zero.needed && !zero.signed && BEFORE.has(operation.phase) && html`<button class="strong" id="sign-zero" onClick=${sign}>Sign zero…</button>`}
    </p>`;
}

function Practice({ practice }) {
  const done = practice.units.length - practice.missing.length;
  const what = ({ reported, acknowledged }) => (reported ? "no acknowledgement yet" : acknowledged ? "no report yet" : "nothing yet");
  return html`<p>${done} of ${practice.units.length} have practised: sent a report, and acknowledged a bulletin.</p>
    ${practice.missing.length > 0 && html`<ul class="tree" aria-label="Who has not practised">${practice.units.filter((one) => practice.missing.includes(one.unit)).map((one) => html`<li key=${one.unit}>${one.unit} ${one.name} <span class="small quiet">${what(one)}</span></li>`)}</ul>`}`;
}
