/* Takes the queue to the hub: one at a time, in order, as often as it takes. No DOM.

   A report is sent with the same key until the hub has answered it, so that however often it goes out it counts once. Only an
   answer that can be nobody's but the hub's ends that: a receipt, or a problem document that says the report itself is wrong.
   Whatever else comes back (no network, a hotel's sign-in page, a hub that starts again) means: later, the same again. */

const SOONEST = 1000;
const LATEST = 30000;
const PATIENCE = 20000;
/** How soon to look again whether what holds everything up has passed. */
const HELD = 30000;

/** What can hold up all of an operation's reports, by problem type; each stays until a person or the desk has done something. */
const HOLDS = { "operation-not-open": "closed", "not-your-unit": "not-yours", "not-allowed": "not-yours", "from-elsewhere": "not-yours", "briefing-not-acknowledged": "rules" };

export class Sender {
  /* `tell(state)` hears every change of {sending: number | null, held: {why, detail} | null, lost: boolean, again: ms | null};
     `away` besides `lost` where nothing answers at all, `busy` where the hub asks to wait. */
  constructor(queue, code, tell) {
    Object.assign(this, { queue, code, tell });
    this.state = { sending: null, held: null, lost: false, again: null };
    this.pause = SOONEST;
    this.notBefore = 0;
  }

  /** Tries at once whenever the page is looked at again or finds a network. */
  listen() {
    for (const event of ["online", "focus", "pageshow"]) window.addEventListener(event, () => this.now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.now());
  }

  /** Tries at once, whatever pause was agreed; whoever is sending already takes the new one along. */
  now() {
    clearTimeout(this.timer);
    this.asked = true;
    this.running ??= this.run().finally(() => { this.running = null; });
    return this.running;
  }

  async run() {
    while (this.asked) {
      this.asked = false;
      const wait = await this.once();
      this.be({ sending: null, again: wait ? Date.now() + wait : null });
      if (wait) this.timer = setTimeout(() => this.now(), wait);
    }
  }

  /** Sends until nothing waits, or something is in the way: then it answers how long to leave it, in milliseconds. Under a lock of
      the whole browser, so that two tabs, or a tab and the worker, never send the same report at once. */
  once() {
    return navigator.locks.request(`tallyroom sending ${this.code}`, () => this.drain()).catch(() => this.later(null));
  }

  async drain() {
    if (!(await this.queue.next(this.code))) {
      if (this.state.held?.why !== "signed-out") this.be({ held: null });
      return 0;
    }
    const early = this.notBefore - Date.now();
    if (early > 0) return early;
    const me = await ask("/api/v1/me", { headers: { "Tallyroom-Operation": this.code } });
    if (me.status !== 200) return this.stop(me);
    for (;;) {
      const entry = await this.queue.next(this.code);
      if (!entry) return this.clear();
      this.be({ sending: entry.number });
      const answer = await this.one(entry, me.body.id);
      if (answer) return this.stop(answer);
      this.pause = SOONEST;
      this.be({ held: null, lost: false });
    }
  }

  /* One entry. Answers nothing where the hub has decided, else the answer that is in the way. */
  async one(entry, author) {
    const found = await this.arrivedBefore(entry, author);
    if (found.status !== 200) return found;
    if (found.receipt) return void (await this.queue.received(entry.number, found.receipt));
    if (!(await this.queue.attempt(entry.number, author))) return undefined;
    const headers = { "Content-Type": "application/json", "Idempotency-Key": entry.key };
    const answer = await ask(entry.path, { method: "POST", headers, body: JSON.stringify(entry.body) });
    if (answer.status === 201 && answer.body.digest) return void (await this.queue.received(entry.number, answer.body));
    if (!decided(answer, entry)) return answer;
    return void (await this.queue.refused(entry.number, answer.body));
  }

  /* A key belongs to whoever sent it. Where an answer to someone else got lost, and another is signed in now, the hub is asked
     first whether it has the report: sent again under another name it would be another report. */
  async arrivedBefore(entry, author) {
    for (const other of entry.tried.filter((one) => one !== author)) {
      const answer = await (entry.kind === "withdrawal" ? this.withdrawn(entry) : this.posted(entry, other));
      if (answer.status !== 200 || answer.receipt) return answer;
    }
    return { status: 200 };
  }

  async posted(entry, author) {
    const asked = new URLSearchParams({ author, idempotency_key: entry.key });
    const answer = await ask(`${entry.path}?${asked}`);
    return answer.status === 200 && Array.isArray(answer.body.items) ? { status: 200, receipt: answer.body.items[0] } : lostUnless(answer);
  }

  async withdrawn(entry) {
    const answer = await ask(entry.path.replace(/\/withdrawal$/, ""));
    if (answer.status !== 200) return answer.status === 404 ? { status: 200 } : answer;
    const made = answer.body.withdrawal;
    return { status: 200, receipt: made?.reason === entry.body.reason ? { ...made, unit: answer.body.unit, digest: "" } : null };
  }

  clear() {
    this.pause = SOONEST;
    this.be({ held: null, lost: false, away: false, sending: null });
    return 0;
  }

  stop(answer) {
    const why = answer.status === 401 ? "signed-out" : answer.status === 404 ? "not-yours" : HOLDS[kind(answer)];
    if (!why || !answer.problem) return this.later(answer);
    this.be({ held: { why, detail: answer.body.detail }, lost: false });
    return HELD;
  }

  later(answer) {
    const pause = Math.max(this.pause * (0.75 + Math.random() / 2), (answer?.after ?? 0) * 1000);
    if (answer?.after) this.notBefore = Date.now() + answer.after * 1000;
    this.pause = Math.min(this.pause * 2, LATEST);
    this.be({ lost: true, away: answer?.status === 0, busy: answer?.status === 429 });
    return pause;
  }

  be(change) {
    this.state = { ...this.state, ...change };
    this.tell(this.state);
  }
}

const kind = (answer) => String(answer.body?.type ?? "").split("/").pop();
const lostUnless = (answer) => (answer.problem ? answer : { ...answer, status: 0 });

/* Whether the hub has looked at the report itself and will say the same for ever. */
function decided(answer, entry) {
  if (!answer.problem || answer.status < 400 || answer.status >= 500) return false;
  if ([401, 408, 425, 429].includes(answer.status) || kind(answer) === "idempotency-key-in-use") return false;
  if (answer.status === 404) return entry.kind !== "report";
  return !HOLDS[kind(answer)];
}

/** Asks the hub. `status` is 0 where nothing came back that can be the hub's; `problem` says whether it is a problem document. */
export async function ask(path, options = {}) {
  try {
    const headers = { Accept: "application/json", ...options.headers };
    const answer = await fetch(path, { ...options, headers, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
    const form = answer.headers.get("Content-Type") ?? "";
    const body = answer.status === 204 ? {} : await answer.json();
    const after = Number(answer.headers.get("Retry-After")) || 0;
    return { status: answer.status, body, after, problem: form.startsWith("application/problem+json"), date: answer.headers.get("Date") };
  } catch {
    return { status: 0, body: {}, after: 0, problem: false };
  }
}
