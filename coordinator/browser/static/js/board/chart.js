/* The night by measure: what stood at the end of each step, by when it happened. The drawing is for the eye; the same is there as words
   and as a table. Figures become floats here alone, where they become pixels. */

import { html, useEffect, useMemo, useRef, useState } from "../../vendor/preact.js";
import { shown } from "../figures.js";
import { ask } from "../hub.js";
import { near, zoned } from "../times.js";

const STEPS = [["1m", 1], ["2m", 2], ["5m", 5], ["10m", 10], ["15m", 15], ["30m", 30], ["1h", 60], ["2h", 120], ["6h", 360], ["1d", 1440], ["7d", 10080]];
const MOST_POINTS = 150;
const MOST_LINES = 5;
const COLOURS = ["--one", "--two", "--three", "--four", "--five"];
const DASHES = [[], [8, 4], [3, 3], [12, 4, 3, 4], [1, 4]];
const REFRESH = 4000;

/** The measures that can be drawn on one axis with this one: of the same unit of count, itself first. */
export function together(operation, measure) {
  return [measure, ...operation.measures.filter((one) => one !== measure && one.unit === measure.unit && one.scale === measure.scale)].slice(0, MOST_LINES);
}

export function Chart({ context, measure, moment, wall }) {
  const { operation, live } = context;
  const measures = useMemo(() => together(operation, measure), [operation, measure]);
  const series = useSeries(operation, measures, live);
  const window_ = [Date.parse(operation.starts_at), Date.parse(operation.ends_at)];
  return html`<section class="card chart" aria-labelledby="chart-title">
    <h2 id="chart-title">Through the night</h2>
    <figure>
      <${Drawing} operation=${operation} measures=${measures} series=${series} window_=${window_} moment=${moment} />
      <figcaption class="sr">${series && words(operation, measures, series)}</figcaption>
    </figure>
    ${series && !wall && html`<details class="small"><summary>In words and as a table</summary><p class="quiet">${words(operation, measures, series)}</p><${Hours} operation=${operation} measures=${measures} series=${series} /></details>`}
  </section>`;
}

/* Series of these measures, asked for again when a figure of theirs changes, but not more often than every few seconds. */
function useSeries(operation, measures, live) {
  const [series, setSeries] = useState(null);
  const asked = useRef(0);
  const figures = measures.map((measure) => live.national[measure.code]?.total).join(" ");
  const key = `${operation.code} ${measures.map((measure) => measure.code)} ${operation.starts_at} ${operation.ends_at}`;
  useEffect(() => {
    const wait = setTimeout(async () => {
      asked.current = Date.now();
      const starts = Date.parse(operation.starts_at);
      const to = Math.max(starts, Math.min(Date.parse(live.generated_at), Date.parse(operation.ends_at)));
      const [step, minutes] = STEPS.find(([, length]) => (Date.parse(operation.ends_at) - starts) / 60000 / length <= MOST_POINTS) ?? STEPS.at(-1);
      const range = { step, from: operation.starts_at, to: new Date(to).toISOString() };
      const found = await Promise.all(measures.map((measure) => ask(operation.code, "/series", { measure: measure.code, ...range }))).catch(() => null);
      if (found?.every((one) => one?.points?.length)) setSeries({ key, minutes, points: found.map((one) => one.points), to });
    }, Math.max(0, asked.current + REFRESH - Date.now()));
    return () => clearTimeout(wait);
  }, [key, figures]);
  return series?.key === key ? series : null;
}

function Drawing({ operation, measures, series, window_, moment }) {
  const place = useRef(null);
  const plot = useRef(null);
  const marked = useRef(null);
  marked.current = moment;
  const [scheme, setScheme] = useState(0);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const change = () => setScheme((n) => n + 1);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, []);
  useEffect(() => {
    if (!series) return undefined;
    let gone = false;
    let watch;
    import("../../vendor/uplot.js").then(({ default: UPlot }) => {
      if (gone) return;
      const options = optionsOf(UPlot, operation, measures, window_, place.current, marked);
      plot.current = new UPlot(options, dataOf(series), place.current);
      watch = new ResizeObserver(() => plot.current?.setSize(sizeOf(place.current)));
      watch.observe(place.current);
    });
    return () => {
      gone = true;
      watch?.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [operation, series?.key, scheme]);
  useEffect(() => {
    if (series && plot.current) plot.current.setData(dataOf(series));
  }, [series]);
  useEffect(() => plot.current?.redraw(false), [moment]);
  return html`<div class="plot" ref=${place} role="img" aria-label=${`Chart of ${measures.map((measure) => measure.label).join(", ")} through the night; the same follows in words and as a table`}></div>`;
}

const sizeOf = (element) => ({ width: Math.max(200, element.clientWidth), height: Math.max(160, element.clientHeight) });

function dataOf(series) {
  const times = series.points[0].map(([start]) => Math.min(Date.parse(start) + series.minutes * 60000, Math.max(series.to, Date.parse(start))) / 1000);
  return [times, ...series.points.map((points) => points.map(([, , standing]) => Number(standing)))];
}

function optionsOf(UPlot, operation, measures, window_, element, marked) {
  const look = getComputedStyle(document.documentElement);
  const colour = (name) => look.getPropertyValue(name).trim();
  const rem = parseFloat(look.fontSize);
  const font = `${Math.round(rem * 0.8125)}px ${look.getPropertyValue("--font")}`;
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font };
  return {
    ...sizeOf(element),
    padding: [rem * 0.5, rem * 8.5, 0, 0],
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), operation.time_zone),
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { range: () => [window_[0] / 1000, window_[1] / 1000] }, y: { range: (_, low, high) => [0, Math.max(4, high * 1.06)] } },
    axes: [
      { ...axis, space: rem * 5, size: rem * 2, values: (_, splits) => splits.map((seconds) => hour(new Date(seconds * 1000), operation.time_zone)) },
      { ...axis, space: rem * 2.5, size: rem * 3.2, values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? shown(value, { ...measures[0], unit: measures[0].unit === "USD" ? "USD" : "" }) : "")) },
    ],
    series: [{}, ...measures.map((measure, at) => ({ label: measure.label, stroke: colour(COLOURS[at]), width: rem / 7, dash: DASHES[at], paths: UPlot.paths.stepped({ align: -1 }), points: { show: false } }))],
    hooks: { draw: [(plot) => label(plot, measures, colour, font, rem), (plot) => mark(plot, marked.current, colour)] },
  };
}

