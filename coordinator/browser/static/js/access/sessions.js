/* What is open of one's own: sessions, this device, the passphrase. */

import { ask } from "./api.js";
import { Confirmation } from "./confirmation.js";
import { asking } from "./forms.js";
import { forget, unsent } from "./kept.js";
import { all, fill, when } from "./rows.js";

const element = (id) => document.getElementById(id);
const own = element("own");

refresh().catch(said); // whoever locks this device meanwhile has no lists any more

async function refresh() {
  const sessions = await all("/sessions");
  const end = { word: () => "End it", act: (one) => ask("DELETE", `/sessions/${one.id}`), shown: (one) => !one.current };
  fill(element("sessions"), sessions, session, end, change);
  fill(element("devices"), await all("/devices"), device, null, change);
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
    said(refused);
  }
}

function said(refused) {
  element("problem").textContent = refused.message;
}

/* First out, and only then forgotten: where the hub can't be reached, nothing is lost that could not be had again. */
async function leave() {
  await ask("DELETE", own.dataset.device ? `/devices/${own.dataset.device}` : `/sessions/${own.dataset.session}`);
  await forget(element("unsent-too").checked);
  location.replace("/sign-in?gone=1");
}

const confirmation = element("confirm") && new Confirmation(element("confirm"));

element("forget")?.addEventListener("click", async () => {
  const count = await unsent();
  element("unsent").hidden = !count;
  element("unsent-too").checked = false;
  element("unsent-label").textContent = count === 1 ? "Remove this report too: it will never reach the hub" : `Remove these ${count} reports too: they will never reach the hub`;
  const kept = count === 1 ? "1 report on it has not reached the hub. It stays here, and goes out when someone of its unit signs in here again." : `${count} reports on it have not reached the hub. They stay here, and go out when someone of their unit signs in here again.`;
  const what = "You are signed out here, and what this browser keeps of operations is removed: figures, your unit's reports, what you have typed, and the page that opens without a network.";
  const back = own.dataset.device ? ["To come back you need a new invitation from your desk."] : [];
  confirmation.ask(`Forget this ${own.dataset.device ? "phone" : "browser"}?`, [what, ...(count ? [kept] : []), ...back], "Forget it", leave);
});

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

/* They do nothing until all this is there: so long they say so. */
for (const id of ["end-this", "hang", "forget"]) if (element(id)) element(id).disabled = false;

const form = element("change");
if (form)
  asking(form, async ({ current, passphrase }) => {
    await ask("PUT", "/accounts/this/passphrase", { current, passphrase });
    form.reset();
    element("changed").textContent = "Your passphrase is changed, and your other sessions have ended.";
    await refresh();
  });
