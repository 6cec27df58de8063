/* What this unit has reported, newest first: what still waits on this phone, then what the hub has. A correction shows what it changed. */

import { html } from "../../vendor/preact.js";
import { ago, near, precise, zoneName } from "../times.js";
import { factsOf } from "./cells.js";
import { replaceable } from "./queue.js";
import { Line } from "./saying.js";
import { differences, said, sized, titled } from "./words.js";

export function History({ context, draft, act }) {
  const shown = new Set(context.reports.flatMap((report) => [report.id, report.withdrawal?.id]));
  const own = context.entries.filter((entry) => entry.unit === context.unit.code && !(entry.receipt && shown.has(entry.receipt.id))).reverse();
  const corrected = new Set(context.reports.filter((report) => report.corrects).map((report) => report.corrects));
  const listed = context.reports.filter((report) => !corrected.has(report.id));
  const at = context.known.reports[context.unit.code]?.at;
  return html`<section class="reports" id="reports" tabindex="-1" aria-labelledby="reports-title">
    <h2 id="reports-title">Reports of ${context.unit.name}</h2>
    ${!own.length && !listed.length && html`<p class="quiet">${at ? "None yet." : "Not known on this phone yet."}</p>`}
    <ol>
      ${own.map((entry) => html`<${Entry} key=${entry.key} entry=${entry} context=${context} act=${act} busy=${draft.replacing === entry.number} />`)}
      ${listed.map((report) => html`<${Report} key=${report.id} report=${report} context=${context} act=${act} waiting=${own.find((entry) => entry.of === report.id && entry.state !== "received")} />`)}
    </ol>
    ${at && html`<p class="quiet age">As the hub listed them ${ago(context.now - at)}.</p>`}
  </section>`;
}

const STATES = { waiting: "saved here", refused: "refused", received: "received" };

function Entry({ entry, context, act, busy }) {
  const { told, zone } = context;
  const sending = told.sending.sending === entry.number;
  const state = sending ? "sending" : entry.state;
  const of = entry.of && context.reports.find((report) => report.id === entry.of);
  const body = entry.kind === "withdrawal" ? of : entry.body;
  const time = entry.kind === "withdrawal" ? entry.madeAt : Date.parse(entry.body.observed_at);
  const text = entry.kind === "withdrawal" ? html`withdrawal of ${body ? said(body, factsOf(body, context), context.names) : "a report"}` : entry.kind === "correction" ? html`<${Change} was=${of} now=${entry.body} context=${context} />` : said(entry.body, factsOf(entry.body, context), context.names);
  const held = entry.state === "waiting" && !sending && told.sending.held?.why === "rules";
  const mine = entry.state === "waiting" && replaceable(entry) && !sending;
  return html`<li class="report" data-state=${state}>
    <${Row} time=${time} zone=${zone} text=${text} state=${state} word=${held ? "waits for the rules" : (STATES[state] ?? "sending")}>${entry.state === "received" && html`<${Receipt} receipt=${entry.receipt} zone=${zone} />`}</${Row}>
    ${entry.state === "refused" && html`<p class="refusal"><b>${entry.problem.title}.</b> ${reasons(entry.problem)}</p>`}
    ${(entry.state === "refused" || mine) && !busy && html`<div class="row-acts">
      <button type="button" onClick=${() => act.mend(entry)}>${entry.state === "refused" ? "Edit and send again" : "Change"}</button>
      <button type="button" onClick=${() => act.askDrop(entry)}>Drop</button>
    </div>`}
    ${entry.state === "waiting" && !busy && !context.desk && (entry.said || stuck(told)) && html`<${Line} entry=${entry} context=${context} tell=${() => act.tell(entry)} />`}
    ${busy && html`<p class="quiet">It is in the form above.</p>`}
  </li>`;
}

/* Only where it does not go out at once is there anything to read out. */
const stuck = ({ sending, line }) => sending.lost || line.state === "lost" || !navigator.onLine;

