/* A form that asks the API: one request at a time, and refusals beside the fields they are about. */

/** Sends the form's fields by `send(fields, button)`; what it refuses is shown in the elements with `data-error`. */
export function asking(form, send) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = [...form.querySelectorAll("button")];
    clear(form);
    for (const button of buttons) button.disabled = true;
    try {
      await send(Object.fromEntries(new FormData(form)), event.submitter?.value);
    } catch (refused) {
      show(form, refused);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  });
}

function clear(form) {
  for (const place of form.querySelectorAll("[data-error]")) place.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

function show(form, refused) {
  const places = [...form.querySelectorAll("[data-error]")];
  const general = places.find((one) => one.dataset.error === "");
  let first = null;
  for (const [pointer, sentences] of Object.entries(refused.errors ?? {})) {
    const place = places.find((one) => one.dataset.error && pointer.startsWith(one.dataset.error));
    const field = place && form.querySelector(`[aria-describedby~="${place.id}"]`);
    if (!place) {
      general.textContent = [general.textContent, ...sentences].join(" ").trim();
      continue;
    }
    place.textContent = sentences.join(" ");
    field?.setAttribute("aria-invalid", "true");
    first ??= field;
  }
  if (!places.some((one) => one.textContent)) general.textContent = refused.message;
  (first ?? form.querySelector("input[type=password]"))?.focus();
}
