/* Unlocking this device by its short code. */

import { ask, Refused } from "./api.js";
import { asking } from "./forms.js";

const form = document.getElementById("unlock");
const code = document.getElementById("code");

asking(form, async () => {
  try {
    await ask("POST", "/devices/this/sessions", { code: code.value });
    location.replace(form.dataset.after);
  } catch (refused) {
    code.value = "";
    if (refused instanceof Refused) await leaveIfGone();
    throw refused;
  }
});

code.addEventListener("input", () => code.validity.valid && code.value && form.requestSubmit());
code.focus();

async function leaveIfGone() {
  const gone = await ask("GET", "/devices/this").then(() => false, (refused) => refused.status === 404);
  if (gone) location.replace("/sign-in?gone=1");
}