function reasons(problem) {
  const found = Object.values(problem.errors ?? {}).flat();
  return found.length ? found.join(" ") : problem.detail;
}

function Report({ report, context, act, waiting }) {
  const { zone } = context;
  const was = report.corrects && context.reports.find((one) => one.id === report.corrects);
  const text = report.corrects ? html`<${Change} was=${was} now=${report} context=${context} />` : said(report, factsOf(report, context), context.names);
  const withdrawn = report.status === "withdrawn";
  const state = withdrawn ? "withdrawn" : "received";
  const word = withdrawn ? "withdrawn" : report.corrects ? "corrected" : "received";
  const other = report.unit === context.unit.code ? "" : `${context.names.get(report.unit) ?? report.unit}: `;
  return html`<li class="report" data-state=${state} data-listed>
    <${Row} time=${Date.parse(report.observed_at)} zone=${zone} text=${html`${other}${withdrawn ? html`<s>${text}</s>` : text}`} state=${state} word=${word}>
      <${Receipt} receipt=${report} zone=${zone} />
      ${report.note && html`<p>Note: ${report.note}</p>`}
      ${report.status === "current" && !waiting && html`<div class="row-acts">
        <button type="button" onClick=${() => act.correct(report)}>Correct</button>
        <button type="button" onClick=${() => act.withdraw(report)}>Withdraw</button>
      </div>`}
    </${Row}>
    ${withdrawn && html`<p class="quiet why">Withdrawn: ${report.withdrawal.reason}</p>`}
    ${report.corrects && html`<p class="quiet why">Corrected: ${report.reason}</p>`}
    ${waiting && html`<p class="quiet why">A ${waiting.kind} of it ${waiting.state === "refused" ? "was refused" : "waits on this phone"}.</p>`}
  </li>`;
}

const MARKS = { waiting: "◷", sending: "↑", received: "✓", refused: "✕", withdrawn: "–" };

/* A row opens where there is more to say of it. */
function Row({ time, zone, text, state, word, children }) {
  const line = html`<span class="row-text">${text}</span>
    <time datetime=${new Date(time).toISOString()}>${near(new Date(time), zone)}</time>
    <span class="state"><span aria-hidden="true">${MARKS[state]}</span> ${word}</span>`;
  return children ? html`<details><summary class="row">${line}</summary>${children}</details>` : html`<p class="row">${line}</p>`;
}

function Receipt({ receipt, zone }) {
  const moment = new Date(receipt.received_at);
  return html`<dl class="receipt">
    <dt>Received</dt><dd>${precise(moment, zone)} ${zoneName(moment, zone)}</dd>
    ${receipt.digest && html`<dt>Receipt</dt><dd class="digest">${receipt.digest}</dd>`}
    ${receipt.position && html`<dt>In the journal</dt><dd>number ${receipt.position}</dd>`}
    ${receipt.author?.name && html`<dt>Posted by</dt><dd>${receipt.author.name}${receipt.channel === "telephone" ? ", told by telephone" : ""}</dd>`}
    ${receipt.warnings?.map((one) => html`<dt key=${one.code}>Mind</dt><dd>${one.detail}</dd>`)}
  </dl>`;
}

/* "5 became 3 arrests made": for the eye the old figure struck out, for the ear in words. */
function Change({ was, now, context }) {
  if (!was) return html`${said(now, factsOf(now, context), context.names)}`;
  const changes = differences(factsOf(was, context), factsOf(now, context));
  if (!changes.length) return html`${said(now, factsOf(now, context), context.names)}`;
  const figure = (cell, value) => (value === null ? "nothing" : typeof value === "string" ? value : sized(cell, value));
  return changes.map(({ cell, was: old, now: fresh }, n) => html`${n ? "; " : ""}${titled(cell)}: <del><span class="sr">was </span>${figure(cell, old)}</del> <ins><span class="sr">is </span>${figure(cell, fresh)}</ins>`);
}

