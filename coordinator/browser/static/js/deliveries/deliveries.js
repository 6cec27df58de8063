/* What leaves the hub: addresses, what has gone out, and what failed, with why. Asked again while anything is on its way. */

import { ask } from "../access/api.js";
import { asking } from "../access/forms.js";
import { all, fill, when } from "../access/rows.js";

const AGAIN = 2000;
const SHOWN = 50;
const element = (id) => document.getElementById(id);
const { words } = JSON.parse(element("content").textContent);
const path = `/operations/${element("page").dataset.operation}`;
const form = element("add");
let timer = 0;
let key = crypto.randomUUID();

const FAILED = new Set(["failed", "given up"]);
const whom = (to) => `${to.unit ? `${to.unit}, ${to.whose}` : to.whose}, ${words[to.kind]} ${to.address}`;

const remove = { word: () => "Remove", act: (one) => ask("DELETE", `${path}/addresses/${one.id}`) };
const again = { word: () => "Try again", act: (one) => ask("POST", `${path}/deliveries/${one.id}/tries`, undefined, { "Idempotency-Key": crypto.randomUUID() }) };

const STATES = {
  waiting: (one) => (one.tries ? `${one.problem} Tried ${times(one.tries)}, again ${when(one.next_at)}.` : "Waiting for a worker."),
  sending: () => "On its way.",
  delivered: (one) => `Delivered ${when(one.delivered_at)}${one.tries > 1 ? `, at try ${one.tries}` : ""}.`,
  failed: (one) => `Failed: ${one.problem}`,
  "given up": (one) => `Given up after ${times(one.tries)}: ${one.problem}`,
};
const times = (count) => (count === 1 ? "once" : `${count} times`);
const told = (one) => [`${one.title}, to ${whom(one.to)}`, STATES[one.state](one), one.state === "delivered"];

async function refresh() {
  clearTimeout(timer);
  const addresses = await ask("GET", `${path}/addresses`);
  const [recent, failed, given] = await Promise.all([ask("GET", `${path}/deliveries?limit=${SHOWN}`), all(`${path}/deliveries`, { state: "failed" }), all(`${path}/deliveries`, { state: "given up" })]);
  const out = recent.items.filter((one) => !FAILED.has(one.state));
  fill(element("addresses"), addresses.items, (one) => [whom(one), `added by ${one.added_by}, ${when(one.added_at)}`], remove, change);
  fill(element("failed"), [...failed, ...given].sort((a, b) => (a.id < b.id ? 1 : -1)), told, again, change);
  fill(element("out"), out, told, null, change);
  if (out.some((one) => one.state !== "delivered")) timer = setTimeout(change, AGAIN);
}

async function change(act) {
  element("problem").textContent = "";
  try {
    await act?.();
    await refresh();
  } catch (refused) {
    element("problem").textContent = refused.message;
    timer = setTimeout(change, 5 * AGAIN);
  }
}

if (form) {
  const whose = element("add-whose");
  const onlyUnitsHaveUnits = () => (element("add-units").hidden = whose.value === "desk");
  whose.addEventListener("change", onlyUnitsHaveUnits);
  asking(form, async ({ kind, address, whose: of, unit }) => {
    const made = await ask("POST", `${path}/addresses`, { kind, address: address.trim(), whose: of, unit: of === "desk" ? null : unit }, { "Idempotency-Key": key });
    key = crypto.randomUUID();
    element("add-address").value = "";
    element("said").textContent = `Added: ${whom(made)}.`;
    if (made.secret) show(made.secret);
    await change();
  });
  onlyUnitsHaveUnits();
}

function show(secret) {
  element("made-secret").textContent = secret;
  element("made").hidden = false;
  element("made").focus();
}

element("put-away").addEventListener("click", () => {
  element("made").hidden = true;
  element("made-secret").textContent = "";
});

change();
