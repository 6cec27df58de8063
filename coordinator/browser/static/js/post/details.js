/* What a report may say besides its figures: when it was, who assisted, which joint action it is of, a note. Closed until it is wanted. */

import { html, useState } from "../../vendor/preact.js";
import { momentOf, shownThere } from "./moments.js";
import { listed, timed } from "./words.js";

export function Details({ context, draft, setDraft, errors, shown, telephone, setTelephone }) {
  const [open, setOpen] = useState({});
  const turn = (name) => setOpen((now) => ({ ...now, [name]: !now[name] }));
  const wanted = { time: draft.earlier !== null, assisting: draft.assisting.length > 0, joint: Boolean(draft.joint), note: Boolean(draft.note) };
  const is = (name) => open[name] ?? wanted[name];
  const shared = { context, draft, setDraft, errors, shown };
  return html`<div class="details">
    <div class="openers">
      <${Opener} name="time" is=${is} turn=${turn}>${draft.earlier ? "Seen earlier" : "Seen now"}</${Opener}>
      ${draft.basis === "increment" && html`<${Opener} name="assisting" is=${is} turn=${turn}>Who assisted</${Opener}>`}
      <${Opener} name="joint" is=${is} turn=${turn}>Joint action</${Opener}>
      <${Opener} name="note" is=${is} turn=${turn}>Note</${Opener}>
    </div>
    ${is("time") && html`<${When} ...${shared} />`}
    ${is("assisting") && draft.basis === "increment" && html`<${Assisting} ...${shared} />`}
    ${is("joint") && html`<${Joint} ...${shared} />`}
    ${is("note") && html`<${Note} ...${shared} />`}
    ${context.desk && html`<label class="tick telephone"><input type="checkbox" checked=${telephone} onChange=${(event) => setTelephone(event.target.checked)} /> <span>They told me by telephone</span></label>`}
  </div>`;
}

function Opener({ name, is, turn, children }) {
  return html`<button type="button" class="opener" aria-expanded=${String(Boolean(is(name)))} aria-controls=${`panel-${name}`} onClick=${() => turn(name)}>${children}</button>`;
}

function When({ context, draft, setDraft, errors, shown }) {
  const { zone, hubNow } = context;
  const here = shownThere(hubNow(), zone);
  const earlier = draft.earlier;
  const set = (change) => setDraft({ earlier: guessed({ ...(earlier ?? { date: here.date, time: here.time }), at: null, ...change }, zone, hubNow(), "date" in change), mending: { ...draft.mending, time: undefined } });
  const moment = earlier && (earlier.at ? Date.parse(earlier.at) : momentOf(earlier.date, earlier.time, zone, hubNow()));
  const error = errors.time && (shown || moment !== null) ? errors.time : errors.time && earlier?.time ? errors.time : "";
  return html`<fieldset class="panel" id="panel-time">
    <legend>When was it?</legend>
    <div class="choices">
      <label class="tick"><input type="radio" name="when" checked=${!earlier} onChange=${() => setDraft({ earlier: null })} /> <span>Now</span></label>
      <label class="tick"><input type="radio" name="when" checked=${Boolean(earlier)} onChange=${() => set({})} /> <span>Earlier</span></label>
    </div>
    ${earlier && html`<div class="moment">
      <label>Time <input type="time" value=${earlier.time} required aria-describedby="time-said" aria-invalid=${error ? "true" : null} onInput=${(event) => set({ time: event.target.value })} /></label>
      <label>Day <input type="date" value=${earlier.date} max=${here.date} required aria-describedby="time-said" aria-invalid=${error ? "true" : null} onInput=${(event) => set({ date: event.target.value })} /></label>
    </div>`}
    <p id="time-said" class=${error ? "wrong" : "quiet"}>${error || `${timed(moment ?? hubNow(), zone, hubNow())}, ${zoneWords(zone)}`}</p>
  </fieldset>`;
}

const zoneWords = (zone) => `time of ${zone.split("/").pop().replaceAll("_", " ")}`;

/* A time that is still to come today was yesterday, unless a day was chosen. */
function guessed(earlier, zone, now, dayChosen) {
  const today = shownThere(now, zone).date;
  if (dayChosen || earlier.chosen) return { ...earlier, chosen: true };
  const moment = momentOf(today, earlier.time, zone, now);
  return { ...earlier, date: moment !== null && moment > now ? shownThere(now - 86400000, zone).date : today };
}

function Assisting({ context, draft, setDraft }) {
  const others = context.operation.units.filter((unit) => unit.code !== context.unit.code && unit.kind !== "unattributed" && unit.code !== "UNATTRIBUTED");
  const near = (unit) => unit.parent === context.unit.code || unit.code === context.unit.parent || (unit.parent !== null && unit.parent === context.unit.parent);
  const sorted = [...others.filter(near), ...others.filter((unit) => !near(unit))];
  const turn = (code, on) => setDraft((now) => ({ assisting: on ? [...now.assisting, code] : now.assisting.filter((one) => one !== code) }));
  const names = draft.assisting.map((code) => context.names.get(code) ?? code);
  return html`<fieldset class="panel" id="panel-assisting">
    <legend>Who assisted?</legend>
    <p class="quiet">${names.length ? `${listed(names)}: credited, not counted again.` : "It counts once, here, where it was led; they are credited."}</p>
    <div class="units">${sorted.map((unit) => html`<label class="tick" key=${unit.code}><input type="checkbox" checked=${draft.assisting.includes(unit.code)} onChange=${(event) => turn(unit.code, event.target.checked)} /> <span>${unit.name}</span></label>`)}</div>
  </fieldset>`;
}

/* While it is being typed it is not yet wrong; once it is long enough, or left, or was to be sent, it is. */
function Joint({ draft, setDraft, errors, shown }) {
  const [left, setLeft] = useState(false);
  const wrong = (left || shown || draft.joint.replace(/[ -]/g, "").length >= 5) && errors.joint;
  return html`<div class="panel" id="panel-joint">
    <label for="joint">Code of the joint action</label>
    <p class="quiet" id="joint-hint">Whoever leads it tells you, such as 7K2M-X. It counts once, where it is led; you are credited.</p>
    <input id="joint" type="text" autocapitalize="characters" autocomplete="off" autocorrect="off" spellcheck="false" maxlength="12" aria-describedby=${`joint-hint${wrong ? " joint-wrong" : ""}`} aria-invalid=${wrong ? "true" : null} value=${draft.joint} onBlur=${() => setLeft(true)} onInput=${(event) => { setLeft(false); setDraft({ joint: event.target.value, mending: { ...draft.mending, joint: undefined } }); }} />
    ${wrong && html`<p class="wrong" id="joint-wrong" role="alert">${wrong}</p>`}
  </div>`;
}

function Note({ draft, setDraft, errors }) {
  return html`<div class="panel" id="panel-note">
    <label for="note">Note</label>
    <p class="quiet" id="note-hint">No names, birth dates, phone numbers, plates or case numbers: figures only.</p>
    <textarea id="note" rows="3" maxlength="1000" aria-describedby=${`note-hint${errors.note ? " note-wrong" : ""}`} aria-invalid=${errors.note ? "true" : null} value=${draft.note} onInput=${(event) => setDraft({ note: event.target.value, mending: { ...draft.mending, note: undefined } })}></textarea>
    ${errors.note && html`<p class="wrong" id="note-wrong" role="alert">${errors.note}</p>`}
  </div>`;
}
