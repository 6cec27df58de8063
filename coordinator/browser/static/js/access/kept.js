/* What the liaison's page keeps in this browser, seen from outside it: how much of it has not reached the hub, and an end to it. */

import { openQueue } from "../post/queue.js";

const MARKS = /^tallyroom /;

async function within(act) {
  const queue = await openQueue();
  try {
    return await act(queue);
  } finally {
    queue.close();
  }
}

/** How many reports the hub does not have: they wait, or were refused. 0 where the browser keeps nothing at all. */
export const unsent = () => within(async (queue) => (await queue.all()).filter((entry) => entry.state !== "received").length).catch(() => 0);

/** Removes the page, its worker and what it knows; reports that the hub does not have only where `unsentToo`. */
export async function forget(unsentToo) {
  await within((queue) => queue.empty(unsentToo));
  for (const name of Object.keys(localStorage)) if (MARKS.test(name)) localStorage.removeItem(name);
  for (const name of await caches.keys()) if (name.startsWith("post ") || name === "woken") await caches.delete(name);
  for (const worker of (await navigator.serviceWorker?.getRegistrations()) ?? []) await worker.unregister();
}
