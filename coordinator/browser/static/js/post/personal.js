/* What in a note looks like a person. The forms are the hub's own, brought along by the page, so the two never say different
   things; the hub looks again at whatever is sent. */

const forms = JSON.parse(document.getElementById("content").textContent).personal.map(({ what, form, flags }) => [what, new RegExp(form, flags)]);

/** The sentence for whoever typed it, or "" where there is nothing to say. */
export function complaint(text) {
  const found = forms.find(([, form]) => form.test(text ?? ""));
  return found ? `This looks like ${found[0]}. Figures only: leave out whatever could identify a person.` : "";
}
