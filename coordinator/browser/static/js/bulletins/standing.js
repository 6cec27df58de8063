/* The stand-down: who has not understood it yet, and going on without them. */

import { html } from "../../vendor/preact.js";
import { fieldsOf, useActing } from "./acting.js";

export function StandDown({ context, standing }) {
  const [act, problem, busy] = useActing();
  if (standing.state === "not ordered") return null;
  const close = (event) => { const { reason } = fieldsOf(event); act(() => context.send("/stand-down/close", { reason })); };
  return html`<section class="card" id="stand-down" aria-labelledby="stand-down-title">
    <h3 id="stand-down-title">Stand-down: ${standing.state}</h3>
    ${standing.state === "over" && html`<p class="done">Every unit has understood it.</p>`}
    ${standing.closed && html`<p>Closed by ${standing.closed.by} without ${standing.closed.missing.join(", ")}: ${standing.closed.reason}</p>`}
    ${standing.state === "under way" && html`<p><b class="late">Not understood yet: ${standing.missing.join(", ")}</b></p>`}
    ${standing.state === "under way" && context.desk && html`<details class="no-print"><summary>Go on without them</summary><form class="form" onSubmit=${close}><label for="close-reason">Why</label><input type="text" id="close-reason" name="reason" maxlength="500" required autocomplete="off" /><p class="buttons"><button disabled=${busy}>Close the stand-down</button></p></form></details>`}
    ${problem && html`<p class="error" role="alert">${problem}</p>`}
  </section>`;
}
