/* The service worker of the liaison's page: keeps the page and its files on the phone, and nothing else. Figures and reports are in
   IndexedDB, which it leaves alone, so a new version can take over at any moment. `self.KEPT` is put before this by the hub, and
   where the browser can run it in the background `self.sendWaiting`, which takes the queue to the hub. */

const { version, shell, files } = self.KEPT;
const CACHE = `post ${version}`;
const PAGE = /^\/operations\/[^/]+\/post$/;
const OURS = new Set(files);

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(clear().then(() => self.clients.claim())));

if (self.sendWaiting) self.addEventListener("sync", (event) => event.waitUntil(self.sendWaiting()));

/* What wakes this phone: the hub's words, as they came. A browser wants every one of them shown. */
self.addEventListener("push", (event) => event.waitUntil(show(event.data?.json() ?? {})));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});

/* A browser may replace what it is woken by. The hub is told, or the phone would sleep on without anyone noticing; where that fails
   (no network, a session that has ended) the page does it when it is next opened. */
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event.newSubscription)));

/* The page opens from what is kept even where there is a network: with one bar of signal that is the difference. */
self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  const address = event.request.mode === "navigate" && PAGE.test(pathname) ? shell : pathname;
  if (address === shell || OURS.has(address)) event.respondWith(kept(address, event.request));
});

function show({ id, title = "Tallyroom", body = "Open the page.", page = "/" }) {
  const icon = files.find((name) => name.endsWith("icon-192.png"));
  return self.registration.showNotification(title, { body, icon, badge: icon, tag: id, data: page, requireInteraction: true });
}

/* The page it is about, in a window that shows it already where there is one. */
async function open(page) {
  const wanted = new URL(page, self.location.origin);
  if (wanted.origin !== self.location.origin) return;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => new URL(one.url).pathname === wanted.pathname);
  await (there ? there.focus() : self.clients.openWindow(wanted.href));
}

async function renew(made) {
  const woken = await caches.open("woken");
  for (const { url } of await woken.keys()) {
    const hub = await (await fetch(url)).json();
    const subscription = made ?? (await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: hub.key }));
    const { endpoint, keys } = subscription.toJSON();
    const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ endpoint, key: keys.p256dh, auth: keys.auth }) });
    if (!answer.ok) continue;
    const before = await (await woken.match(url)).text();
    await woken.put(url, new Response(endpoint));
    for (const old of hub.items.filter((one) => one.endpoint === before && before !== endpoint)) await fetch(`${url}/${old.id}`, { method: "DELETE" });
  }
}

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll([new Request(shell, { cache: "reload" }), ...files]);
}

async function clear() {
  const others = (await caches.keys()).filter((name) => name.startsWith("post ") && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

async function kept(address, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) ?? fetch(request);
}
