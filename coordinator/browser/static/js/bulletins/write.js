/* Writing a bulletin: to all or to some, how urgent, and by when it is to be acknowledged. */

import { html, useState } from "../../vendor/preact.js";
import { useActing } from "./acting.js";

const WITHIN = { flash: "5", immediate: "15", routine: "" };

export function Write({ context, superseding, done }) {
  const { operation, over } = context;
  const [act, problem, busy] = useActing();
  const [priority, setPriority] = useState(superseding?.bulletin.priority ?? "routine");
  const [within, setWithin] = useState(WITHIN[priority]);
  const [some, setSome] = useState(false);
  const [said, say] = useState("");
  if (over) return null;
  const old = superseding?.bulletin;
  const submit = (event) => {
    event.preventDefault();
    const form = event.target;
    const fields = new FormData(form);
    const minutes = Number(within);
    const body = { text: fields.get("text"), priority, kind: superseding?.kind ?? "alert" };
    if (old) body.supersedes = old.id;
    if (some) body.units = fields.getAll("unit");
    if (minutes) body.acknowledge_by = new Date(Date.now() + minutes * 60000).toISOString();
    act(async () => {
      const made = await context.send("/bulletins", body);
      form.reset();
      say(`Sent: bulletin ${made.number}.`);
      if (old) done();
    });
  };
  const choose = (one) => { setPriority(one); setWithin(WITHIN[one]); };
  const title = old ? `${superseding.kind === "cancel" ? "Cancel" : "Update"} bulletin ${old.number}` : "Write a bulletin";
  return html`<section class="card no-print" id="write" aria-labelledby="write-title">
    <h3 id="write-title">${title}</h3>
    <form class="form" onSubmit=${submit}>
      <label for="write-text">Text</label>
      <textarea id="write-text" name="text" rows="4" maxlength="2000" required aria-describedby="write-hint">${old && superseding.kind === "update" ? old.text : ""}</textarea>
      <p class="quiet small" id="write-hint">No names, numbers or anything else that could identify a person.</p>
      <fieldset><legend>Priority</legend>${["routine", "immediate", "flash"].map((one) => html`<label class="choice" key=${one}><input type="radio" name="priority" value=${one} checked=${priority === one} onChange=${() => choose(one)} /> ${one}</label>`)}</fieldset>
      <label for="write-within">To be acknowledged within</label>
      <select id="write-within" value=${within} onChange=${(event) => setWithin(event.target.value)}><option value="">not asked for</option>${[5, 15, 30, 60].map((one) => html`<option key=${one} value=${String(one)}>${one} minutes</option>`)}</select>
      ${!old && html`<fieldset><legend>To</legend>
        <label class="choice"><input type="radio" name="to" checked=${!some} onChange=${() => setSome(false)} /> all</label>
        <label class="choice"><input type="radio" name="to" checked=${some} onChange=${() => setSome(true)} /> some units</label>
        ${some && html`<div class="choices">${operation.units.filter((one) => one.kind !== "unattributed").map((one) => html`<label class="choice" key=${one.code}><input type="checkbox" name="unit" value=${one.code} /> ${one.code} <small class="quiet">${one.name}</small></label>`)}</div>`}
      </fieldset>`}
      ${old && html`<p class="quiet">To ${old.to_all ? "all" : old.units.join(", ")}, as the one before.</p>`}
      ${problem && html`<p class="error" role="alert">${problem}</p>`}
      <p class="done" role="status">${said}</p>
      <p class="buttons"><button class="strong" disabled=${busy}>Send</button>${old && html`<button type="button" onClick=${done}>Not now</button>`}</p>
    </form>
  </section>`;
}
