/* Doing something once, with what the hub says against it. */

import { useState } from "../../vendor/preact.js";

/** `[act, problem, busy]`: `act(what)` runs one at a time; `problem` is the hub's sentence where it refused. */
export function useActing() {
  const [problem, complain] = useState("");
  const [busy, be] = useState(false);
  const act = async (what) => {
    if (busy) return;
    be(true);
    complain("");
    try {
      await what();
    } catch (refused) {
      complain([...Object.values(refused.errors ?? {}).flat(), ""][0] || refused.message);
    } finally {
      be(false);
    }
  };
  return [act, problem, busy];
}

/** The fields of a form that was sent, without those left empty. */
export function fieldsOf(event) {
  event.preventDefault();
  return Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value !== ""));
}
