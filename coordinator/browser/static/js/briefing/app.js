/* The page of the briefing. The pack itself stands in the page; this adds what can be done about it. */

import { html, render } from "../../vendor/preact.js";
import { ask } from "../access/api.js";
import { startClock } from "../clock.js";
import "../presence.js";
import { Check, Owed } from "./check.js";
import { Changes, Heard } from "./heard.js";
import { Write } from "./write.js";

const content = JSON.parse(document.getElementById("content").textContent);
const path = `/operations/${content.operation.code}`;

const context = {
  ...content,
  path,
  read: (rest) => ask("GET", path + rest),
  /** Sends a write under a key of its own. */
  send: (rest, body) => ask("POST", path + rest, body, { "Idempotency-Key": crypto.randomUUID() }),
};

function Below() {
  if (!content.desk) return html`<${Check} context=${context} />`;
  return html`<div class="desk stack-inner">
    ${content.version && html`<${Heard} context=${context} /><${Changes} context=${context} />`}
    ${content.over ? html`<p class="card quiet">The operation is over: nobody is briefed for it any more.</p>` : html`<${Write} context=${context} />`}
  </div>`;
}

startClock();
const below = document.getElementById("below");
below.removeAttribute("aria-busy");
render(html`<${Below} />`, below);
if (!content.desk) render(html`<${Owed} context=${context} />`, document.getElementById("above"));
