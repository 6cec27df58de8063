/* What is open of one's own: sessions, this device, the passphrase. */

import { ask } from "./api.js";
import { asking } from "./forms.js";
import { all, fill, when } from "./rows.js";

const element = (id) => document.getElementById(id);
const own = element("own");

refresh();

async function refresh() {
  const sessions = await all("/sessions");
  const end = { word: () => "End it", act: (one) => ask("DELETE", `/sessions/${one.id}`), shown: (one) => !one.current };
  fill(element("sessions"), sessions, session, end, change);
  const signOut = { word: () => "Sign this device out for good", act: leave };
  fill(element("devices"), await all("/devices"), device, signOut, change);
}

const session = (one) => [
  `${one.browser}${one.current ? ", here" : ""}`,
  `since ${when(one.created_at)}, last used ${when(one.seen_at)}, from ${one.origin}${one.wall ? ", on a wall" : ""}`,
];

const device = (one) => [one.name, `${one.role} in ${one.operation}, ${one.browser}, until ${when(one.expires_at)} at most`];

async function change(act) {
  try {
    await act();
    await refresh();
  } catch (refused) {
    element("problem").textContent = refused.message;
  }
}

async function leave(one) {
  await ask("DELETE", `/devices/${one.id}`);
  location.replace("/sign-in?gone=1");
}

element("end-this")?.addEventListener("click", () =>
  change(async () => {
    await ask("DELETE", `/sessions/${own.dataset.session}`);
    location.replace(own.dataset.device ? "/unlock" : "/sign-in");
  }),
);

element("hang")?.addEventListener("click", () =>
  change(async () => {
    await ask("PATCH", `/sessions/${own.dataset.session}`, { wall: true });
    location.reload();
  }),
);

const form = element("change");
if (form)
  asking(form, async ({ current, passphrase }) => {
    await ask("PUT", "/accounts/this/passphrase", { current, passphrase });
    form.reset();
    element("changed").textContent = "Your passphrase is changed, and your other sessions have ended.";
    await refresh();
  });
