/* The parts of a plan: how each kind is listed, and how its form and the hub's own words for it turn into each other. Pure. */

import { html } from "../../vendor/preact.js";
import { inWords, localIn, momentIn } from "./zones.js";

const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

export const KINDS = {
  units: {
    one: "a unit",
    fixed: ["code", "kind", "parent"],
    name: (one) => `${one.code} ${one.name}`,
    facts: (one, operation) => [one.kind, one.level, one.expected ? "expected to report" : one.kind === "jurisdiction" && "not expected to report", one.time_zone !== operation.time_zone && one.time_zone, one.conducted_separately && `conducted apart, ${spanned(one, operation)}`].filter(Boolean).join(", "),
    detail: (one) => one.conducted_separately?.footnote,
    listed: (operation) => operation.units.filter((one) => one.kind !== "unattributed" && one.kind !== "overlap"),
    shown: (one, operation) => ({ ...one, parent: one.parent ?? "", level: one.level ?? "", time_zone: one.time_zone ?? "", ...shownApart(one, operation) }),
    sent: (fields, editing, operation) => ({
      code: fields.code, name: fields.name, kind: fields.kind, level: fields.level || null, time_zone: fields.time_zone || null,
      conducted_separately: sentApart(fields, operation),
      ...(fields.kind === "jurisdiction" ? { expected: fields.expected === "on" } : {}),
      ...(editing ? {} : { parent: fields.parent || null }),
    }),
  },
  measures: {
    one: "a measure",
    fixed: ["code", "unit", "scale"],
    name: (one) => one.label,
    facts: (one, { letters }) => `${one.code}, in ${one.unit}${one.scale ? ` to ${one.scale} decimal places` : ""}${one.categories.length > 1 ? "" : `, said as ${Object.values(letters[one.code])[0]}`}`,
    detail: (one, { letters }) => html`${one.definition}${one.categories.length > 1 && html`<ul class="tags" aria-label="Categories">${one.categories.map((name) => html`<li key=${name}>${name} <span class="quiet">said as ${letters[one.code][name]}</span></li>`)}</ul>`}`,
    listed: (operation) => operation.measures,
    shown: (one) => ({ ...one, definition: one.definition ?? "", categories: one.categories.join("\n") }),
    sent: (fields) => ({ code: fields.code, label: fields.label, unit: fields.unit, scale: Number(fields.scale), definition: fields.definition || null, categories: lines(fields.categories) }),
  },
  rules: {
    one: "a rule",
    fixed: ["code"],
    name: (one) => one.expression,
    facts: (one) => one.code,
    detail: (one) => `Else the board says: ${one.message}`,
    listed: (operation) => operation.rules,
    shown: (one) => one,
    sent: ({ code, expression, message }) => ({ code, expression, message }),
  },
  derived: {
    one: "a derived measure",
    fixed: ["code"],
    name: (one) => one.label,
    facts: (one) => `${one.code} = ${one.expression}`,
    detail: () => null,
    listed: (operation) => operation.derived,
    shown: (one) => one,
    sent: ({ code, label, expression }) => ({ code, label, expression }),
  },
  headlines: {
    one: "a headline",
    fixed: ["code"],
    name: (one) => one.text,
    facts: (one) => one.code,
    detail: () => null,
    listed: (operation) => operation.headlines,
    shown: (one) => one,
    sent: ({ code, text }) => ({ code, text }),
  },
};

/* What was conducted apart from the window, in the unit's own zone: as the form has it, as the hub has it, and in words. */

const zoneOf = (unit, operation) => unit.time_zone || operation.time_zone;

function shownApart(one, operation) {
  const apart = one.conducted_separately;
  const local = (moment) => (apart ? localIn(moment, zoneOf(one, operation)) : "");
  return { apart: Boolean(apart), starts_at: local(apart?.starts_at), ends_at: local(apart?.ends_at), footnote: apart?.footnote ?? "" };
}

function sentApart(fields, operation) {
  if (fields.apart !== "on") return null;
  const zone = zoneOf(fields, operation);
  return { starts_at: momentIn(fields.starts_at, zone), ends_at: momentIn(fields.ends_at, zone), footnote: fields.footnote };
}

function spanned(one, operation) {
  const zone = zoneOf(one, operation);
  const { starts_at, ends_at } = one.conducted_separately;
  return `${inWords(localIn(starts_at, zone), zone)} to ${inWords(localIn(ends_at, zone), zone)}`;
}

/** The parts of one kind, units as the tree they are. */
export function Listed({ kind, operation, edit, remove }) {
  const { listed, name, facts, detail } = KINDS[kind];
  const all = listed(operation);
  const below = grouped(all);
  const branch = (items) => html`<ul class="tree">${items.map((one) => html`
    <li key=${one.code}>
      <div class="tree-row">
        <div><b>${name(one)}</b> <span class="small quiet">${facts(one, operation)}</span>${detail(one, operation) && html`<div class="small">${detail(one, operation)}</div>`}</div>
        <span class="tree-acts no-print">
          <button class="small" aria-label="Change: ${name(one)}" onClick=${() => edit(kind, one)}>Change</button>
          <button class="small" aria-label="Remove: ${name(one)}" onClick=${() => remove(kind, one)}>Remove</button>
        </span>
      </div>
      ${below.get(one.code) && kind === "units" && branch(below.get(one.code))}
    </li>`)}</ul>`;
  if (!all.length) return html`<p class="quiet">None.</p>`;
  return branch(below.get(null));
}

function grouped(all) {
  const groups = new Map();
  for (const one of all) groups.set(one.parent ?? null, [...(groups.get(one.parent ?? null) ?? []), one]);
  return groups;
}

/* A part as text, whatever the order of its members. */
const written = (part) => JSON.stringify(part, (_, value) => (value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value));

/** What differs between two versions of an operation, in words. */
export function differences(before, now) {
  const found = [];
  for (const [name, word] of [["name", "the name"], ["phase", "the phase"], ["time_zone", "the time zone"], ["starts_at", "the start"], ["ends_at", "the end"], ["reporting_interval_minutes", "the minutes between reports"]]) {
    if (before[name] !== now[name]) found.push(word);
  }
  for (const kind of Object.keys(KINDS)) {
    const known = new Map(before[kind].map((one) => [one.code, written(one)]));
    for (const one of now[kind]) if (known.get(one.code) !== written(one)) found.push(one.code);
    for (const code of known.keys()) if (!now[kind].some((one) => one.code === code)) found.push(`${code} (removed)`);
  }
  return found;
}
