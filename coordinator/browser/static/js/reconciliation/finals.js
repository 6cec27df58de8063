/* The form by which a unit states its finals: a field for each figure it may have, filled with what it stated or reported. */

const NAMED = (measure, category) => (category === "unspecified" ? measure.label : `${measure.label}, ${category}`);

/** Keeps `place` filled with the fields of the unit that is chosen. */
export function fillFinals(chosen, place, content) {
  if (!chosen) return;
  const fill = () => place.replaceChildren(...fieldsOf(chosen.value, content));
  chosen.addEventListener("change", fill);
  fill();
}

function* fieldsOf(unit, { measures, rows }) {
  const known = new Map(rows.filter((row) => row.unit === unit).map((row) => [`${row.measure} ${row.category}`, row]));
  for (const measure of measures)
    for (const category of measure.categories) {
      const row = known.get(`${measure.code} ${category}`);
      if (row || category === "unspecified") yield field(measure, category, row);
    }
}

function field(measure, category, row) {
  const id = `state-${measure.code}-${category}`.replaceAll(/[^a-z0-9_-]/gi, "-");
  const made = Object.assign(document.createElement("div"), { className: "field" });
  const label = Object.assign(document.createElement("label"), { htmlFor: id, textContent: NAMED(measure, category) });
  const input = Object.assign(document.createElement("input"), { id, type: "text", inputMode: "decimal", autocomplete: "off" });
  input.value = row?.words ?? row?.final ?? row?.reported ?? "";
  Object.assign(input.dataset, { measure: measure.code, category });
  made.append(label, input);
  return made;
}

/** The finals that a form gives: figures, or words where what was typed does not begin with a digit. */
export function finalsIn(form) {
  const filled = [...form.querySelectorAll("input[data-measure]")].filter((input) => input.value.trim());
  return filled.map(({ dataset: { measure, category }, value }) => {
    const text = value.trim().replaceAll(",", "");
    if (!/^\d/.test(text)) return { measure, category, unquantified: value.trim() };
    return { measure, category, quantity: /^\d{1,15}$/.test(text) ? Number(text) : text };
  });
}
