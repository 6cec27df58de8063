/* Signing in again without leaving the page: by the short code where this browser is an invited device, else on the page for it. */

import { html, useEffect, useState } from "../../vendor/preact.js";
import { ask } from "./sending.js";

export const signIn = () => `/sign-in?next=${encodeURIComponent(location.pathname)}`;

export function Unlock({ safe, parts }) {
  const [device, setDevice] = useState(null);
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => { ask("/api/v1/devices/this").then((answer) => setDevice(answer.status === 200)); }, []);
  const unlock = async (event) => {
    event.preventDefault();
    setBusy(true);
    const body = JSON.stringify({ code: new FormData(event.target).get("code") });
    const answer = await ask("/api/v1/devices/this/sessions", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    setBusy(false);
    if (answer.status !== 201) return setWrong(answer.status === 0 ? "The hub can't be reached. Try again." : answer.body.detail);
    setWrong("");
    await parts.knowledge.refresh();
    parts.sender.now();
  };
  return html`<div class="banner late">
    <p><b>${device ? "This phone is locked." : "You are signed out."}</b> ${safe ? `${safe.charAt(0).toUpperCase()}${safe.slice(1)} until you are back.` : "Sign in to send and to see new figures."}</p>
    ${device
      ? html`<form class="unlock" onSubmit=${unlock}>
          <label for="code">Your code</label>
          <input id="code" name="code" type="password" inputmode="numeric" autocomplete="off" required maxlength="20" aria-describedby="code-wrong" aria-invalid=${wrong ? "true" : null} />
          <button class="strong" disabled=${busy}>${busy ? "Unlocking" : "Unlock"}</button>
          <p class="wrong" id="code-wrong" role="alert">${wrong}</p>
        </form>`
      : html`<p><a class="button strong" href=${signIn()}>Sign in</a></p>`}
  </div>`;
}
