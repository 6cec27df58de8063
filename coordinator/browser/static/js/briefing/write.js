/* Writing the next version. What is typed is kept in this browser until it is published: a pack is not written in one go. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { ask } from "../access/api.js";

const EMPTY = { pages: [{ title: "", markdown: "" }], questions: [], files: [], acknowledge: true };
const TAKEN = ".pdf,.png,.jpg,.jpeg,.txt,.md,.csv";

/* The version there is, as the beginning of the next one. */
function begun({ pack }) {
  if (!pack) return EMPTY;
  const pages = pack.pages.map(({ title, markdown }) => ({ title, markdown }));
  return { pages, questions: pack.questions, files: pack.files, acknowledge: true };
}

function useDraft(context) {
  const name = `tallyroom briefing ${context.operation.code} ${context.version ?? 0}`;
  const [draft, set] = useState(() => JSON.parse(localStorage.getItem(name) ?? "null") ?? begun(context));
  useEffect(() => localStorage.setItem(name, JSON.stringify(draft)), [draft]);
  return [draft, (change) => set((now) => ({ ...now, ...change })), () => localStorage.removeItem(name)];
}

export function Write({ context }) {
  const [draft, change, forget] = useDraft(context);
  const [problem, complain] = useState([]);
  const [busy, be] = useState(false);
  const [looked, look] = useState(null);
  const replace = (name, at, one) => change({ [name]: draft[name].map((old, number) => (number === at ? { ...old, ...one } : old)) });
  const remove = (name, at) => change({ [name]: draft[name].filter((_, number) => number !== at) });
  const publish = async (event) => {
    event.preventDefault();
    be(true);
    complain([]);
    try {
      await context.send("/briefings", { ...draft, files: draft.files.map((file) => file.id) });
      forget();
      location.reload();
    } catch (refused) {
      complain(said(refused));
      be(false);
    }
  };
  const preview = async () => {
    be(true);
    complain([]);
    try {
      look((await context.send("/briefings/preview", { pages: draft.pages })).pages);
    } catch (refused) {
      look(null);
      complain(said(refused));
    }
    be(false);
  };
  const next = (context.version ?? 0) + 1;
  return html`<details class="card no-print" id="write" open=${!context.version}>
    <summary>Write version ${next}</summary>
    <form class="form" onSubmit=${publish} aria-label=${`Version ${next} of the briefing`}>
      ${draft.pages.map((page, at) => html`<${PageFields} key=${at} page=${page} at=${at} set=${(one) => replace("pages", at, one)} remove=${draft.pages.length > 1 && (() => remove("pages", at))} />`)}
      <p class="buttons"><button type="button" onClick=${() => change({ pages: [...draft.pages, { title: "", markdown: "" }] })}>Add a page</button></p>
      ${draft.questions.map((one, at) => html`<${Question} key=${at} one=${one} at=${at} measures=${context.operation.measures} set=${(more) => replace("questions", at, more)} remove=${() => remove("questions", at)} />`)}
      <p class="buttons"><button type="button" onClick=${() => change({ questions: [...draft.questions, { question: "", choices: ["Yes", "No"], right: 0, measure: null }] })}>Add a question to the short check</button></p>
      <${Files} files=${draft.files} context=${context} change=${change} />
      <label class="choice"><input type="checkbox" checked=${draft.acknowledge} onChange=${(event) => change({ acknowledge: event.target.checked })} /> Nobody posts before acknowledging the counting rules of this version</label>
      <p class="quiet">The counting rules are those of the plan as it is now. Once published, a version never changes. No names, numbers or anything else that could identify a person.</p>
      <ul class="error" role="alert">${problem.map((one) => html`<li key=${one}>${one}</li>`)}</ul>
      <p class="buttons"><button type="button" disabled=${busy} onClick=${preview}>Look at the pages first</button> <button class="strong large" disabled=${busy}>Publish version ${next}</button></p>
    </form>
    ${looked && html`<${Looked} pages=${looked} next=${next} close=${() => look(null)} />`}
  </details>`;
}

/* The pages as everyone would read them; the hub has made them, and takes no HTML from whoever writes. */
function Looked({ pages, next, close }) {
  const place = useRef(null);
  useEffect(() => place.current.focus(), [pages]);
  return html`<section class="looked" ref=${place} tabindex="-1" aria-labelledby="looked-title">
    <h2 id="looked-title">Version ${next} as it would be read. Nothing is published yet.</h2>
    ${pages.map((page) => html`<article class="card prose"><h2>${page.title}</h2><div dangerouslySetInnerHTML=${{ __html: page.html }}></div></article>`)}
    <p class="buttons"><button type="button" onClick=${close}>Go on writing</button></p>
  </section>`;
}

