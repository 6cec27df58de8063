/* The spoken line on the page: a liaison's report that has not gone out, to be read out, and the desk's field in which it is typed. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { lineOf, spelled } from "./line.js";
import { ask } from "./sending.js";

const QUIET = 250;

/** What a waiting report says over a telephone. Once it has been shown the desk may have it: it is not changed here any more. */
export function Line({ entry, context, tell }) {
  const line = entry.kind === "report" ? lineOf(context.operation, entry.body, entry.key) : null;
  const [spelling, setSpelling] = useState(false);
  if (!line) return html`<p class="quiet">No signal for long? Call the desk and tell it${entry.kind === "report" ? "" : `: a ${entry.kind} can't be said as a line`}.</p>`;
  if (!entry.said) return html`<p><button type="button" onClick=${tell}>Read it to the desk</button></p>`;
  return html`<div class="spoken">
    <p>Call the desk and read this line, group by group:</p>
    <p class="spoken-line">${spelled(line).map(({ text }, n) => html`<span key=${n}>${text}</span> `)}</p>
    <p class="quiet">It still goes out by itself and counts once. ${entry.body.note ? "The note goes with it, not with the line. " : ""}Once the hub has it, it can be corrected.</p>
    <button type="button" aria-expanded=${String(spelling)} onClick=${() => setSpelling(!spelling)}>Spell it</button>
    ${spelling && html`<ol class="spelling">${spelled(line).map(({ text, said }, n) => html`<li key=${n}><b>${text}</b> ${said}</li>`)}</ol>`}
  </div>`;
}

/** The desk types a line: it is read back while it is typed, and taken when the caller has said yes to that. */
export function Hearing({ code, names }) {
  const [text, setText] = useState("");
  const [heard, setHeard] = useState(null);
  const [taken, setTaken] = useState("");
  const key = useRef(crypto.randomUUID());
  const path = `/api/v1/operations/${encodeURIComponent(code)}/spoken`;
  const line = text.trimEnd();
  useEffect(() => {
    setHeard(null);
    if (!line.includes("#")) return undefined;
    let current = true;
    const timer = setTimeout(async () => {
      const answer = await send(path, { line });
      if (current) setHeard(answer);
    }, QUIET);
    return () => { current = false; clearTimeout(timer); };
  }, [line]);
  const type = (event) => { setText(event.target.value); setTaken(""); key.current = crypto.randomUUID(); };
  const take = async (event) => {
    event.preventDefault();
    const answer = await send(`${path}/taking`, { line }, key.current);
    if (answer.problem) return setHeard(answer);
    setText("");
    return setTaken(answer.before ? "The hub had it already. It counts once." : `Taken. It counts for ${names.get(answer.unit) ?? answer.unit}.`);
  };
  return html`<form class="card hearing" aria-labelledby="hearing-title" onSubmit=${take}>
    <h2 id="hearing-title">A line by telephone</h2>
    <label for="heard">The line as they read it</label>
    <input id="heard" type="text" autocapitalize="characters" autocomplete="off" autocorrect="off" spellcheck="false" maxlength="2000" placeholder="KY NEW A46 5Q7 K02 X4T #R7" value=${text} aria-describedby="heard-said" aria-invalid=${heard?.problem ? "true" : null} onInput=${type} />
    <div id="heard-said" role="status">
      ${heard?.problem && html`<p class="wrong">${heard.problem}</p>`}
      ${heard?.good && html`<p class="read-back">${heard.says}</p><p class="quiet">${heard.there ? "The hub has this report already." : "Read it back. If they say yes, take it."}</p>`}
      ${taken && html`<p class="done" data-there>${taken}</p>`}
    </div>
    ${heard?.good && !heard.there && html`<button class="strong">They say yes: take it</button>`}
  </form>`;
}

/* The answer's body; where there is none of the hub's, or it refuses, `problem` says so. */
async function send(path, content, key) {
  const headers = { "Content-Type": "application/json", ...(key ? { "Idempotency-Key": key } : {}) };
  const answer = await ask(path, { method: "POST", headers, body: JSON.stringify(content) });
  if (answer.status === 200 || answer.status === 201) return answer.body;
  return { problem: answer.problem ? Object.values(answer.body.errors ?? {}).flat().join(" ") || answer.body.detail : "The hub can't be reached now. Keep the line on paper, and try again." };
}
