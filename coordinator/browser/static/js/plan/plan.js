/* The plan of an operation. What the hub refuses stands beside its field, and what was typed stays; a change that someone else made
   meanwhile is said before anything is put over it. */

import { html, render } from "../../vendor/preact.js";
import { Refused, ask } from "../access/api.js";
import { Confirmation } from "../access/confirmation.js";
import { asking } from "../access/forms.js";
import { startClock } from "../clock.js";
import { KINDS, Listed, differences } from "./parts.js";
import { Phases, meaning, worded } from "./phases.js";
import { Rehearsal } from "./rehearsal.js";
import { sentWindow, shownWindow, speak } from "./window.js";

const element = (id) => document.getElementById(id);
const content = JSON.parse(element("content").textContent);
const path = `/operations/${content.operation.code}`;
const head = element("head");
const tell = speak(head);
const tellApart = speak(element("units").querySelector("form"), "units", () => operation.time_zone);
const confirmation = new Confirmation(element("confirm"));
const rehearsal = new Rehearsal(element("rehearsal").querySelector(".there"), content.operation.code, (...asked) => confirmation.ask(...asked), say);
const editing = {};

let operation = content.operation;

const shownHead = (one) => ({ name: one.name, ...shownWindow(one) });

/** Takes over a version of the operation; of the head's fields, those that were not touched. */
function adopt(now, { all = false } = {}) {
  const before = shownHead(operation);
  for (const [name, value] of Object.entries(shownHead(now))) {
    const field = head.elements[name];
    if (all || field.value === before[name]) field.value = value;
  }
  operation = now;
  tell();
  draw();
}

function draw() {
  render(html`<${Phases} operation=${operation} phases=${content.phases} step=${step} />`, element("phases").querySelector(".there"));
  for (const kind of Object.keys(KINDS)) {
    render(html`<${Listed} kind=${kind} operation=${operation} edit=${edit} remove=${remove} />`, element(kind).querySelector(".there"));
  }
  rehearsal.draw(operation);
  const badge = element("phase");
  badge.textContent = worded(operation.phase);
  badge.className = `badge phase-${operation.phase}`;
  drawParents();
}

function drawParents() {
  const parent = element("units-parent");
  const chosen = parent.value;
  parent.replaceChildren(new Option("Nothing: it stands at the top", ""), ...KINDS.units.listed(operation).map((one) => new Option(`${one.code} ${one.name}`, one.code)));
  parent.value = chosen;
}

/* Jurisdictions alone are expected to report by themselves, and times are asked for only where there is something to time. */
function drawUnit() {
  element("units-expected").parentElement.hidden = element("units-kind").value !== "jurisdiction";
  element("units-separately").hidden = !element("units-apart").checked;
  tellApart();
}

function say(text) {
  element("problem").textContent = "";
  element("said").textContent = text;
}

/** Looks whether someone changed the operation since this page read it, and says so. */
async function look() {
  const now = await ask("GET", path);
  if (now.version === operation.version) return;
  const differing = differences(operation, now);
  adopt(now);
  const again = Object.assign(document.createElement("button"), { type: "button", textContent: "Put away" });
  again.addEventListener("click", () => { element("changed").hidden = true; });
  element("changed").replaceChildren(`Someone changed this operation while the page was open: ${differing.join(", ") || "and changed it back"}. It is shown as it is now; what you typed is kept, and nothing of it is stored until you save again. `, again);
  element("changed").hidden = false;
}

async function change(changes, said) {
  try {
    adopt(await ask("PATCH", path, { ...changes, version: operation.version }));
  } catch (refused) {
    if (refused.type === "/problems/operation-changed") await look();
    throw refused;
  }
  say(said);
}

asking(head, async (fields) => {
  const wanted = { name: fields.name, ...sentWindow(fields) };
  const shown = { ...shownHead(operation) };
  const differing = Object.entries(wanted).filter(([name, value]) => ("name time_zone".includes(name) ? value !== operation[name] : fields[name] !== shown[name] || fields.time_zone !== operation.time_zone));
  if (!differing.length) return say("Nothing was changed.");
  await change(Object.fromEntries(differing), "Saved.");
  adopt(operation, { all: true });
});

for (const [kind, { sent, one }] of Object.entries(KINDS)) {
  const form = element(kind).querySelector("form");
  asking(form, async (fields) => {
    const body = sent({ ...(editing[kind] ?? {}), ...fields }, editing[kind], operation);
    if (!editing[kind] && operation[kind].some((there) => there.code === body.code)) {
      const detail = `There is ${body.code} already. Change that one, or choose another code.`;
      throw new Refused({ status: 409, detail, errors: { [`/${kind}/0/code`]: [detail] } });
    }
    await change({ [kind]: [body] }, `Saved: ${body.code}.`);
    form.reset();
  });
  form.addEventListener("reset", () => {
    setTimeout(drawUnit);
    editing[kind] = null;
    for (const name of KINDS[kind].fixed) form.elements[name].disabled = false;
    for (const place of form.querySelectorAll("[data-error]")) place.textContent = "";
    form.parentElement.querySelector("summary").textContent = `Add ${one}`;
    form.parentElement.open = false;
  });
}

function edit(kind, part) {
  const form = element(kind).querySelector("form");
  form.reset();
  editing[kind] = KINDS[kind].shown(part, operation);
  for (const [name, value] of Object.entries(editing[kind])) {
    const field = form.elements[name];
    if (field?.type === "checkbox") field.checked = value;
    else if (field) field.value = value;
  }
  for (const name of KINDS[kind].fixed) form.elements[name].disabled = true;
  if (kind === "units") setTimeout(drawUnit);
  form.parentElement.querySelector("summary").textContent = `Change ${KINDS[kind].name(part)}`;
  form.parentElement.open = true;
  form.querySelector("input:not(:disabled)").focus();
}

function remove(kind, part) {
  const name = KINDS[kind].name(part);
  confirmation.ask(`Remove ${name}?`, ["What has figures, reports or people can't be removed: the hub says so then, and nothing is changed."], "Remove", () =>
    change({ remove: { [kind]: [part.code] } }, `Removed: ${name}.`));
}

async function step(phase, word) {
  await look().catch((refused) => { element("problem").textContent = refused.message; });
  const sentences = [...meaning(phase, operation, content.states), "This can't be undone: the phase only goes forward."];
  const key = crypto.randomUUID();
  confirmation.ask(`${word}: ${operation.name}?`, sentences, word, async () => {
    try {
      adopt(await ask("POST", `${path}/phase`, { phase }, { "Idempotency-Key": key }));
    } catch (refused) {
      if (refused instanceof Refused && refused.status === 409) await look();
      throw refused;
    }
    say(`The operation is now ${worded(phase)}.`);
  });
}

document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look().catch(() => {}));
for (const id of ["units-kind", "units-apart"]) element(id).addEventListener("change", drawUnit);
startClock();
adopt(operation, { all: true });
drawUnit();
rehearsal.look().catch((refused) => { element("problem").textContent = refused.message; });
