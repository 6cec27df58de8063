/* Signing in by name and passphrase. */

import { ask } from "./api.js";
import { asking } from "./forms.js";

const form = document.getElementById("sign-in");

asking(form, async ({ name, passphrase }) => {
  await ask("POST", "/sessions", { name, passphrase });
  location.replace(form.dataset.after);
});
