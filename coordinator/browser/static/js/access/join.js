/* Taking an invitation. Its secret stands after the # of the address, which no browser sends and no preview reads; only joining
   spends it. A request whose answer was lost is sent again under the same key, and gets the same device. */

import { ask } from "./api.js";
import { asking } from "./forms.js";
import { when } from "./rows.js";

const element = (id) => document.getElementById(id);
const onDevice = element("on-device");
const asAccount = element("as-account");
const invitation = location.hash.slice(1);
const key = crypto.randomUUID();

look();

async function look() {
  try {
    show(await ask("POST", "/invitations/offer", { invitation }));
  } catch (refused) {
    element("looking-text").textContent = invitation ? refused.message : "This address holds no invitation. Open the whole link you were sent.";
    element("looking-else").hidden = false;
  }
}

function show(offer) {
  element("offer-operation").textContent = offer.operation_name ?? "this whole hub";
  element("offer-role").textContent = offer.role;
  const units = offer.units.map((unit) => `${unit.name} (${unit.code})`).join(", ");
  element("offer-units").textContent = units;
  element("offer-units").hidden = element("offer-units-label").hidden = !units;
  element("offer-until").textContent = when(offer.expires_at);
  element("device-name").value = offer.name;
  element("looking").hidden = true;
  element("offer").hidden = false;
  if (offer.role === "admin") choose(asAccount);
  element("want-device").hidden = offer.role === "admin";
}

function choose(form) {
  onDevice.hidden = form !== onDevice;
  asAccount.hidden = form !== asAccount;
  form.querySelector("input").focus();
}

element("want-account").addEventListener("click", () => choose(asAccount));
element("want-device").addEventListener("click", () => choose(onDevice));

asking(onDevice, async ({ name, code }) => {
  const right = await ask("POST", "/devices", { invitation, name, code }, { "Idempotency-Key": key });
  joined(right, "This device stays signed in until the operation is over. Locked or left alone, it asks for your short code.");
});

asking(asAccount, async ({ name, passphrase }) => {
  const right = await ask("POST", "/accounts", { invitation, name, passphrase });
  joined(right, "Sign in by this name and passphrase wherever you are.");
});

function joined(right, text) {
  history.replaceState(null, "", "/join");
  element("joined-text").textContent = `${right.name}: ${text}`;
  element("joined-on").href = right.operation ? `/operations/${right.operation}` : "/";
  element("joined-on").textContent = right.operation ? (right.role === "liaison" ? "Post figures" : "To the board") : "To the operations";
  element("offer").hidden = true;
  element("joined").hidden = false;
  element("joined-on").focus();
}
