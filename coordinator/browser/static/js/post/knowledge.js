/* What the page knows of its operation, kept on the phone so that it opens without a network: the operation, who speaks, the last
   totals with their time, the unit's reports. Live while there is a network; what the hub says replaces what was kept. */

import { after } from "../store.js";
import { Stream } from "../stream.js";
import { ask } from "./sending.js";

const PATIENCE = 25000;
const KEPT_EVERY = 300;
/** How soon to ask again where nothing answers, and where the answer is that one is not signed in. */
const LOST = 5000;
const REFUSED = 30000;
const LISTED = 200;
const GATHERED = 150;
/** A phone's clock that is off by no more than this is left alone: the hub is not that exact itself. */
const CLOCK = 30000;

export const NOTHING = { operation: null, me: null, totals: null, totalsAt: null, reports: {}, orders: null, skew: 0 };

export class Knowledge {
  /* `tell(known, line)` hears every change; `line` is {state: "connecting" | "live" | "lost" | "ended", refusal: answer | null}. */
  constructor(queue, code, tell) {
    Object.assign(this, { queue, code, tell, known: NOTHING, line: { state: "connecting", refusal: null }, unit: null });
    for (const event of ["online", "pageshow"]) window.addEventListener(event, () => this.refresh());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.refresh());
  }

  async open() {
    this.set({ ...NOTHING, ...(await this.queue.known(this.code).catch(() => null)) });
    await this.refresh();
  }

  /** Which unit's reports are wanted. */
  async watch(unit) {
    this.unit = unit;
    await this.list();
  }

  /** Asks for everything anew, and follows the stream again where that has ended. One at a time. */
  refresh() {
    this.asking ??= this.askAll().finally(() => { this.asking = null; });
    return this.asking;
  }

  async askAll() {
    const header = { headers: { "Tallyroom-Operation": this.code } };
    const [me, operation] = await Promise.all([ask("/api/v1/me", header), ask(this.path(""))]);
    clearTimeout(this.timer);
    const refusal = [me, operation].find((answer) => answer.problem && [401, 403, 404].includes(answer.status)) ?? null;
    if (refusal || me.status !== 200 || operation.status !== 200) {
      this.timer = setTimeout(() => this.refresh(), refusal ? REFUSED : LOST);
      return this.be({ refusal, state: refusal ? "ended" : "lost" });
    }
    this.be({ refusal: null });
    this.set({ me: me.body, operation: operation.body, skew: skewOf(me.date) });
    if (!this.stream || this.stream.stopped) this.follow();
    this.heed();
    return this.list();
  }

  follow() {
    const hear = (name, data) => this.hear(name, data);
    const tell = ({ state }) => (state === "ended" ? this.refresh() : this.be({ state }));
    this.stream = new Stream(this.code, this.known.totals?.position ?? null, { hear, tell, patience: PATIENCE });
  }

  hear(name, data) {
    if (name === "bulletin" || name === "happening") return void (this.heeding ??= setTimeout(() => this.heed(), GATHERED));
    if (name !== "snapshot" && !this.known.totals) return;
    const position = this.known.totals?.position;
    this.set({ totals: after(this.known.totals, name, data), totalsAt: Date.now() });
    if (name === "phase") this.set({ operation: { ...this.known.operation, phase: data.phase } });
    const moved = name === "snapshot" ? data.position !== position : data.units?.some((unit) => unit.code === this.unit);
    if (moved) this.list();
  }

  /** What stands, where one's units are, and which counting rules are to be acknowledged. Whom to call tonight is not kept on the phone. */
  async heed() {
    clearTimeout(this.heeding);
    this.heeding = null;
    if (this.known.me?.role !== "liaison") return;
    const paths = ["/bulletins?current=true&limit=50", "/presence", "/briefings?limit=1"];
    const [bulletins, presence, briefings] = await Promise.all(paths.map((rest) => ask(this.path(rest))));
    if ([bulletins, presence, briefings].some((answer) => answer.status !== 200)) return;
    const items = presence.body.items.map(({ contact, ...rest }) => rest);
    this.set({ orders: { bulletins: bulletins.body.items, presence: items, asked: briefings.body.asked } });
  }

  /** Answers or checks in; the hub's sentence where it refuses, null where it took it. */
  async say(rest, body) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
    const answer = await ask(this.path(rest), { method: "POST", headers, body: JSON.stringify(body) });
    await this.heed();
    return answer.status === 201 ? null : answer.problem ? answer.body.detail : "The hub can't be reached now. Try again when there is a signal.";
  }

  /** The unit's reports, newest first. Asked again at once where something happened meanwhile. */
  async list() {
    if (!this.unit || this.listing) return void (this.again = Boolean(this.unit));
    this.listing = true;
    const unit = this.unit;
    const answer = await ask(this.path(`/reports?unit=${encodeURIComponent(unit)}&limit=${LISTED}`));
    this.listing = false;
    if (answer.status === 200 && answer.body.items) this.set({ reports: { ...this.known.reports, [unit]: { items: answer.body.items, at: Date.now() } } });
    if (this.again) {
      this.again = false;
      await this.list();
    }
  }

  path(rest) {
    return `/api/v1/operations/${encodeURIComponent(this.code)}${rest}`;
  }

  set(change) {
    this.known = { ...this.known, ...change };
    this.tell(this.known, this.line);
    this.writing ??= setTimeout(() => {
      this.writing = null;
      this.queue.know(this.code, this.known).catch(() => {});
    }, this.known.operation ? KEPT_EVERY : 0);
  }

  be(change) {
    this.line = { ...this.line, ...change };
    this.tell(this.known, this.line);
  }

  /** The hub's time in milliseconds, as well as this phone knows it. */
  now() {
    return Date.now() + this.known.skew;
  }
}

function skewOf(date) {
  const skew = date ? Date.parse(date) - Date.now() : 0;
  return Math.abs(skew) > CLOCK ? skew : 0;
}

/** The units that whoever speaks may post for, in the order of the operation: its own with all below them, all for the desk. */
export function unitsOf({ operation, me }) {
  if (!operation || !me) return [];
  if (!me.units.length) return me.role === "observer" ? [] : operation.units;
  const own = new Set(me.units);
  return operation.units.filter((unit) => own.has(unit.code) || (own.has(unit.parent) && own.add(unit.code)));
}
