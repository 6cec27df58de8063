/* What must be known before anything else: is there a signal, am I signed in, is the operation open, is anything refused. */

import { html, useEffect, useState } from "../../vendor/preact.js";
import { Rules } from "./rules.js";
import { signIn, Unlock } from "./unlock.js";
import { reportsAre } from "./words.js";

const OPEN = new Set(["live", "standing_down", "reconciling"]);

export function Banners({ told, entries, code, parts, unit }) {
  const waiting = entries.filter((entry) => entry.state === "waiting").length;
  const refused = entries.filter((entry) => entry.state === "refused");
  const away = told.entries.filter((entry) => entry.operation !== code && entry.state === "waiting");
  const elsewhere = refused.find((entry) => entry.unit !== unit?.code);
  return html`<div class="banners" role="status">
    <${Line} told=${told} waiting=${waiting} parts=${parts} />
    <${Rules} told=${told} unit=${unit} code=${code} waiting=${waiting} />
    ${refused.length > 0 && html`<p class="banner bad">${refused.length === 1 ? "1 report was refused" : `${refused.length} reports were refused`} and ${refused.length === 1 ? "does" : "do"} not count. ${elsewhere ? `Choose ${elsewhere.unit} to mend it.` : html`<a href="#reports">See why, and mend it</a>`}</p>`}
    ${away.length > 0 && html`<p class="banner late">${reportsAre(away.length)} still waiting on this phone for another operation. <a href=${`/operations/${encodeURIComponent(away[0].operation)}/post`}>Open it</a> to send.</p>`}
    <${Newer} replaced=${told.replaced} />
  </div>`;
}

/* One sentence about the way to the hub: the one thing in the way that matters most. */
function Line({ told, waiting, parts }) {
  const offline = useOffline();
  const { sending, line } = told;
  const safe = waiting ? `${reportsAre(waiting)} safe on this phone` : "";
  const refusal = line.refusal?.status;
  if (refusal === 401 || (sending.held?.why === "signed-out" && !offline)) return html`<${Unlock} safe=${safe} parts=${parts} />`;
  if (offline || line.state === "lost" || (sending.lost && !sending.busy)) return html`<p class="banner lost"><b>No signal.</b> ${waiting ? `${safe} and will go out by ${waiting === 1 ? "itself" : "themselves"}.` : "You can go on: what you send is kept on this phone and goes out by itself."}</p>`;
  if (!refusal && told.known.operation && !OPEN.has(told.known.operation.phase)) return html`<${Closed} operation=${told.known.operation} safe=${safe} waiting=${waiting} />`;
  if (sending.held?.why === "closed") return html`<p class="banner late"><b>The operation takes no reports now.</b> ${sending.held.detail} ${safe && `${capitalised(safe)} and ${waiting === 1 ? "goes" : "go"} out`} if the desk opens it again. Call the desk.</p>`;
  if (sending.held?.why === "rules" && !refusal) return null;
  if (sending.held || refusal) return html`<p class="banner late"><b>Not sent.</b> ${sending.held?.detail ?? line.refusal.body.detail} ${safe && `${capitalised(safe)}.`} <a href=${signIn()}>Sign in as the one who posts here</a>, or call the desk.</p>`;
  if (sending.busy) return html`<p class="banner late">The hub asks to wait a moment. ${capitalised(safe)} and will go out by themselves.</p>`;
  return null;
}

/* Before it is live and after it was reconciled an operation takes no reports, whether any waits here or not. */
function Closed({ operation, safe, waiting }) {
  const early = ["planned", "briefing"].includes(operation.phase);
  const kept = waiting ? `${capitalised(safe)} and ${waiting === 1 ? "goes" : "go"} out ${early ? "then" : "if the desk opens it again"}.` : "What you send is kept on this phone.";
  return html`<p class="banner late"><b>${early ? "The operation has not begun." : "The operation takes no reports now."}</b> ${operation.name} is ${operation.phase.replace("_", " ")}${early ? "; reports are taken once it is live" : ""}. ${kept} ${early ? "" : "Call the desk."}</p>`;
}

const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function useOffline() {
  const [offline, set] = useState(!navigator.onLine);
  useEffect(() => {
    const look = () => set(!navigator.onLine);
    for (const event of ["online", "offline"]) window.addEventListener(event, look);
    return () => { for (const event of ["online", "offline"]) window.removeEventListener(event, look); };
  }, []);
  return offline;
}

/* A newer page has taken over beneath this one: it goes on working until it is opened again, with everything in place. */
function Newer({ replaced }) {
  const [newer, set] = useState(false);
  useEffect(() => {
    const worker = navigator.serviceWorker;
    let had = Boolean(worker?.controller);
    const look = () => {
      if (had) set(true);
      had = true;
    };
    worker?.addEventListener("controllerchange", look);
    return () => worker?.removeEventListener("controllerchange", look);
  }, []);
  if (!newer && !replaced) return null;
  return html`<p class="banner news">This page has a newer version. Nothing you typed or sent is lost by it. <button type="button" onClick=${() => location.reload()}>Use it now</button></p>`;
}
