/* Asking the hub. Addresses are of one operation. */

/** An answer that is no answer: `status` is 0 where the hub could not be reached. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export const base = (code) => `/api/v1/operations/${encodeURIComponent(code)}`;

export async function ask(code, path, query = {}) {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== null));
  let answer;
  try {
    answer = await fetch(`${base(code)}${path}${asked.size ? `?${asked}` : ""}`, { headers: { Accept: "application/json" } });
  } catch {
    throw new Refused(0, "The hub can't be reached.");
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, body?.detail ?? `The hub answered ${answer.status}.`);
  if (body === null) throw new Refused(0, "The hub's answer broke off.");
  return body;
}
