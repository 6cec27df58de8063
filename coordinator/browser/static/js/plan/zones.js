/* Times as a form has them, "2021-08-26T18:00" in a zone, and as the hub has them: pure. */

import { day, zoned, zoneName } from "../times.js";

/** What stands in a form for a moment; in UTC where the zone is none. */
export function localIn(moment, zone) {
  const at = Date.parse(moment);
  return new Date(at + offset(at, zone)).toISOString().slice(0, 16);
}

/** The moment that a form's time is in a zone, as the hub takes it. An hour that the clocks skip is the one after it. */
export function momentIn(local, zone) {
  const at = Date.parse(`${local}Z`);
  if (Number.isNaN(at)) return local;
  return new Date(at - offset(at - offset(at, zone), zone)).toISOString().replace(".000", "");
}

/** "Thu, Aug 26, 2021, 6:00 pm CDT"; nothing where time or zone is none. */
export function inWords(local, zone) {
  const moment = new Date(momentIn(local, zone));
  if (Number.isNaN(moment.getTime()) || !known(zone)) return "";
  return `${day(moment, zone)}, ${localIn(moment.toISOString(), zone).slice(0, 4)}, ${zoned(moment, zone)} ${zoneName(moment, zone)}`;
}

export function known(zone) {
  try {
    return Boolean(zone && new Intl.DateTimeFormat("en-US", { timeZone: zone }));
  } catch {
    return false;
  }
}

/* Milliseconds by which a zone is ahead of UTC at a moment. */
function offset(at, zone) {
  if (!known(zone)) return 0;
  const form = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
  const part = Object.fromEntries(form.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - Math.floor(at / 1000) * 1000;
}
