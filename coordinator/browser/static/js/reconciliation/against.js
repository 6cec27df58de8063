/* What would change against the last release, if the figures were certified as they stand now: asked of certification, which makes it. */

import { ask } from "../access/api.js";
import { shown } from "../figures.js";

const element = (name, text, options = {}) => Object.assign(document.createElement(name), { textContent: text, ...options });

/** Fills the section, where the page has one. */
export async function against(base) {
  const there = document.querySelector("#against .there");
  if (!there) return;
  try {
    const { changes, alarms } = await ask("GET", `${base}/certification`);
    const rows = plain([...changes.units, ...changes.national]);
    there.replaceChildren(...alarms.map(alarm), rows.length ? table(rows) : element("p", "No figure is another than in the release."));
  } catch (refused) {
    there.replaceChildren(element("p", refused.message, { className: "error" }));
  }
}

const alarm = (text) => element("p", `Nobody sees this in the national figure. ${text}`, { className: "note late" });

/* A measure's only category says again what its own row says. */
function plain(rows) {
  const whole = new Map(rows.filter((row) => row.category === "all").map((row) => [`${row.unit} ${row.measure}`, `${row.before} ${row.after}`]));
  return rows.filter((row) => row.category !== "unspecified" || whole.get(`${row.unit} ${row.measure}`) !== `${row.before} ${row.after}`);
}

function table(rows) {
  const made = element("table", "", { className: "record moved" });
  made.append(element("caption", "By unit, the nation last", { className: "sr" }));
  const head = made.createTHead().insertRow();
  for (const [name, number] of [["Unit"], ["Measure"], ["In the release", true], ["Now", true], ["Difference", true]]) head.append(element("th", name, { scope: "col", className: number ? "number" : "" }));
  const body = made.createTBody();
  for (const row of rows) body.append(line(row));
  return made;
}

function line(row) {
  const one = element("tr", "");
  const text = (figure) => (figure === null ? "–" : shown(figure, { unit: row.unit_of_count }));
  const difference = row.difference === null ? "–" : `${String(row.difference).startsWith("-") ? "" : "+"}${text(row.difference)}`;
  one.append(element("td", row.unit_name, { className: "strong" }), element("td", row.category === "all" ? row.label : `${row.label}, ${row.category}`));
  for (const [name, value] of [["In the release", text(row.before)], ["Now", text(row.after)], ["Difference", difference]]) {
    const cell = element("td", value, { className: "number" });
    cell.dataset.label = name;
    one.append(cell);
  }
  return one;
}