/* Where the hub found what: "/pages/1/markdown" is page 2. */
function said(refused) {
  const places = Object.entries(refused.errors ?? {}).map(([pointer, sentences]) => {
    const [, part, at] = pointer.split("/");
    const where = { pages: "Page", questions: "Question", files: "File" }[part];
    return `${where && at !== undefined ? `${where} ${Number(at) + 1}: ` : ""}${sentences.join(" ")}`;
  });
  return places.length ? places : [refused.message];
}

function PageFields({ page, at, set, remove }) {
  return html`<fieldset><legend>Page ${at + 1}</legend>
    <label for=${`title-${at}`}>Title</label>
    <input type="text" id=${`title-${at}`} required maxlength="120" value=${page.title} onInput=${(event) => set({ title: event.target.value })} autocomplete="off" />
    <label for=${`markdown-${at}`}>Text, in Markdown</label>
    <textarea id=${`markdown-${at}`} required rows="8" maxlength="20000" value=${page.markdown} onInput=${(event) => set({ markdown: event.target.value })}></textarea>
    ${remove && html`<p class="buttons"><button type="button" onClick=${remove}>Remove page ${at + 1}</button></p>`}
  </fieldset>`;
}

function Question({ one, at, measures, set, remove }) {
  const choose = (number, text) => set({ choices: one.choices.map((old, place) => (place === number ? text : old)) });
  const drop = () => set({ choices: one.choices.slice(0, -1), right: Math.min(one.right, one.choices.length - 2) });
  return html`<fieldset><legend>Question ${at + 1}</legend>
    <label for=${`question-${at}`}>Question</label>
    <input type="text" id=${`question-${at}`} required maxlength="500" value=${one.question} onInput=${(event) => set({ question: event.target.value })} autocomplete="off" />
    <p class="quiet">Mark the answer that is right.</p>
    ${one.choices.map((choice, number) => html`<div class="one-choice" key=${number}>
      <input type="radio" name=${`right-${at}`} checked=${one.right === number} onChange=${() => set({ right: number })} aria-label=${`Answer ${number + 1} is right`} />
      <input type="text" required maxlength="200" value=${choice} onInput=${(event) => choose(number, event.target.value)} aria-label=${`Answer ${number + 1} to question ${at + 1}`} autocomplete="off" /></div>`)}
    <label for=${`measure-${at}`}>Whoever is wrong reads again what is counted as</label>
    <select id=${`measure-${at}`} value=${one.measure ?? ""} onChange=${(event) => set({ measure: event.target.value || null })}>
      <option value="">the pages</option>${measures.map((measure) => html`<option key=${measure.code} value=${measure.code}>${measure.label}</option>`)}</select>
    <p class="buttons">${one.choices.length < 6 && html`<button type="button" onClick=${() => set({ choices: [...one.choices, ""] })}>Add an answer</button>`}
      ${one.choices.length > 2 && html`<button type="button" onClick=${drop}>Remove the last answer</button>`}
      <button type="button" onClick=${remove}>Remove question ${at + 1}</button></p>
  </fieldset>`;
}

function Files({ files, context, change }) {
  const [problem, complain] = useState("");
  const add = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    complain("");
    try {
      const made = await send(context, file);
      change({ files: [...files, made] });
    } catch (refused) {
      complain(refused.message);
    }
    event.target.value = "";
  };
  return html`<fieldset><legend>Files</legend>
    <ul class="plain-list">${files.map((file) => html`<li key=${file.id}>${file.name} <button type="button" class="small-button" onClick=${() => change({ files: files.filter((one) => one.id !== file.id) })}>Leave out<span class="sr"> ${file.name}</span></button></li>`)}</ul>
    <label for="file">Add a file: PDF, PNG, JPEG, text, Markdown or CSV, of 5 MB at most</label>
    <input type="file" id="file" accept=${TAKEN} onChange=${add} />
    <p class="error" role="alert">${problem}</p>
  </fieldset>`;
}

/** Sends a file as it is. */
const send = (context, file) => ask("POST", `${context.path}/briefings/files?${new URLSearchParams({ name: file.name })}`, file);
