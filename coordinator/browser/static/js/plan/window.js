/* The fields of a window: times in the zone that stands beside them, each said in words, so that nobody has to guess. */

import { inWords, localIn, momentIn } from "./zones.js";

const TIMES = ["starts_at", "ends_at"];

/** Keeps the words below the times of `form` true to what is typed. Its fields' ids begin with `prefix`; `otherwise()` is the zone
    where it names none. */
export function speak(form, prefix = form.id, otherwise = () => "") {
  const { time_zone: zone } = form.elements;
  const tell = () => {
    for (const name of TIMES) {
      document.getElementById(`${prefix}-${name}-hint`).textContent = inWords(form.elements[name].value, zone.value || otherwise());
    }
  };
  form.addEventListener("input", tell);
  return tell;
}

/** What stands in the form for an operation's window. */
export const shownWindow = (operation) => ({
  time_zone: operation.time_zone,
  starts_at: localIn(operation.starts_at, operation.time_zone),
  ends_at: localIn(operation.ends_at, operation.time_zone),
  reporting_interval_minutes: String(operation.reporting_interval_minutes),
});

/** The window as the hub takes it. */
export const sentWindow = (fields) => ({
  time_zone: fields.time_zone,
  starts_at: momentIn(fields.starts_at, fields.time_zone),
  ends_at: momentIn(fields.ends_at, fields.time_zone),
  reporting_interval_minutes: Number(fields.reporting_interval_minutes),
});
