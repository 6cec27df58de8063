/* Files that a worker makes: ask for one, watch its bar, fetch it; and the public form. The hub is asked again while any is under way. */

import { ask } from "../access/api.js";
import { Confirmation } from "../access/confirmation.js";
import { asking } from "../access/forms.js";
import { all, when } from "../access/rows.js";

const AGAIN = 1000;
const element = (id) => document.getElementById(id);
const { released, words } = JSON.parse(element("content").textContent);
const path = `/operations/${element("exports").dataset.operation}`;
let timer = 0;
let under = new Set();

if (element("ask")) asking(element("ask"), async ({ format, release, at, public: form }) => {
  const place = release ? { release: Number(release) } : at ? { at: Number(at) } : {};
  await ask("POST", `${path}/exports`, { format, public: Boolean(form), ...place }, { "Idempotency-Key": crypto.randomUUID() });
  await refresh();
});

if (element("publish")) {
  const confirmation = new Confirmation(element("confirm"));
  const publish = async () => {
    const made = await ask("POST", `${path}/publications`, released ? { release: released } : {}, { "Idempotency-Key": crypto.randomUUID() });
    element("published").textContent = `Published: ${shown(made)}.`;
    await publications();
  };
  asking(element("publish"), async () => {
    const what = released ? `release ${released}` : "the figures of now, which nobody has certified";
    confirmation.ask("Publish the public form?", [`It shows ${what}.`, "It can't be taken back: whatever is shown now is shown the same way in every later publication, or not at all."], "Publish it", publish);
  });
  publications();
}

refresh();

async function refresh() {
  clearTimeout(timer);
  try {
    const files = await all(`${path}/exports`);
    element("problem").textContent = "";
    draw(files);
    if (files.some(waits)) timer = setTimeout(refresh, AGAIN);
  } catch (refused) {
    element("problem").textContent = refused.message;
    timer = setTimeout(refresh, 5 * AGAIN);
  }
}

const waits = (file) => file.state === "waiting" || file.state === "working";
const name = (file) => `${words[file.format]}, ${placed(file)}${file.public ? ", public form" : ""}`;
const placed = (one) => (one.release ? `release ${one.release}` : `position ${one.position}`);

function draw(files) {
  const done = files.filter((file) => file.state === "ready" && under.has(file.id));
  if (done.length) element("said").textContent = `Ready: ${done.map(name).join("; ")}.`;
  under = new Set(files.filter(waits).map((file) => file.id));
  element("files").replaceChildren(...files.map(line));
  if (!files.length) element("files").append(made("li", "None.", "quiet"));
}

function line(file) {
  const item = made("li", "");
  const about = made("div", "");
  about.append(made("b", name(file)), made("br", ""), made("span", state(file), "small"));
  item.append(about);
  if (waits(file)) item.append(bar(file));
  if (file.download) item.append(way(file));
  return item;
}

function state(file) {
  if (file.state === "failed") return "It could not be made. Ask for it again; if that fails too, tell whoever runs this hub.";
  if (file.state === "ready") return `Ready, until ${when(file.expires_at)}`;
  return file.state === "waiting" ? "Waiting for a worker" : `Being made, ${Math.round(file.progress * 100)} %`;
}

function bar(file) {
  const shown = made("progress", "");
  shown.max = 1;
  shown.value = file.progress;
  shown.setAttribute("aria-label", `${name(file)}: how far it is`);
  return shown;
}

function way(file) {
  const link = made("a", "Fetch", "button");
  link.href = file.download;
  link.setAttribute("aria-label", `Fetch: ${name(file)}`);
  return link;
}

async function publications() {
  const listed = await all(`${path}/publications`);
  element("publications").replaceChildren(...listed.map((one) => made("li", `${when(one.published_at)}, by ${one.name}: ${shown(one)}`)));
}

function shown(one) {
  const hidden = one.measures.filter((measure) => measure.shows === "units" && measure.hidden).length;
  const left = one.measures.filter((measure) => measure.shows === "nothing").length;
  const told = [`${one.measures.length - left} of ${one.measures.length} measures`, hidden ? `small counts hidden in ${hidden} of them` : "", left ? `${left} left out` : ""];
  return `${placed(one)}, ${told.filter(Boolean).join(", ")}`;
}

function made(tag, text, kind = "") {
  const one = document.createElement(tag);
  one.textContent = text;
  if (kind) one.className = kind;
  return one;
}
