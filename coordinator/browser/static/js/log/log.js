/* The log follows the night: whenever the stream says that something has happened, the newest page is read anew, as the hub writes
   it. A page of earlier entries stays as it is. */

import { Stream } from "../stream.js";

const GATHERED = 500;
const line = document.getElementById("line");
const listed = document.querySelector(".listed");

async function refresh() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  listed.replaceChildren(...page.querySelector(".listed").childNodes);
}

if ("follows" in line.dataset) {
  let timer = null;
  const soon = () => { timer ??= setTimeout(() => { timer = null; refresh(); }, GATHERED); };
  const hear = (name) => ["bulletin", "happening", "phase", "totals"].includes(name) && soon();
  const tell = ({ state }) => { line.dataset.line = state; line.textContent = state === "live" ? "Follows the night as it goes." : state === "lost" ? "No word from the hub: what stands here may be old." : ""; };
  new Stream(line.dataset.operation, null, { hear, tell, patience: Math.min(25, Number(line.dataset.heartbeat) + 10) * 1000 });
} else {
  line.textContent = "Earlier entries: this page stays as it is.";
}
