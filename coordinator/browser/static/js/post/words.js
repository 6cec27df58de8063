/* Every sentence that says a figure, so that the form, the question before sending and the list can't say different things. Pure. */

import { figureOf, shown } from "../figures.js";
import { near, zoneName } from "../times.js";

/** "a, b and c" */
export const listed = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);

/** "2:41 am EDT", with the day where it is not today. */
export const timed = (moment, zone, now = Date.now()) => {
  const text = near(new Date(moment), zone, new Date(now));
  const name = zoneName(new Date(moment), zone);
  return text.includes(", ") ? text.replace(", ", ` ${name}, `) : `${text} ${name}`;
};

/** "victims rescued, minor": what a cell counts, in the middle of a sentence; of one only, "victim rescued, minor". */
export function counted(cell, one = false) {
  const label = lowered(cell.measure.label);
  return (one ? single(label) : label) + (cell.only ? "" : `, ${categoryName(cell)}`);
}

/** "not specified" where no category is named. */
export const categoryName = (cell) => (cell.category === "unspecified" ? "not specified" : cell.category);

/** "Victims rescued, minor": the same at the beginning. */
export const titled = (cell) => cell.measure.label + (cell.only ? "" : `, ${categoryName(cell)}`);

/* Capitals that mean something ("DNA samples", "Homeland ...") stay: only a word that is otherwise small is lowered. */
const lowered = (label) => (/^[A-Z][a-z]*(?= |$)/.test(label) ? label[0].toLowerCase() + label.slice(1) : label);

/* The first plural of a label is its noun: "arrests made" -> "arrest made", "children located" -> "child located". */
function single(label) {
  if (/^children\b/.test(label)) return label.replace("children", "child");
  return label.replace(/\b[a-z]{3,}s\b/, (word) => (/(ss|us|is)$/.test(word) ? word : word.replace(/ies$/, "y").replace(/(ch|sh|x|ss)es$/, "$1").replace(/s$/, "")));
}

/** "3 arrests made", "$12,500 of currency seized", "currency seized: amount not known yet". */
export function amount(cell, figure) {
  if (typeof figure === "string") return `${counted(cell)}: ${figure}`;
  const { measure } = cell;
  const size = shown(figureOf(figure, measure.scale), measure);
  return measure.scale ? `${size} of ${counted(cell)}` : `${size} ${counted(cell, figure === 1n)}`;
}

/** Below so many a step as large as all before it is nothing odd. */
const FEW = 5n;

const size = (cell, figure) => shown(figureOf(figure, cell.measure.scale), cell.measure);

/** What a report says, for a list: "3 arrests made, with Kentucky State Police". `facts` are {cell, figure}, figure a BigInt or words. */
export function said(body, facts, names) {
  if (body.nil) return "nothing new";
  const what = facts.map(({ cell, figure }) => amount(cell, figure)).join("; ");
  const helped = [...new Set(body.lines.flatMap((line) => line.assisting ?? []))].map((code) => names.get(code) ?? code);
  return (body.basis === "to_date" ? `in all: ${what}` : what) + (helped.length ? `, with ${listed(helped)}` : "") + (body.joint_action ? `, of joint action ${body.joint_action}` : "");
}

/** What a report would do, as the form says it while it is typed. `facts` are {cell, figure, before, after}; `since` says since when
    an increment is new, `by` by when a standing figure stands, `joint` is the code of the joint action it is of. */
export function summed(basis, facts, since, by, joint) {
  const known = facts.filter(({ figure }) => typeof figure === "bigint");
  const unknown = facts.filter(({ figure }) => typeof figure === "string").map(({ cell, figure }) => amount(cell, figure));
  const parts = known.length ? [basis === "increment" ? adding(known, since) : standing(known, by)] : [];
  if (unknown.length) parts.push(`You are saying that there is some, but not yet how much: ${listed(unknown)}.`);
  if (joint) parts.push(`It is of joint action ${joint}: unless you lead that, you are credited, and your own figure stays.`);
  return parts.join(" ");
}

function adding(facts, since) {
  const [first] = facts;
  if (facts.length === 1) return `You are adding ${amount(first.cell, first.figure)}${since}: ${becomes(first)}.`;
  return `You are adding${since}: ${listed(facts.map((fact) => `${amount(fact.cell, fact.figure)} (${becomes(fact)})`))}.`;
}

/* The unit with all below it, as the board shows it: what is new there moves both alike. */
function becomes({ cell, figure, before, after, below }) {
  if (before === null) return `none before, ${size(cell, after)} in all`;
  if (figure !== 0n && after === before) return `it stays ${size(cell, after + below)}, since a later standing figure covers that time`;
  return `${size(cell, before + below)} becomes ${size(cell, after + below)}`;
}

function standing(facts, by) {
  const [first] = facts;
  if (facts.length === 1) return `${capital(amount(first.cell, first.figure))} in all${by}: ${compared(first)}.`;
  return `In all${by}: ${facts.map((fact) => `${amount(fact.cell, fact.figure)} (${compared(fact)})`).join("; ")}.`;
}

/** How a standing figure lies to what was there: "3 more than the hub has", "the first figure". */
export function compared({ cell, figure, before, after }) {
  if (before === null) return "the first figure";
  if (after !== figure) return `with what came after it, ${size(cell, before)} becomes ${size(cell, after)}`;
  if (figure === before) return "the same as the hub has";
  return figure > before ? `${size(cell, figure - before)} more than the hub has` : `${size(cell, before - figure)} fewer than the hub has, ${size(cell, before)}`;
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** What looks wrong about a report though it can be meant, each {kind, text}: a total typed as a step, a figure that goes down, a
    unit's standing figure that may hold what the units below it have reported themselves. */
export function doubts(basis, facts, name) {
  const known = facts.filter(({ figure, before }) => typeof figure === "bigint" && before !== null);
  return known.flatMap((fact) => (basis === "increment" ? steps(fact) : [...lower(fact), ...twice(fact, name)]));
}

function steps({ cell, figure, before, after, below }) {
  const base = before + below;
  if (base < FEW || figure < base) return [];
  return [{ kind: "step", text: `That is ${size(cell, figure)} on top of ${size(cell, base)}, which makes ${size(cell, after + below)}. Is ${size(cell, figure)} the whole figure so far?` }];
}

function lower({ cell, figure, before, after }) {
  if (figure >= before || after >= before) return [];
  return [{ kind: "lower", text: `Lower than what the hub has: ${amount(cell, before)} would go down to ${size(cell, figure)}. Are these ${size(cell, figure)} only the new ones?` }];
}

function twice({ cell, figure, after, below }, name) {
  if (below === 0n || figure === 0n) return [];
  return [{ kind: "below", text: `The units below ${name} have ${amount(cell, below)} of their own; with this it comes to ${size(cell, after + below)}. State only what they have not reported themselves.` }];
}

/** What a correction changed, cell by cell: {cell, was, now}, each a figure, words, or null where it said nothing of it. */
export function differences(was, now) {
  const keys = [...new Map([...was, ...now].map((fact) => [fact.cell.key, fact.cell])).values()];
  const of = (facts, cell) => facts.find((fact) => fact.cell.key === cell.key)?.figure ?? null;
  return keys.map((cell) => ({ cell, was: of(was, cell), now: of(now, cell) })).filter((one) => one.was !== one.now);
}

/** "2 reports are" */
export const reportsAre = (count) => (count === 1 ? "1 report is" : `${count} reports are`);

export { size as sized };
