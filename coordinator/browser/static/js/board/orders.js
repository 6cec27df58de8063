/* Who has not checked in, and who has not acknowledged what stands: beside whom to call for a figure. */

import { html, useEffect, useState } from "../../vendor/preact.js";
import { ask } from "../hub.js";

const MOST = 6;
const GATHERED = 300;

/** The presence of the units whoever looks may see, asked anew for each `news`; null where they may see none. */
export function useOrders(code, known, news) {
  const [presence, set] = useState(known);
  useEffect(() => {
    if (!known || !news) return undefined;
    const timer = setTimeout(() => ask(code, "/presence").then(set).catch(() => {}), GATHERED);
    return () => clearTimeout(timer);
  }, [news]);
  return presence;
}

export function Orders({ presence, code }) {
  if (!presence) return null;
  const away = presence.items.filter((one) => !one.checked_in_at).map((one) => one.unit);
  const owed = new Map();
  for (const one of presence.items) for (const { number } of one.unanswered) owed.set(number, [...(owed.get(number) ?? []), one.unit]);
  const late = new Set(presence.items.flatMap((one) => one.alarms.filter((alarm) => alarm.bulletin).map((alarm) => alarm.bulletin)));
  return html`<p class="orders small" id="orders">
    ${away.length ? html`<b>Not checked in:</b> ${some(away, presence)}. ` : "All have checked in. "}
    ${[...owed].sort(([one], [other]) => other - one).slice(0, 3).map(([number, units]) => html`<span key=${number} class=${late.has(number) ? "late" : ""}><b>Bulletin ${number} not answered${late.has(number) ? ", late" : ""}:</b> ${some(units, presence)}. </span>`)}
    <a href=${`/operations/${encodeURIComponent(code)}/bulletins`}>Bulletins</a></p>`;
}

const some = (units, presence) => (units.length === presence.items.length && units.length > 1 ? `all ${units.length}` : units.length > MOST ? `${units.slice(0, MOST).join(", ")} and ${units.length - MOST} more` : units.join(", "));
