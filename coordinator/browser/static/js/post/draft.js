/* What is being typed, and the report it makes. Pure: the draft goes in, lines and what is wrong come out. */

import { figureOf } from "../figures.js";
import { exactly } from "./cells.js";
import { codeOf } from "./joint.js";
import { momentOf, shownThere } from "./moments.js";
import { complaint } from "./personal.js";

const MOST = 10n ** 12n;

export const EMPTY = { basis: "increment", values: {}, earlier: null, assisting: [], joint: "", note: "", reason: "", correcting: null, replacing: null, mending: {} };

/** Whether anything would be lost if the draft were. */
export const typed = (draft) => Boolean(draft.correcting || draft.replacing !== null || draft.note.trim() || draft.joint.trim() || Object.values(draft.values).some(filled));

const filled = (value) => value && (value.unknown || value.text.trim() !== "");

/** The figure of what was typed, in units of 10^-scale; null where there is none, a sentence where it is none. */
export function read(value, measure) {
  const text = (value?.text ?? "").replace(/[\s,$]/g, "");
  if (text === "") return null;
  const form = measure.scale ? new RegExp(`^(\\d*)(?:\\.(\\d{1,${measure.scale}}))?$`) : /^(\d+)$/;
  const match = form.exec(text);
  if (!match || text === ".") return measure.scale ? `A figure with at most ${measure.scale} decimals, such as 12500.${"0".repeat(measure.scale)}.` : "A whole number, such as 12.";
  const figure = BigInt((match[1] || "0") + (match[2] ?? "").padEnd(measure.scale, "0"));
  return figure > MOST * 10n ** BigInt(measure.scale) ? "That is more than the hub takes: 1,000,000,000,000 at most." : figure;
}

/** The report that a draft makes of a unit, `now` in milliseconds, and what is wrong with it: {body, errors: {place: sentence}}.
    Places are keys of cells, "time", "joint", "note", "reason" and "all". */
export function reportOf(draft, cells, unit, zone, now, telephone) {
  const errors = {};
  const lines = cells.map((cell) => lineOf(draft, cell, errors)).filter(Boolean);
  const observed = observedAt(draft, zone, now, errors);
  for (const place of draft.correcting ? ["note", "reason"] : ["note"]) check(place, draft[place], errors);
  if (draft.correcting && !draft.reason.trim()) errors.reason = "Say why it is corrected.";
  const joint = codeOf(draft.joint);
  if (joint.problem) errors.joint = joint.problem;
  const broken = cells.some((cell) => errors[cell.key]);
  const nil = !lines.length && Boolean(draft.correcting);
  if (!lines.length && !broken && !nil) errors.all = draft.basis === "increment" ? "Nothing is counted yet. If nothing is new, press Nothing new." : "No figure is stated yet.";
  const body = { unit, basis: draft.basis, observed_at: new Date(observed ?? now).toISOString(), lines };
  if (nil) body.nil = true;
  if (joint.code) body.joint_action = joint.code;
  if (draft.note.trim()) body.note = draft.note.trim();
  if (draft.correcting) Object.assign(body, { corrects: draft.correcting.id, reason: draft.reason.trim() });
  if (telephone) body.channel = "telephone";
  return { body, errors };
}

/** The report that nothing is new. */
export const nilReport = (unit, now, telephone) => ({ unit, basis: "increment", observed_at: new Date(now).toISOString(), lines: [], nil: true, ...(telephone ? { channel: "telephone" } : {}) });

function lineOf(draft, { key, measure, category }, errors) {
  const value = draft.values[key];
  if (!value) return null;
  const line = { measure: measure.code, ...(category === "unspecified" ? {} : { category }) };
  if (value.unknown) return { ...line, unquantified: words(value, key, errors) };
  const figure = read(value, measure);
  if (typeof figure === "string") errors[key] = figure;
  if (typeof figure !== "bigint" || (figure === 0n && draft.basis === "increment" && !draft.correcting)) return null;
  const quantity = measure.scale ? figureOf(figure, measure.scale) : Number(figure);
  return { ...line, quantity, ...(draft.assisting.length && draft.basis === "increment" ? { assisting: draft.assisting } : {}) };
}

function words(value, key, errors) {
  check(key, value.words, errors);
  return value.words?.trim() || "amount not known yet";
}

function check(place, text, errors) {
  const found = complaint(text);
  if (found) errors[place] = found;
}

function observedAt(draft, zone, now, errors) {
  if (!draft.earlier) return now;
  if (draft.earlier.at) return Date.parse(draft.earlier.at);
  const { date, time } = draft.earlier;
  if (!date || !time) return void (errors.time = "Say at what time.");
  const found = momentOf(date, time, zone, now);
  if (found === null) errors.time = "There was no such time that night: clocks went forward over it.";
  else if (found > now) errors.time = "That lies in the future. If it was yesterday, change the date.";
  return found;
}

/** A draft from a report that exists, to correct it, to mend it or to change it before it goes. */
export function draftOf(body, cells, zone) {
  const values = {};
  for (const { key, measure, category } of cells) {
    const lines = body.lines.filter((one) => one.measure === measure.code && (one.category ?? "unspecified") === category);
    if (lines.length) values[key] = valueOf(lines, measure);
  }
  const earlier = { ...shownThere(Date.parse(body.observed_at), zone), at: body.observed_at };
  const assisting = [...new Set(body.lines.flatMap((line) => line.assisting ?? []))];
  return { ...EMPTY, basis: body.basis, values, earlier, assisting, joint: body.joint_action ?? "", note: body.note ?? "", reason: body.corrects ? (body.reason ?? "") : "" };
}

/* Increments of one cell are one figure here: the page asks for each cell once. */
function valueOf(lines, measure) {
  if (lines[0].quantity === undefined) return { text: "", unknown: true, words: lines[0].unquantified };
  const figure = lines.reduce((sum, line) => sum + (line.quantity === undefined ? 0n : exactly(line.quantity, measure.scale)), 0n);
  return { text: figureOf(figure, measure.scale), unknown: false };
}

/** Where on the page each of the hub's complaints about a body belongs: {place: sentence}. */
export function placed(problem, body, cells) {
  const found = {};
  for (const [pointer, sentences] of Object.entries(problem?.errors ?? {})) {
    const [, top, number] = pointer.split("/");
    const line = top === "lines" && body.lines?.[Number(number)];
    const cell = line && cells.find((one) => one.measure.code === line.measure && one.category === (line.category ?? "unspecified"));
    const place = cell?.key ?? { note: "note", joint_action: "joint", reason: "reason", observed_at: "time" }[top] ?? "all";
    found[place] = sentences.join(" ");
  }
  if (!Object.keys(found).length && problem) found.all = problem.detail;
  return found;
}
