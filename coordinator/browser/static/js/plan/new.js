/* A new operation: from a template, whose parts stay as they are, or from nothing but its first measure. */

import { ask } from "../access/api.js";
import { asking } from "../access/forms.js";
import { sentWindow, shownWindow, speak } from "./window.js";

const form = document.getElementById("new");
const problem = form.querySelector('[data-error=""]');
const first = document.getElementById("first");
const hint = document.getElementById("new-template-hint");
const tell = speak(form);

let key = crypto.randomUUID();
let body = {};

async function begin() {
  const { template } = form.elements;
  hint.textContent = template.selectedOptions[0].dataset.hint ?? "";
  first.hidden = first.disabled = Boolean(template.value);
  problem.textContent = "";
  body = {};
  if (!template.value) return;
  try {
    body = await ask("GET", `/templates/${template.value}`);
  } catch (refused) {
    problem.textContent = refused.message;
    return;
  }
  for (const [name, value] of Object.entries({ code: body.code, name: body.name, ...shownWindow(body) })) form.elements[name].value = value;
  tell();
}

asking(form, async (fields) => {
  const own = { code: fields.code, name: fields.name, exercise: fields.exercise === "on", ...sentWindow(fields) };
  const parts = fields.template ? body : { measures: [{ code: fields.measure, label: fields.label, unit: fields.unit }] };
  try {
    const made = await ask("POST", "/operations", { ...parts, ...own }, { "Idempotency-Key": key });
    location.assign(`/operations/${made.code}/plan`);
  } catch (refused) {
    key = crypto.randomUUID();
    if (refused.type === "/problems/code-taken") refused.errors = { "/code": [refused.message] };
    throw refused;
  }
});

form.elements.template.addEventListener("change", begin);
if (!form.elements.time_zone.value) form.elements.time_zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
begin();
