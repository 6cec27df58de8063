/* Certification: each form sends what it shows to the address it names, once, and the page is then as the hub has it. */

import { ask } from "../access/api.js";
import { asking } from "../access/forms.js";

const place = `/operations/${document.querySelector("[data-operation]").dataset.operation}`;

for (const form of document.querySelectorAll("form[data-act]")) {
  const key = crypto.randomUUID();
  asking(form, async (fields) => {
    const body = "position" in fields ? { ...fields, position: Number(fields.position) } : fields;
    await ask("POST", place + form.dataset.act, body, { "Idempotency-Key": key });
    location.reload();
  });
}
