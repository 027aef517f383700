// The "Display" menu: density at once, columns shown and their order (drag, or the two small arrows).

import { animation, fill, loadScript } from "./dom.js";
import { reload } from "./list.js";

async function save(form) {
  const answer = await fetch(form.action, {
    method: "POST", body: new FormData(form), headers: { "HX-Request": "true" }, redirect: "manual",
  });
  return answer.ok || answer.type === "opaqueredirect";
}

function arrow(item, label, step, text) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = step < 0 ? "dw-arrow dw-arrow-up" : "dw-arrow dw-arrow-down";
  button.ariaLabel = fill(text, { column: label });
  button.addEventListener("click", () => {
    if (step < 0) item.previousElementSibling?.before(item);
    else item.nextElementSibling?.after(item);
    button.focus();
  });
  return button;
}

async function prepare(form) {
  const list = form.querySelector(".dw-column-list");
  if (!list || list.dataset.ready !== undefined) return;
  list.dataset.ready = "";
  for (const item of list.children) {
    const { label } = item.dataset;
    item.append(arrow(item, label, -1, form.dataset.textUp), arrow(item, label, 1, form.dataset.textDown));
  }
  await loadScript(form.dataset.sortableSrc);
  window.Sortable.create(list, { animation: animation(), filter: ".dw-arrow", preventOnFilter: false });
}

document.addEventListener("toggle", (event) => {
  const form = event.target.open && event.target.querySelector?.("form[data-columns]");
  if (form) prepare(form);
}, true);

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-columns]");
  if (!form || event.target.name !== "density") return;
  const table = document.querySelector("[data-list] [data-density]");
  if (table) table.dataset.density = event.target.value;
  save(form);
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches?.("form[data-columns]")) return;
  event.preventDefault();
  if (!(await save(form))) return form.submit();
  form.closest("details").open = false;
  reload();
});
