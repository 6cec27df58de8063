/* Back through the night, by two clocks: as the hub knew it then, entry by entry; or as it is now known to have been, minute by minute. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { ask } from "../hub.js";
import { near } from "../times.js";

const NIGHT = 30000;
const SLOWEST = 1200;

/** The document of a moment past, one question at a time and the latest wish first. `wish` is {at} or {as_of}, null for live. */
export function usePast(code, wish) {
  const [past, setPast] = useState(null);
  const state = useRef({ busy: false, wish: null });
  const kept = useRef(new Map());
  const run = async () => {
    const wanted = state.current.wish;
    if (!wanted || state.current.busy) return;
    state.current.busy = true;
    const key = wanted.at;
    const totals = kept.current.get(key) ?? (await ask(code, "/totals", wanted).catch(() => null));
    if (totals && key !== undefined && kept.current.size < 400) kept.current.set(key, totals);
    state.current.busy = false;
    if (totals && state.current.wish) setPast({ ...wanted, totals, wish: wanted });
    if (state.current.wish !== wanted) run();
  };
  useEffect(() => {
    state.current.wish = wish;
    if (wish === null) setPast(null);
    else run();
  }, [wish]);
  return wish === null ? null : past;
}

export function Slider({ context, past, wish, setWish }) {
  const { operation, live } = context;
  const [mode, setMode] = useState("at");
  const [playing, setPlaying] = useState(false);
  const starts = Date.parse(operation.starts_at);
  const ends = Math.max(starts + 60000, Math.min(Date.parse(live.generated_at), Date.parse(operation.ends_at)));
  const most = mode === "at" ? live.position : Math.ceil((ends - starts) / 60000);
  const value = wish === null ? most : mode === "at" ? wish.at : Math.round((Date.parse(wish.as_of) - starts) / 60000);
  const go = (n) => setWish(n >= most && mode === "at" ? null : mode === "at" ? { at: n } : { as_of: new Date(Math.min(starts + n * 60000, ends)).toISOString() });
  const label = spoken(context, past, mode, value, most, starts);
  const shown = useRef(null);
  shown.current = past?.wish === wish ? value : null;

  useEffect(() => {
    if (!playing) return undefined;
    /* The next step waits until the one before it is on the screen: a slow hub makes the film slower, never wrong. */
    const stride = Math.max(1, Math.round(most / 60));
    const tick = setInterval(() => {
      if (wish !== null && past?.wish !== wish) return;
      if (value >= most) {
        setPlaying(false);
        setWish(null);
      } else go(Math.min(most, value + stride));
    }, Math.min(SLOWEST, NIGHT / Math.max(1, most / stride)));
    return () => clearInterval(tick);
  }, [playing, value, most, mode, past]);

  const play = () => {
    if (!playing && (wish === null || value >= most)) go(0);
    setPlaying(!playing);
  };
  return html`<section class="slider no-print" aria-label="Back through the night">
    <button onClick=${play} disabled=${most === 0} aria-label=${playing ? "Stop playing the night" : "Play the night"}><span aria-hidden="true">${playing ? "❚❚" : "▶"}</span><span class="wide">${playing ? "Stop" : "Play"}</span></button>
    <select aria-label="Which past" value=${mode} onChange=${(event) => { setMode(event.target.value); setPlaying(false); setWish(null); }}>
      <option value="at">as the hub knew it</option>
      <option value="as_of">as it is now known</option>
    </select>
    <input type="range" min="0" max=${most} value=${value} aria-label="Moment of the night" aria-valuetext=${label} disabled=${most === 0} onInput=${(event) => { setPlaying(false); go(Number(event.target.value)); }} />
    <span class="slider-label">${label}</span>
    <button class="strong" disabled=${wish === null} onClick=${() => { setPlaying(false); setWish(null); }}>Live</button>
  </section>`;
}

function spoken({ operation }, past, mode, value, most, starts) {
  if (!past && value >= most) return "now";
  if (mode === "as_of") return near(new Date(starts + value * 60000), operation.time_zone);
  const known = past?.at === value ? `, ${near(new Date(past.totals.generated_at), operation.time_zone)}` : "";
  return `entry ${value} of ${most}${known}`;
}
