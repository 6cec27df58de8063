/* A date and a time as someone types them in a zone, to the moment they mean and back. Pure. */

const kept = new Map();

function parts(moment, zone) {
  if (!kept.has(zone)) {
    const numbers = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" };
    kept.set(zone, new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...numbers }));
  }
  return Object.fromEntries(kept.get(zone).formatToParts(moment).map(({ type, value }) => [type, value]));
}

/** What a clock and a calendar there show at a moment: {date: "2021-08-26", time: "22:10"}. */
export function shownThere(moment, zone) {
  const { year, month, day, hour, minute } = parts(moment, zone);
  return { date: `${year}-${month}-${day}`, time: `${hour}:${minute}` };
}

/** The moment, in milliseconds, at which they show it; null where no moment does, since clocks went forward over it. Where two
    do, since clocks went back, the later one that is not after `now`. */
export function momentOf(date, time, zone, now) {
  const asUTC = Date.parse(`${date}T${time}:00Z`);
  if (Number.isNaN(asUTC)) return null;
  const near = [-86400000, 0, 86400000].map((step) => asUTC - offset(asUTC + step, zone));
  const found = [...new Set(near)].filter((moment) => {
    const shown = shownThere(moment, zone);
    return shown.date === date && shown.time === time;
  });
  found.sort((a, b) => a - b);
  return found.filter((moment) => moment <= now).at(-1) ?? found[0] ?? null;
}

/* How far the zone is ahead of UTC at a moment, in milliseconds. */
function offset(moment, zone) {
  const { year, month, day, hour, minute, second } = parts(moment, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000;
}
