/* A report as one line that can be said over a telephone, as the hub reads it (coordinator/reports/saying.py says how it is made):
   "KY NEW A46 V21 M2 5Q7 K02 X4T #R7". Pure. */

import { exactly } from "./cells.js";
import { figureOf } from "../figures.js";

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.?+ ";
const BASE = 43;
const PRIME = 997;
const KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The line of a report with its key; null where a line can't say it: a correction, units that assisted in some of its lines alone,
    a figure of which a part is not known, an operation whose letters this phone does not have. */
export function lineOf(operation, body, key) {
  const letters = new Map(operation.measures.flatMap((measure) => Object.entries(operation.letters?.[measure.code] ?? {}).map(([category, letter]) => [`${measure.code} ${category}`, { letter, measure }])));
  const figures = figuresOf(letters, body);
  const assisting = [...new Set(body.lines.filter((line) => line.quantity !== undefined).map((line) => [...(line.assisting ?? [])].sort().join(" ")))];
  if (!KEY.test(key) || !figures || body.corrects || assisting.length > 1) return null;
  const mark = markOf(Date.parse(body.observed_at), key);
  const basis = body.nil ? "NIL" : body.basis === "increment" ? "NEW" : "ALL";
  const joint = body.joint_action ? [`J${body.joint_action.replace("-", "")}`] : [];
  const helpers = assisting[0] ? assisting[0].split(" ").map((code) => `+${code}`) : [];
  const text = [body.unit, basis, ...figures, ...joint, ...helpers, mark.slice(0, 3), mark.slice(3, 6), mark.slice(6)].join(" ");
  return `${text} #${checkOf(operation.code, text)}`;
}

/* A group for each cell, in the order in which they are first named; null where one can't be said. */
function figuresOf(letters, body) {
  const found = new Map();
  for (const line of body.lines) {
    const cell = letters.get(`${line.measure} ${line.category ?? "unspecified"}`);
    const quantity = cell && (line.quantity === undefined ? null : exactly(line.quantity, cell.measure.scale));
    const before = cell && found.get(cell.letter);
    if (!cell || (before && (before.quantity === null || quantity === null))) return null;
    found.set(cell.letter, { quantity: quantity === null ? null : quantity + (before?.quantity ?? 0n), scale: cell.measure.scale });
  }
  return [...found].map(([letter, { quantity, scale }]) => letter + (quantity === null ? "?" : figureOf(quantity, scale).replace(/\.0+$/, "")));
}

/* The second it was observed, modulo 2^30, and the first 15 bits of the key. */
function markOf(moment, key) {
  const second = BigInt(Math.floor(moment / 1000)) & ((1n << 30n) - 1n);
  let number = (second << 15n) | (BigInt(`0x${key.slice(0, 8)}`) >> 17n);
  let text = "";
  for (let place = 0; place < 9; place += 1, number >>= 5n) text = DIGITS[Number(number & 31n)] + text;
  return text;
}

function checkOf(code, text) {
  let remainder = 0;
  for (const symbol of `${code.toUpperCase()} ${text}`) remainder = (remainder * BASE + SYMBOLS.indexOf(symbol) + 1) % PRIME;
  return DIGITS[Math.floor(remainder / 32)] + DIGITS[remainder % 32];
}

const WORDS = "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu".split(" ");
const SIGNS = { "#": "check", "+": "with", "-": "dash", ".": "point", "?": "some, how much is not known" };
const WHOLE = { NEW: "new", ALL: "all", NIL: "nil" };

/** Its groups, each with how it is said: {text, said}. */
export const spelled = (line) => line.split(" ").map((text) => ({ text, said: WHOLE[text] ?? [...text].map((symbol) => SIGNS[symbol] ?? WORDS[symbol.charCodeAt(0) - 65] ?? symbol).join(" ") }));
