/* The short check: a liaison answers, and acknowledges for all of its units with one button. */

import { html, useState } from "../../vendor/preact.js";

const owing = (context) => (context.asked?.units ?? []).filter((one) => !one.acknowledged).map((one) => one.unit);

/** Above the pages: that something is to be done below them. */
export function Owed({ context }) {
  const units = owing(context);
  if (!units.length) return null;
  return html`<p class="note late owed"><span><b>Read this first.</b> Until you have acknowledged it, no report of ${units.join(", ")} is taken from you. What you send meanwhile is kept on your phone.</span> <a class="button" href="#check">To the short check</a></p>`;
}

export function Check({ context }) {
  const { asked, check } = context;
  const [left, leave] = useState(() => owing(context));
  const [wrong, say] = useState({});
  const [problem, complain] = useState("");
  const [busy, be] = useState(false);
  const answer = async (event) => {
    event.preventDefault();
    const fields = new FormData(event.target);
    const answers = check.map((_, at) => Number(fields.get(`answer-${at}`)));
    be(true);
    complain("");
    say({});
    try {
      for (const unit of left) {
        await context.send(`/briefings/${asked.version}/acknowledgements`, { unit, answers });
        leave((now) => now.filter((one) => one !== unit));
      }
      await context.send(`/briefings/${context.version}/read`);
      document.getElementById("above").replaceChildren();
    } catch (refused) {
      say(refused.errors ?? {});
      complain(refused.message);
    }
    be(false);
  };
  if (!context.version) return null;
  if (!asked) return html`<${Read} context=${context} />`;
  if (!left.length) return html`<section class="card check" id="check" tabindex="-1"><p class="done" role="status">You have acknowledged version ${asked.version} of the counting rules.</p><p class="buttons"><a class="button strong" href=${`${context.path}/post`}>Post figures</a></p></section>`;
  return html`<form class="card check" id="check" tabindex="-1" aria-labelledby="check-title" onSubmit=${answer}>
    <h2 id="check-title">The short check</h2>
    ${check.length === 0 && html`<p>No question is asked.</p>`}
    ${check.map((one, at) => html`<fieldset key=${at} aria-describedby=${`wrong-${at}`}>
      <legend>${at + 1}. ${one.question}</legend>
      ${one.choices.map((choice, number) => html`<label class="choice" key=${number}><input type="radio" name=${`answer-${at}`} value=${number} required /> <span>${choice}</span></label>`)}
      <p class="error" id=${`wrong-${at}`} role="alert">${(wrong[`/answers/${at}`] ?? []).join(" ")}</p>
    </fieldset>`)}
    <p class="error" role="alert">${problem}</p>
    <p class="buttons"><button class="strong large" disabled=${busy}>I have read it and count by it (${left.join(", ")})</button></p>
  </form>`;
}

/* Nothing is to be acknowledged: that it was read is worth knowing all the same. */
function Read({ context }) {
  const [at, mark] = useState(null);
  const [problem, complain] = useState("");
  const say = () => context.send(`/briefings/${context.version}/read`).then(mark, (refused) => complain(refused.message));
  return html`<p class="buttons">${at ? html`<b class="done" role="status">The desk knows that you have read it.</b>` : html`<button class="strong large" onClick=${say}>I have read it</button>`}</p><p class="error" role="alert">${problem}</p>`;
}
