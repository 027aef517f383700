// "Filter" shows the names of the filters, then one field at a time; a click on a chip opens its field.
// Without JavaScript the same panel shows all fields and one button.

const fieldsOf = (menu) => [...menu.querySelectorAll("[data-filter-field]")];

function hasValue(field) {
  return [...field.querySelectorAll("input, select, textarea")].some((control) =>
    ["checkbox", "radio"].includes(control.type) ? control.checked && control.value !== "" : control.value !== "");
}

function showNames(menu) {
  const names = menu.querySelector(".dw-filter-names");
  if (!names) return;
  names.hidden = false;
  menu.querySelector(".dw-panel-foot").hidden = true;
  fieldsOf(menu).forEach((field, index) => {
    field.hidden = true;
    names.children[index].classList.toggle("is-on", hasValue(field));
  });
}

function showField(menu, field) {
  const names = menu.querySelector(".dw-filter-names");
  if (names) names.hidden = true;
  for (const other of fieldsOf(menu)) other.hidden = other !== field;
  menu.querySelector(".dw-panel-foot").hidden = false;
  field.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function prepare(menu) {
  if (menu.dataset.ready !== undefined) return;
  menu.dataset.ready = "";
  const fields = fieldsOf(menu);
  if (fields.length < 2) return;
  const names = document.createElement("div");
  names.className = "dw-filter-names";
  for (const field of fields) {
    const name = document.createElement("button");
    name.type = "button";
    name.className = "dw-drop-item";
    name.textContent = field.dataset.label;
    name.addEventListener("click", () => showField(menu, field));
    names.append(name);
  }
  menu.querySelector(".dw-drop-panel").prepend(names);
  showNames(menu);
}

function fieldNamed(name) {
  return document.querySelector(`[data-filter-field="${CSS.escape(name)}"]`);
}

window.htmx?.onLoad((content) => {
  content.querySelectorAll?.("[data-filter-menu]").forEach(prepare);
  // Only with JavaScript can a chip open its field: only then is it offered.
  content.querySelectorAll?.("[data-chip]").forEach((chip) => {
    if (!fieldNamed(chip.dataset.chip)) return;
    chip.setAttribute("role", "button");
    chip.tabIndex = 0;
  });
});

function openFromChip(chip) {
  const field = fieldNamed(chip.dataset.chip);
  const menu = field.closest("details");
  menu.open = true;
  showField(menu, field);
}

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("[data-filter-menu]")) return;
  if (!menu.open) showNames(menu);
  else if (!menu.querySelector("[data-filter-field]:focus-within")) {
    showNames(menu);
    menu.querySelector(".dw-filter-names .dw-drop-item")?.focus();
  }
}, true);

document.addEventListener("click", (event) => {
  const chip = event.target.closest?.("[data-chip][role=button]");
  if (!chip) return;
  event.stopPropagation(); // a click outside the menu would close it again
  openFromChip(chip);
}, true);

document.addEventListener("keydown", (event) => {
  if (!["Enter", " "].includes(event.key) || !event.target.matches?.("[data-chip][role=button]")) return;
  event.preventDefault();
  openFromChip(event.target);
});
