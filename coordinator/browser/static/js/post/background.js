/* Sends what waits though no page is open: the worker runs this when the browser says that there is a network again. It is the
   page's own queue, keys and lock, so nothing goes out twice. What needs a person (signed out, the operation closed, a report that
   was refused) stays as it is, and the page says so when it is opened. */

import { openQueue } from "./queue.js";
import { Sender } from "./sending.js";

/** Rejects where a hub could not be reached: the browser then asks for it again, later and later. */
export async function sendWaiting() {
  const queue = await openQueue();
  try {
    const waiting = (await queue.all()).filter((entry) => entry.state === "waiting");
    for (const code of new Set(waiting.map((entry) => entry.operation))) {
      const sender = new Sender(queue, code, () => {});
      if ((await sender.once()) && !sender.state.held) throw new Error("The hub can't be reached.");
    }
  } finally {
    queue.close();
  }
}
