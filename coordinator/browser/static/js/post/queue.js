/* The phone's own queue, in IndexedDB: every report stands here, with its key and its moment, before anything else happens to it.
   No DOM and no network, so that what it promises can be read in one place: the order is that of adding, a key stands once, and
   nothing leaves but what the hub has, or what a person dropped before it was ever tried or after it was refused.

   An entry: {number, operation, unit, kind: "report" | "correction" | "withdrawal", key, path, body, of, madeAt,
   state: "waiting" | "refused" | "received", tried: [ids of those as whom it was sent], said: true where it was read to the desk,
   problem, receipt}. */

import { openDB } from "../../vendor/idb.js";

const NAME = "tallyroom";
const VERSION = 1;
/** What pages tell each other when one of them has removed everything. */
const FORGOTTEN = "forgotten";
/** Written to the disk itself, not only handed to the system, before the phone says "saved". */
const SURE = { durability: "strict" };

const nothing = () => {};

/** Opens it; `changed()` is called after every change, made here or in another tab, `replaced()` when a newer page needs it,
    `forgotten()` once another tab has removed everything and nothing is to be written back. */
export async function openQueue(changed = nothing, replaced = nothing, forgotten = nothing) {
  const db = await openDB(NAME, VERSION, {
    upgrade(fresh) {
      const queue = fresh.createObjectStore("queue", { keyPath: "number", autoIncrement: true });
      queue.createIndex("key", "key", { unique: true });
      fresh.createObjectStore("known");
      fresh.createObjectStore("drafts");
    },
    blocking(_, __, event) {
      event.target.close();
      replaced();
    },
  });
  return new Queue(db, changed, forgotten);
}

export class Queue {
  constructor(db, changed, forgotten) {
    this.db = db;
    this.tell = changed;
    this.others = new BroadcastChannel("tallyroom queue");
    this.others.onmessage = ({ data }) => {
      if (data !== FORGOTTEN) return changed();
      this.close();
      return forgotten();
    };
  }

  /** Adds an entry, in place of the entry `replacing` where that is a number. False where its key stands already (the same tap
      twice), null where the entry to be replaced can't be any more: it has gone out meanwhile. */
  async add(entry, replacing = null) {
    const write = this.db.transaction("queue", "readwrite", SURE);
    const old = replacing === null ? null : await write.store.get(replacing);
    if (replacing !== null && !replaceable(old)) return null;
    const same = await write.store.index("key").getKey(entry.key);
    if (same && same !== replacing) return false;
    if (old) await write.store.delete(replacing);
    await write.store.add({ state: "waiting", tried: [], problem: null, receipt: null, ...entry });
    await write.done;
    return this.changed();
  }

  /** Takes an entry out for good. False where it may be with the hub already. */
  async drop(number) {
    const write = this.db.transaction("queue", "readwrite", SURE);
    if (!replaceable(await write.store.get(number))) return false;
    await write.store.delete(number);
    await write.done;
    return this.changed();
  }

  /** All entries in their order. */
  all() {
    return this.db.getAll("queue");
  }

  /** The first that waits to go to an operation. */
  async next(operation) {
    return (await this.all()).find((entry) => entry.operation === operation && entry.state === "waiting");
  }

  /** Notes, before anything is sent, as whom it is: from then on the hub may have it. Undefined where it is gone or waits no more. */
  attempt(number, author) {
    return this.change(number, (entry) => ({ tried: [...new Set([...entry.tried, author])] }));
  }

  /** Notes, before it is shown as a line to be read out, that the desk may have it: from then on it is not changed. */
  say(number) {
    return this.change(number, () => ({ said: true }));
  }

  received(number, receipt) {
    return this.change(number, () => ({ state: "received", receipt, problem: null, receivedAt: Date.now() }));
  }

  refused(number, problem) {
    return this.change(number, () => ({ state: "refused", problem }));
  }

  async change(number, next) {
    const write = this.db.transaction("queue", "readwrite", SURE);
    const entry = await write.store.get(number);
    if (entry?.state !== "waiting") return undefined;
    const changed = { ...entry, ...next(entry) };
    await write.store.put(changed);
    await write.done;
    this.changed();
    return changed;
  }

  /** Forgets entries that the hub's own list shows by now. */
  async forget(numbers) {
    if (!numbers.length) return;
    const write = this.db.transaction("queue", "readwrite");
    for (const number of numbers) {
      if ((await write.store.get(number))?.state === "received") await write.store.delete(number);
    }
    await write.done;
    this.changed();
  }

  /** Removes what is kept here, in every page: what is known and typed, and reports that the hub has. Those that it does not have
      stay, unless `unsentToo`. */
  async empty(unsentToo) {
    const write = this.db.transaction(["queue", "known", "drafts"], "readwrite", SURE);
    const queue = write.objectStore("queue");
    for (const entry of await queue.getAll()) if (unsentToo || entry.state === "received") await queue.delete(entry.number);
    await Promise.all([write.objectStore("known").clear(), write.objectStore("drafts").clear()]);
    await write.done;
    this.others.postMessage(FORGOTTEN);
  }

  /* What the page knows of an operation, and what has been typed and not sent: no promise hangs on these. */

  known(name) {
    return this.db.get("known", name);
  }

  know(name, value) {
    return this.db.put("known", value, name);
  }

  draft(name) {
    return this.db.get("drafts", name);
  }

  keepDraft(name, value) {
    return value ? this.db.put("drafts", value, name) : this.db.delete("drafts", name);
  }

  /** Lets go of the database, so that a newer page may change it. */
  close() {
    this.others.close();
    this.db.close();
  }

  changed() {
    this.others.postMessage("changed");
    this.tell();
    return true;
  }
}

/** What was refused is not with the hub; what waits is not only as long as it was never tried, nor read to the desk. */
export const replaceable = (entry) => entry?.state === "refused" || (entry?.state === "waiting" && entry.tried.length === 0 && !entry.said);
