/* Times as people read them, always in the zone that is named. */

const kept = new Map();

function form(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!kept.has(key)) kept.set(key, new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options }));
  return kept.get(key);
}

/** "1:43 am" */
export const zoned = (date, zone) => form(zone, { hour: "numeric", minute: "2-digit" }).format(date).toLowerCase().replace(/\s/g, " ");

/** "1:43:07 am" */
export const precise = (date, zone) =>
  form(zone, { hour: "numeric", minute: "2-digit", second: "2-digit" }).format(date).toLowerCase().replace(/\s/g, " ");

/** "Fri, Aug 27" */
export const day = (date, zone) => form(zone, { weekday: "short", month: "short", day: "numeric" }).format(date);

/** "CDT" */
export const zoneName = (date, zone) =>
  form(zone, { timeZoneName: "short" }).formatToParts(date).find((part) => part.type === "timeZoneName").value;

/** "1:43 am", with the day where that is another than `beside`'s. */
export const near = (date, zone, beside = new Date()) =>
  day(date, zone) === day(beside, zone) ? zoned(date, zone) : `${zoned(date, zone)}, ${day(date, zone)}`;

/** How long ago in the two largest words that matter: "now", "40 s", "12 min", "1 h 24", "3 days". */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 5) return "now";
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(minutes / 1440)} days`;
}

/** The same, no finer than minutes: what stands in a table is not to change every second. */
export const minutes = (milliseconds) => (milliseconds < 60000 ? "< 1 min" : span(milliseconds));

/** "40 s ago"; what is newer than 5 s is "just now". */
export const ago = (milliseconds) => (milliseconds < 5000 ? "just now" : `${span(milliseconds)} ago`);
