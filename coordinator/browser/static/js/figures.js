/* Figures, exactly: an integer, or a decimal string of a measure with a scale. Never a float but where a pixel is drawn. */

const UNSAID = new Set(["persons", "person", "people", ""]);

/** The figure in units of 10^-scale. */
export const exact = (figure) => BigInt(String(figure ?? 0).replace(".", ""));

/** What exact() gave, back as the API writes it. */
export function figureOf(value, scale) {
  if (!scale) return value.toString();
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** "12,500", "$12,500", "3.5 kg": cents only where there are any. */
export function shown(figure, measure) {
  const [whole, part = ""] = String(figure).split(".");
  const digits = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (/[1-9]/.test(part) ? `.${part}` : "");
  if (measure.unit === "USD") return digits.startsWith("-") ? `-$${digits.slice(1)}` : `$${digits}`;
  return UNSAID.has(measure.unit) ? digits : `${digits} ${measure.unit}`;
}

/** The same with its sign in front, for what changed: "+3", "−2". */
export function changed(value, measure) {
  const size = shown(figureOf(value < 0n ? -value : value, measure.scale), measure);
  return value < 0n ? `−${size}` : `+${size}`;
}

/** The part of a whole in hundredths of a percent: only for widths. */
export const share = (part, whole) => (whole > 0n ? Number((part * 10000n) / whole) / 100 : 0);