const hour = (date, zone) => zoned(date, zone).replace(":00", "").replace("12 am", "midnight").replace("12 pm", "noon");

/* Each line's name at its end, pushed apart where two would lie on each other. */
function label(plot, measures, colour, font, rem) {
  const { ctx } = plot;
  const ratio = devicePixelRatio;
  const gap = rem * 1.1 * ratio;
  const ends = measures
    .map((measure, at) => ({ measure, at, value: plot.data[at + 1].at(-1) }))
    .map((one) => ({ ...one, lines: lines(one.measure.label), y: plot.valToPos(one.value, "y", true) }))
    .sort((a, b) => a.y - b.y);
  const apart = (n) => (gap * (ends[n].lines.length + ends[n - 1].lines.length)) / 2;
  for (let n = 1; n < ends.length; n += 1) ends[n].y = Math.max(ends[n].y, ends[n - 1].y + apart(n));
  let lowest = plot.bbox.top + plot.bbox.height - (gap * ((ends.at(-1)?.lines.length ?? 1) - 1)) / 2;
  for (let n = ends.length - 1; n >= 0; lowest = ends[n].y - (n ? apart(n) : 0), n -= 1) ends[n].y = Math.min(ends[n].y, lowest);
  const x = Math.min(plot.valToPos(plot.data[0].at(-1), "x", true) + rem * 0.4 * ratio, plot.bbox.left + plot.bbox.width + rem * 0.4 * ratio);
  ctx.save();
  ctx.font = `700 ${font.replace(/^(\d+)/, (size) => Math.round(size * ratio))}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  for (const { lines: said, at, y } of ends) {
    ctx.fillStyle = colour(COLOURS[at]);
    said.forEach((line, n) => ctx.fillText(line, x, y + gap * (n - (said.length - 1) / 2)));
  }
  ctx.restore();
}

/* A long name in two lines, broken between words. */
function lines(text) {
  const at = text.lastIndexOf(" ", 19);
  return text.length <= 19 || at < 1 ? [short(text)] : [text.slice(0, at), short(text.slice(at + 1))];
}

const short = (text) => (text.length > 19 ? `${text.slice(0, 18)}…` : text);

function mark(plot, moment, colour) {
  if (!moment) return;
  const x = plot.valToPos(moment / 1000, "x", true);
  if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) return;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = colour("--past");
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, plot.bbox.top);
  ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
  ctx.stroke();
  ctx.restore();
}

/* The sentence that says what the drawing shows. */
function words(operation, measures, series) {
  return measures.map((measure, at) => {
    const points = series.points[at];
    const [, fresh, standing] = points.at(-1);
    const [, firstNew, first] = points[0];
    const early = Number(first) - Number(firstNew);
    const moved = points.findLast(([, change]) => Number(change) !== 0);
    return html`<span class="sentence"><b>${measure.label}</b> ${shown(standing, measure)}${moved ? `, last change about ${near(new Date(moved[0]), operation.time_zone, new Date(series.to))}` : ", no change in the window"}${early > 0 ? `, ${early.toLocaleString("en-US")} of it from before the window` : ""}. </span>`;
  });
}

function Hours({ operation, measures, series }) {
  const count = series.points[0].length;
  const every = Math.max(1, Math.ceil(count / 13));
  const rows = [...Array(count).keys()].filter((at) => at === count - 1 || (count - 1 - at) % every === 0);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Through the night, as a table"><table>
    <thead><tr><th scope="col">By</th>${measures.map((measure) => html`<th scope="col" class="number">${measure.label}</th>`)}</tr></thead>
    <tbody>${rows.map((at) => html`<tr><th scope="row">${near(new Date(Math.min(Date.parse(series.points[0][at][0]) + series.minutes * 60000, series.to)), operation.time_zone, new Date(series.to))}</th>${measures.map((measure, n) => html`<td class="number">${shown(series.points[n][at][2], measure)}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}
