/* The clock of the header, in the operation's zone and with its name: a figure's time is never the reader's guess. */

import { zoned, zoneName, day } from "./times.js";

export function startClock(element = document.getElementById("clock")) {
  if (!element) return;
  const zone = element.dataset.zone;
  const tick = () => {
    const now = new Date();
    const text = `${zoned(now, zone)} ${zoneName(now, zone)}, ${day(now, zone)}`;
    if (element.dataset.shown !== text) {
      element.dataset.shown = text;
      element.dateTime = now.toISOString();
      const small = document.createElement("small");
      small.textContent = `${zoneName(now, zone)}, ${day(now, zone)}`;
      element.replaceChildren(`${zoned(now, zone)} `, small);
    }
    setTimeout(tick, 1000 - (Date.now() % 1000));
  };
  tick();
}


