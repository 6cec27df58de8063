/* Reconciliation: forms that settle what is open. The page shows what the hub has, so after each it is loaded anew. */

import { ask } from "../access/api.js";
import { asking } from "../access/forms.js";
import { startClock } from "../clock.js";
import { against } from "./against.js";
import { fillFinals, finalsIn } from "./finals.js";

const base = `/operations/${document.getElementById("reconciliation").dataset.operation}`;
const SAID = "reconciliation said";

against(base);

const cellOf = (text) => {
  const [measure, ...category] = text.split(" ");
  return { measure, ...(category.length ? { category: category.join(" ") } : {}) };
};

/* A figure as the API takes it: a count as a whole number, money and weights as they were typed. What is neither, the hub explains. */
export const figureOf = (text) => (/^\d{1,15}$/.test(text.trim()) ? Number(text) : text.trim());

const adjustment = (cell, sources, { method, number, reason }) => [
  "/adjustments",
  { ...cell, sources, method, reason, ...(number.trim() ? { number: figureOf(number) } : {}) },
  "The adjustment stands.",
];

/** What each form asks for: address, body, and what is said once it is done. */
const KINDS = {
  explain: ({ check, inputs, since }, { text }) => ["/explanations", { check, inputs, text, ...(since ? { since: Number(since) } : {}) }, "Explained."],
  take: ({ unit, measure, category }) => ["/finals/taking", { unit, measure, category }, "The final is the figure now."],
  state: (_, { unit }, form) => ["/finals", { unit, figures: finalsIn(form) }, `The finals of ${unit} are stated.`],
  adjust: ({ measure, category, sources }, fields) => adjustment({ measure, category }, sources.split(" "), fields),
  "adjust-any": (_, fields) => adjustment(cellOf(fields.cell), fields.sources.toUpperCase().split(/[\s,;]+/).filter(Boolean), fields),
  withdraw: ({ id }, { reason }) => [`/adjustments/${id}/withdrawal`, { reason }, "The adjustment is withdrawn."],
  control: (_, { cell, quantity, source }) => ["/controls", { ...cellOf(cell), quantity: figureOf(quantity), source }, "The control total is entered."],
  attribute: ({ id }, { unit }) => [`/controls/${id}/attribution`, { unit }, `The remainder is reported for ${unit}.`],
};

for (const form of document.querySelectorAll("form[data-kind]")) {
  const key = crypto.randomUUID();
  asking(form, async (fields) => {
    const [path, body, said] = KINDS[form.dataset.kind](form.dataset, fields, form);
    await ask("POST", base + path, body, { "Idempotency-Key": `${key}-${await spoken(body)}` });
    sessionStorage.setItem(SAID, said);
    location.hash = "";
    location.reload();
  });
}

/* The same content sent again, after an answer that got lost, has the same key; other content has another. */
async function spoken(body) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(body)));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 32);
}

/* A link to a check opens what it lies in. */
function show() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let one = target?.parentElement; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  target?.scrollIntoView();
}

document.getElementById("said").textContent = sessionStorage.getItem(SAID) ?? "";
sessionStorage.removeItem(SAID);
fillFinals(document.getElementById("state-unit"), document.getElementById("state-figures"), JSON.parse(document.getElementById("content").textContent));
addEventListener("hashchange", show);
show();
startClock();
