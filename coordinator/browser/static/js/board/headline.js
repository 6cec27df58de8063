/* The national figures: large, and never a bare number. */

import { html } from "../../vendor/preact.js";
import { changed, exact, share, shown } from "../figures.js";
import { ago } from "../times.js";
import { listed, made } from "./words.js";

/* More of them are drawn smaller, so that the rest of the board is not pushed off the screen. */
const MANY = 8;

export function Headline({ context, fresh, trace }) {
  const { operation } = context;
  return html`<section class="figures" aria-label="National figures" data-many=${operation.measures.length > MANY ? "" : null}>
    ${operation.measures.map((measure) => html`<${Figure} key=${measure.code} measure=${measure} context=${context} fresh=${fresh.get(measure.code)} trace=${trace} />`)}
  </section>`;
}

function Figure({ measure, context, fresh, trace }) {
  const figure = context.totals.national[measure.code];
  const parts = made(measure.code, context);
  const atLeast = figure.unquantified.length > 0;
  /* What nobody has reported is no zero: it has no figure yet. */
  const none = !atLeast && Object.keys(figure.categories).length === 0;
  const number = none ? "–" : `${atLeast ? "≥ " : ""}${shown(figure.total, measure)}`;
  const spoken = none ? "no figure yet for" : `${atLeast ? "at least " : ""}${shown(figure.total, measure)}`;
  return html`<article class="card figure" id=${`figure-${measure.code}`} data-fresh=${fresh ? "" : null}>
    <h2 class="figure-label" title=${measure.label}>${measure.label}</h2>
    <div class="figure-main">
      ${trace(null)
        ? html`<button class="plain figure-number" style=${{ "--chars": number.length }} onClick=${() => trace(null)(measure.code)} aria-label=${`${spoken} ${measure.label}: where it comes from`}>${number}</button>`
        : html`<span class="figure-number" style=${{ "--chars": number.length }} >${number}</span>`}
      <p class="figure-pace">${none ? html`nothing <br />reported yet` : html`<${Pace} measure=${measure} figure=${figure} />`}</p>
      ${fresh && html`<span class="figure-change" title="just now"><span class="sr">just now </span>${changed(fresh, measure)}</span>`}
    </div>
    <${Makeup} parts=${parts} />
    <p class="figure-parts">${sentence(measure, figure, parts, context)}</p>
    ${atLeast && html`<p class="late figure-owed"><span class="mark mark-diamond" aria-hidden="true"></span> ${listed(figure.unquantified)}: amount not yet known</p>`}
  </article>`;
}

/* What moved lately. A correction can make it less: that is said, not hidden. */
function Pace({ measure, figure }) {
  const near = exact(figure.last_15_minutes);
  const far = exact(figure.last_60_minutes);
  if (near === 0n && far === 0n) return html`no change <br />in 60 min`;
  return html`<b>${near === 0n ? "0" : changed(near, measure)}</b> in 15 min <br /><b>${far === 0n ? "0" : changed(far, measure)}</b> in 60 min`;
}

function Makeup({ parts }) {
  const whole = parts.inside + parts.separate + parts.nobody;
  return html`<div class="makeup" aria-hidden="true">
    ${["inside", "separate", "nobody"].map((part) => parts[part] > 0n && html`<i key=${part} class=${`makeup-${part}`} style=${{ width: `${share(parts[part], whole)}%` }}></i>`)}
  </div>`;
}

/* Who has said it, how old the newest word is, and what of it does not belong where one would look for it. */
function sentence(measure, figure, parts, { plan, totals, now }) {
  const heard = totals.units.filter((unit) => unit.measures[measure.code] && unit.last_report_at).map((unit) => Date.parse(unit.last_report_at));
  const said = [html`<b>${parts.with} of ${parts.among}</b> ${parts.among === 1 ? `${plan.one} has` : `${plan.many} have`} figures${heard.length ? html`, <span class="nowrap">newest ${ago(now - Math.max(...heard))}</span>` : ""}`];
  const text = (value) => shown(measure.scale ? decimal(value, measure.scale) : value.toString(), measure);
  for (const [name, quantity] of Object.entries(figure.categories)) {
    if (Object.keys(figure.categories).length > 1 && name !== "unspecified") said.push(html`${shown(quantity, measure)} ${name}`);
  }
  if (parts.separate > 0n) said.push(html`<span class="mark mark-ring" aria-hidden="true"></span> ${text(parts.separate)} conducted separately (${listed(parts.separately)})`);
  if (parts.nobody > 0n) said.push(html`<b class="late">${text(parts.nobody)} attributed to no ${plan.one}</b>`);
  if (figure.by_desk !== undefined && exact(figure.by_desk) > 0n) said.push(html`${shown(figure.by_desk, measure)} entered by the desk`);
  if (figure.overlap !== undefined && exact(figure.overlap) !== 0n) said.push(html`${text(-exact(figure.overlap))} taken out, counted by more than one ${plan.one}`);
  return said.map((one) => html`<span class="part">${one} </span>`);
}

function decimal(value, scale) {
  const digits = value.toString().padStart(scale + 1, "0");
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
