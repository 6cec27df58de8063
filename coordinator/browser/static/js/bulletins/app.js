/* The page of bulletins. It asks the hub for everything anew whenever the stream says that something has happened. */

import { html, render, useEffect, useRef, useState } from "../../vendor/preact.js";
import { ask } from "../access/api.js";
import { startClock } from "../clock.js";
import "../presence.js";
import { Stream } from "../stream.js";
import { precise } from "../times.js";
import { Bulletin } from "./bulletin.js";
import { CheckIn, Presence } from "./units.js";
import { StandDown } from "./standing.js";
import { Write } from "./write.js";

const content = JSON.parse(document.getElementById("content").textContent);
const { operation, desk } = content;
const path = `/operations/${operation.code}`;
const GATHERED = 150;
const REFRESHED = 30000;

/** Sends a write under a key of its own. */
const send = (rest, body) => ask("POST", path + rest, body, { "Idempotency-Key": crypto.randomUUID() });

/** Sends what may be sent again as it is, and looks at what came of it. */
const put = (rest, body) => ask("PUT", path + rest, body);

function useHub() {
  const [known, set] = useState(null);
  const [line, tell] = useState({ state: "connecting" });
  const [problem, complain] = useState("");
  const asked = useRef(() => {});
  useEffect(() => {
    let timer = null;
    const look = async () => {
      timer = null;
      try {
        const [bulletins, presence, standDown] = await Promise.all([ask("GET", `${path}/bulletins?limit=100`), ask("GET", `${path}/presence`), ask("GET", `${path}/stand-down`)]);
        set({ bulletins: bulletins.items, presence, standDown });
        complain("");
      } catch (refused) {
        complain(refused.message);
      }
    };
    const soon = () => { timer ??= setTimeout(look, GATHERED); };
    asked.current = soon;
    const hear = (name) => ["bulletin", "happening", "phase", "totals"].includes(name) && soon();
    const stream = new Stream(operation.code, null, { hear, tell, patience: Math.min(25, content.heartbeat + 10) * 1000 });
    const again = setInterval(soon, REFRESHED);
    look();
    return () => { stream.stop(); clearInterval(again); clearTimeout(timer); };
  }, []);
  return { known, line, problem, refresh: () => asked.current() };
}

function Page() {
  const { known, line, problem, refresh } = useHub();
  const [superseding, supersede] = useState(null);
  const lost = line.state === "lost" || line.state === "ended";
  const context = { operation, desk, over: content.over, units: content.units, send, put, refresh, now: Date.now() };
  return html`
    <div class="list-head"><h2 class="page-title">Bulletins</h2>${!desk && html`<a class="button no-print" href=${`${path}/post`}>Post figures</a>`}</div>
    ${lost && html`<p class="banner lost" role="alert"><b>No word from the hub</b> since ${precise(new Date(line.since), operation.time_zone)}. What stands here may be old.</p>`}
    ${problem && html`<p class="error" role="alert">${problem}</p>`}
    ${!known && !problem && html`<p class="quiet">One moment.</p>`}
    ${known && html`
      <${StandDown} context=${context} standing=${known.standDown} />
      ${!desk && html`<${CheckIn} context=${context} presence=${known.presence} />`}
      <div class=${desk ? "halves" : ""}>
        ${desk && html`<div class="stack"><${Write} key=${superseding?.bulletin.id} context=${context} superseding=${superseding} done=${() => supersede(null)} /><${Presence} context=${context} presence=${known.presence} /></div>`}
        <section aria-labelledby="list-title" class="stack" id="list">
          <h3 id="list-title" class="sr">All bulletins, newest first</h3>
          ${known.bulletins.length ? known.bulletins.map((one) => html`<${Bulletin} key=${one.id} bulletin=${one} context=${context} supersede=${(kind) => { supersede({ kind, bulletin: one }); document.getElementById("write").scrollIntoView(); }} />`) : html`<p class="card quiet">Nothing has been said yet.</p>`}
        </section>
      </div>`}`;
}

startClock();
const place = document.getElementById("bulletins");
place.replaceChildren();
place.removeAttribute("aria-busy");
render(html`<${Page} />`, place);
