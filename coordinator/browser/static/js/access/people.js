/* Who takes part in an operation: invitations, rights, devices, sessions and accounts, each made or ended by the API. */

import { ask } from "./api.js";
import { asking } from "./forms.js";
import { all, fill, when } from "./rows.js";

const element = (id) => document.getElementById(id);
const operation = element("people").dataset.operation;
const form = element("invite");
const role = element("invite-role");
const DAY = 86_400_000;

let key = crypto.randomUUID();

const LISTS = [
  ["invitations", (one) => [one.name, `${as(one)}, ${one.state}, until ${when(one.expires_at)}`, one.state !== "open"],
    { word: () => "Revoke", act: (one) => ask("DELETE", `/invitations/${one.id}`), shown: (one) => one.state === "open" }],
  ["tokens", (one) => [one.name, `${as(one)}, held by ${HOLDERS[one.holder]}, since ${when(one.created_at)}${ended(one)}`, one.revoked_at],
    { word: () => "Revoke", act: (one) => ask("DELETE", `/tokens/${one.id}`), shown: (one) => !one.revoked_at }],
  ["devices", (one) => [one.name, `${one.role}, ${one.browser}, since ${when(one.created_at)}, ${one.tries_left} tries left`],
    { word: () => "Sign out", act: (one) => ask("DELETE", `/devices/${one.id}`) }],
  ["sessions", (one) => [one.name, `${one.browser} from ${one.origin}, last used ${when(one.seen_at)}${one.wall ? ", on a wall" : ""}${one.current ? ", here" : ""}`],
    { word: () => "End it", act: (one) => ask("DELETE", `/sessions/${one.id}`), shown: (one) => !one.current }],
  ["accounts", (one) => [one.name, one.locked ? `locked by ${LOCKS[one.locked]}` : `since ${when(one.created_at)}`], null],
];
const HOLDERS = { text: "a program", account: "an account", device: "a device" };
const LOCKS = { admin: "an admin", attempts: "failures to sign in, for 15 minutes" };

const as = (one) => `${one.role}${one.units.length ? ` for ${one.units.join(", ")}` : ""}`;
const ended = (one) => (one.revoked_at ? `, revoked ${when(one.revoked_at)}` : "");

async function refresh() {
  const read = LISTS.map(([name]) => all(`/${name}`, name === "tokens" ? {} : { operation }));
  for (const [index, [name, told, end]] of LISTS.entries()) {
    const items = (await read[index]).filter((one) => name !== "tokens" || one.operation === operation);
    fill(element(name), items, told, end, change);
  }
}

async function change(act) {
  element("problem").textContent = "";
  try {
    await act?.();
    await refresh();
  } catch (refused) {
    element("problem").textContent = refused.message;
  }
}

function onlyLiaisonsHaveUnits() {
  element("invite-units").hidden = role.value !== "liaison";
}

asking(form, async ({ name, role, unit, days }, kind) => {
  const expires_at = new Date(Date.now() + Number(days) * DAY).toISOString();
  const asked = { name, role, operation, units: role === "liaison" ? [unit] : [], expires_at };
  const made = await ask("POST", kind === "token" ? "/tokens" : "/invitations", asked, { "Idempotency-Key": key });
  key = crypto.randomUUID();
  form.reset();
  onlyLiaisonsHaveUnits();
  (kind === "token" ? showToken : showInvitation)(made);
  await change();
});

function showInvitation(made) {
  show(`Invitation for ${made.name}`, `Good once, until ${when(made.expires_at)}. It is shown this once: send the link, or let it be photographed.`, made.link);
  const picture = new DOMParser().parseFromString(made.qr.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '), "image/svg+xml");
  const drawn = document.importNode(picture.documentElement, true);
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", "The link as a QR code");
  element("made-qr").replaceChildren(drawn);
}

function showToken(made) {
  show(`Token for ${made.name}`, `Good until ${when(made.expires_at)}. It is shown this once: keep it where the program reads it.`, made.token);
  element("made-qr").replaceChildren();
}

function show(title, text, secret) {
  element("made-title").textContent = title;
  element("made-text").textContent = text;
  element("made-secret").textContent = secret;
  element("copied").textContent = "";
  element("made").hidden = false;
  element("made").focus();
}

function putAway() {
  element("made").hidden = true;
  element("made-secret").textContent = "";
  element("made-qr").replaceChildren();
}

role.addEventListener("change", onlyLiaisonsHaveUnits);
onlyLiaisonsHaveUnits(); // whoever was quicker than this file has chosen already
element("print").addEventListener("click", () => print());
element("put-away").addEventListener("click", putAway);
element("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(element("made-secret").textContent).then(
    () => (element("copied").textContent = "Copied."),
    () => (element("copied").textContent = "This browser does not let a page copy: select it and copy it by hand."),
  );
});

change();
