/* Someone is here: while a page is read by stream, moving or typing says so to the hub, every few minutes at most, so that a
   session does not end before the eyes of whoever uses it. An untouched page says nothing. */

const EVERY = 5 * 60_000;
let said = Date.now();

function here() {
  if (Date.now() - said < EVERY) return;
  said = Date.now();
  fetch("/api/v1/me").catch(() => {});
}

for (const sign of ["pointerdown", "pointermove", "keydown", "scroll"]) addEventListener(sign, here, { passive: true, capture: true });
