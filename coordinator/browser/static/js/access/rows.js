/* Lists of what the API lists: a row says what it is, and has the one button that ends it. */

import { ask } from "./api.js";

/** All items of a list, however many pages it has. */
export async function all(path, query = {}) {
  const items = [];
  let cursor = null;
  do {
    const asked = new URLSearchParams({ ...query, limit: "200", ...(cursor ? { cursor } : {}) });
    const page = await ask("GET", `${path}?${asked}`);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}

/** Fills a list; `told(item)` is [title, facts, over?], `end` is {word, path(item), shown(item)} or nothing. */
export function fill(list, items, told, end, changed) {
  list.replaceChildren(...items.map((item) => row(item, told(item), end, changed)));
  if (!items.length) list.append(element("li", "None.", "quiet"));
}

function row(item, [title, facts, over], end, changed) {
  const line = element("li", "", over ? "over" : "");
  const words = element("div", "");
  words.append(element("b", title), element("br", ""), element("span", facts, "small"));
  line.append(words);
  if (end && (end.shown?.(item) ?? true)) line.append(button(item, title, end, changed));
  return line;
}

function button(item, title, end, changed) {
  const one = element("button", end.word(item));
  one.type = "button";
  one.setAttribute("aria-label", `${end.word(item)}: ${title}`);
  one.addEventListener("click", async () => {
    one.disabled = true;
    await changed(() => end.act(item));
    one.disabled = false;
  });
  return one;
}

function element(name, text, kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

const zone = document.getElementById("clock")?.dataset.zone;
const form = new Intl.DateTimeFormat("en-US", { timeZone: zone, month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short" });

/** "Aug 26, 9:15 PM CDT", in the operation's zone where the page is of one, else the reader's; the zone is always named. */
export const when = (text) => form.format(new Date(text)).replace(/[\s\u202f](AM|PM)/, (half) => ` ${half.trim().toLowerCase()}`);
