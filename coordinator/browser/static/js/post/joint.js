/* The code of a joint action, as it is typed: four letters and digits and a check symbol, such as 7K2M-X. Pure. The same arithmetic as
   the hub's (Crockford's base 32, the number modulo 37), so that a slip of the ear shows here, also without a network. */

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const HEARD = { O: "0", I: "1", L: "1", "-": "", " ": "" };
const LENGTH = 4;

/** {code, problem}: the code as it is written, or null; and what is wrong, in words for whoever typed it. */
export function codeOf(text) {
  const symbols = text.toUpperCase().replace(/[OIL -]/g, (one) => HEARD[one]);
  if (!symbols) return { code: null, problem: "" };
  if (symbols.length !== LENGTH + 1 || [...symbols].some((one) => !DIGITS.includes(one))) {
    return { code: null, problem: "A joint action's code has five letters and digits, such as 7K2M-X." };
  }
  const code = `${symbols.slice(0, LENGTH)}-${symbols.slice(LENGTH)}`;
  const number = [...symbols.slice(0, LENGTH)].reduce((sum, one) => sum * DIGITS.length + DIGITS.indexOf(one), 0);
  if (DIGITS[number % 37] !== symbols[LENGTH]) return { code: null, problem: `${code} is no code: a symbol was misheard or mistyped. Ask for it once more, or look it up.` };
  return { code, problem: "" };
}
