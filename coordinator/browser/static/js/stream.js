/* The stream of an operation, read by fetch and not by EventSource: that hides the comment a quiet hub sends every few seconds, by
   which alone a hub that has nothing to say is told from one that is frozen. Here every byte counts as a sign of life. */

import { base } from "./hub.js";

const SOONEST = 250;
const LATEST = 5000;
const GRACE = 3000;

export class Stream {
  /* `hear(name, data)` gets each event, `tell(state)` each change of {state: "live" | "lost" | "ended", since, detail}.
     `patience` is how many milliseconds without a byte mean that the hub is lost. */
  constructor(code, position, { hear, tell, patience }) {
    Object.assign(this, { code, position, hear, tell, patience });
    this.pause = SOONEST;
    this.heardAt = Date.now();
    this.state = "connecting";
    this.stopped = false;
    this.watch = setInterval(() => this.look(), 500);
    this.run();
  }

  stop() {
    this.stopped = true;
    clearInterval(this.watch);
    this.cut?.abort();
  }

  async run() {
    while (!this.stopped) {
      await this.once().catch(() => {});
      this.brokenAt ??= Date.now();
      if (this.stopped) return;
      await new Promise((done) => setTimeout(done, this.pause * (0.5 + Math.random() / 2)));
      this.pause = Math.min(this.pause * 2, LATEST);
    }
  }

  async once() {
    this.cut = new AbortController();
    this.triedAt = Date.now();
    const headers = { Accept: "text/event-stream", ...(this.position === null ? {} : { "Last-Event-ID": String(this.position) }) };
    const answer = await fetch(`${base(this.code)}/stream`, { headers, signal: this.cut.signal, cache: "no-store" });
    if ([401, 403, 404].includes(answer.status)) return this.end(answer.status);
    if (!answer.ok) throw new Error(String(answer.status));
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      this.alive();
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) this.take(block);
    }
  }

  /* A block of lines: an event, or a comment that says nothing but that the hub is there. */
  take(block) {
    const fields = {};
    for (const line of block.split("\n")) {
      const at = line.indexOf(":");
      if (at > 0) fields[line.slice(0, at)] = line.slice(at + 1).replace(/^ /, "");
    }
    if (fields.event === undefined || fields.data === undefined) return;
    if (fields.id !== undefined) this.position = fields.id;
    this.hear(fields.event, JSON.parse(fields.data));
  }

  alive() {
    this.heardAt = Date.now();
    this.pause = SOONEST;
    this.brokenAt = null;
    this.be("live");
  }

  /* A connection that has said nothing for too long is given up, even though it is still open; so is one that no one answers. One
     that broke is said to be lost at once, but for the moment in which a hub that starts again takes its watchers back. */
  look() {
    const broken = Boolean(this.brokenAt) && Date.now() - this.brokenAt > GRACE;
    if (!broken && Date.now() - this.heardAt < this.patience) return;
    this.be("lost");
    if (Date.now() - this.triedAt > this.patience) this.cut?.abort();
  }

  end(status) {
    this.stop();
    this.be("ended", status === 404 ? "This operation is not yours any more." : "You are no longer signed in.");
  }

  be(state, detail = "") {
    if (state === this.state) return;
    this.state = state;
    this.tell({ state, detail, since: this.heardAt });
  }
}
