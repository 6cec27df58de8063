/* Asking the hub's API, from the page's own origin; a refusal is an error that says what to do. */

const API = "/api/v1";

/** What the hub refused: `type` names the kind, `errors` is JSON pointer -> sentences. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.status = problem.status;
    this.type = problem.type ?? "";
    this.errors = problem.errors ?? {};
  }
}

const AWAY = { status: 0, detail: "The hub can't be reached. Nothing is lost: try again in a moment." };

const BROKEN = { status: 0, detail: "The hub's answer broke off. Look again whether it is done before you repeat it." };

/** In which operation the page acts, for addresses that name none: whoever takes part in several has a right in each. */
function here() {
  const code = document.querySelector("[data-operation]")?.dataset.operation;
  return code ? { "Tallyroom-Operation": code } : {};
}

/** The answer's body, null where it has none. Where the session has ended, the page asks for a new one and comes back. */
export async function ask(method, path, body, headers = {}) {
  const sent = body === undefined ? {} : body instanceof Blob ? { body, headers: { "Content-Type": "application/octet-stream" } } : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await fetch(API + path, { method, ...sent, headers: { ...here(), ...sent.headers, ...headers } }).catch(() => null);
  if (!answer) throw new Refused(AWAY);
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => null);
  if (answer.ok && content !== null) return content;
  if (answer.ok) throw new Refused(BROKEN);
  const refused = new Refused(content ?? { status: answer.status, detail: "The hub gave an answer that can't be read. Try again." });
  if (refused.type === "/problems/session-ended") signInAgain();
  throw refused;
}

/** Goes to where one signs in, and afterwards back here. The hub itself knows whether that is by name or by short code. */
export function signInAgain() {
  location.replace(`/unlock?${new URLSearchParams({ ended: "1", next: location.pathname + location.search })}`);
}
