/* Waking this phone for what is said to its units, though no page is open: asked for by a button, since a browser asks its user once. */

import { html, useEffect, useState } from "../../vendor/preact.js";
import { base } from "../hub.js";

const able = () => "PushManager" in window && "Notification" in window && Boolean(navigator.serviceWorker);

export function Wake({ code }) {
  const [hub, learn] = useState(null);
  const [on, turned] = useState(false);
  const [busy, be] = useState(false);
  const [problem, complain] = useState("");
  useEffect(() => {
    if (able()) look(code).then(([there, woken]) => (learn(there), turned(woken)), () => {});
  }, [code]);
  if (!hub?.key) return null;
  const act = async (change) => {
    be(true);
    complain("");
    try {
      turned(await change(code, hub));
    } catch (refused) {
      complain(refused.message);
    }
    be(false);
  };
  return html`<section class="wake" aria-labelledby="wake-title">
    <h2 id="wake-title">When this phone is asleep</h2>
    <p class="quiet">${on ? "Bulletins and reminders wake this phone." : "Bulletins and reminders are seen only while this page is open."}</p>
    ${problem && html`<p class="wrong" role="alert">${problem}</p>`}
    <p><button type="button" disabled=${busy} onClick=${() => act(on ? sleep : wake)}>${on ? "Don't wake this phone" : "Wake this phone for bulletins"}</button></p>
  </section>`;
}

/* What the hub says, and whether this phone is one of its own. */
async function look(code) {
  const hub = await call(code, "GET");
  if (!hub.key || Notification.permission !== "granted") return [hub, false];
  const mine = await subscribed();
  const there = Boolean(mine) && hub.items.some((one) => one.endpoint === mine.endpoint);
  return [hub, there || (await again(code, hub).catch(() => false))];
}

/* A phone that was woken by another endpoint goes on by the one that its browser has put in its place; see also worker.js. */
async function again(code, hub) {
  const before = await wokenBy(code);
  if (before === null) return false;
  await wake(code, hub);
  for (const old of hub.items.filter((one) => one.endpoint === before)) await call(code, "DELETE", `/${old.id}`);
  return true;
}

/* By which endpoint this phone is woken for an operation, null where it is not: the worker reads it too, see worker.js. */
const WOKEN = "woken";
const place = (code) => `${base(code)}/push-subscriptions`;
const wokenBy = async (code) => (await (await (await caches.open(WOKEN)).match(place(code)))?.text()) ?? null;
const remember = async (code, endpoint) => (await caches.open(WOKEN)).put(place(code), new Response(endpoint));
const forget = async (code) => (await caches.open(WOKEN)).delete(place(code));

const subscribed = async () => (await navigator.serviceWorker.ready).pushManager.getSubscription();

async function wake(code, hub) {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("This phone does not allow it. Allow notifications of this page in the browser's settings, then try again.");
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: hub.key };
  const made = await pushManager.subscribe(options).catch(async (refused) => {
    if (refused.name !== "InvalidStateError") throw new Error("This phone's push service can't be reached now. Try again when there is a signal.");
    await (await pushManager.getSubscription())?.unsubscribe();  // it was made for another key of the hub
    return pushManager.subscribe(options);
  });
  await call(code, "POST", "", { endpoint: made.endpoint, key: coded(made.getKey("p256dh")), auth: coded(made.getKey("auth")) });
  await remember(code, made.endpoint);
  return true;
}

/* Only this operation's: another on the same phone may go on. */
async function sleep(code) {
  const mine = await subscribed();
  await forget(code);
  const { items } = await call(code, "GET");
  for (const one of items.filter((item) => item.endpoint === mine?.endpoint)) await call(code, "DELETE", `/${one.id}`);
  return false;
}

const coded = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function call(code, method, rest = "", body = undefined) {
  const headers = body ? { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() } : {};
  const sent = body && JSON.stringify(body);
  const answer = await fetch(`${place(code)}${rest}`, { method, headers, body: sent }).catch(() => null);
  if (!answer) throw new Error("The hub can't be reached now. Try again when there is a signal.");
  if (answer.status === 204) return null;
  const content = await answer.json();
  if (!answer.ok) throw new Error(Object.values(content.errors ?? {}).flat().join(" ") || content.detail);
  return content;
}
