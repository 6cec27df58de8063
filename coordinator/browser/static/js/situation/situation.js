/* Situation reports: each form sends its fields to the address it names, once, and the page is then as the hub has it. */

import { ask } from "../access/api.js";
import { asking } from "../access/forms.js";
import { startClock } from "../clock.js";

const place = `/operations/${document.querySelector("[data-operation]").dataset.operation}`;

for (const form of document.querySelectorAll("form[data-act]")) {
  let key = crypto.randomUUID();
  form.addEventListener("input", () => { key = crypto.randomUUID(); });
  asking(form, async (fields) => {
    await ask("POST", place + form.dataset.act, body(fields), { "Idempotency-Key": key });
    location.assign(location.pathname + (form.dataset.act.endsWith("/approval") ? location.search : ""));
  });
}

document.getElementById("print")?.addEventListener("click", () => print());
startClock();

/** What the hub takes: without fields left empty, but for the schedule, of which empty means none. */
function body(fields) {
  if ("every_minutes" in fields) return { every_minutes: fields.every_minutes === "" ? null : Number(fields.every_minutes) };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}
