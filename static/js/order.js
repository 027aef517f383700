// A list put in order by dragging, or with two arrows a line: saved at once, told aloud.

import { animation, fill, loadScript, refresh } from "./dom.js";

async function save(form) {
  const answer = await fetch(form.action, {
    method: "POST", body: new FormData(form), headers: { "HX-Request": "true" },
  });
  if (!answer.ok) location.reload();
}

function tell(form, line) {
  const lines = [...line.parentElement.children];
  const told = document.querySelector("[data-order-told]");
  if (!told) return;
  told.textContent = fill(form.dataset.textMoved, {
    label: line.dataset.label, place: lines.indexOf(line) + 1, count: lines.length,
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-order] [data-step]");
  if (!button) return;
  event.preventDefault();
  const line = button.closest("li");
  const form = button.closest("form");
  if (button.dataset.step === "-1") line.previousElementSibling?.before(line);
  else line.nextElementSibling?.after(line);
  button.focus();
  tell(form, line);
  save(form);
});

window.htmx.onLoad(async (root) => {
  const scope = root.closest?.("[data-order]") ? [root.closest("[data-order]")] : root.querySelectorAll("[data-order]");
  for (const form of scope) {
    const list = form.querySelector("ol");
    if (!list || list.dataset.ready !== undefined || !form.querySelector("[data-grip]")) continue;
    list.dataset.ready = "";
    await loadScript(form.dataset.sortableSrc);
    window.Sortable.create(list, {
      animation: animation(),
      handle: "[data-grip]",
      onEnd: (moved) => {
        if (moved.oldIndex === moved.newIndex) return;
        tell(form, moved.item);
        save(form);
      },
    });
  }
});

// A line saved in the drawer: the lists are fetched again, the link that opened it keeps the focus.
let opened = "";

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-ordered] a[data-drawer]");
  if (link) opened = link.getAttribute("href");
});

document.body.addEventListener("dw:saved", async () => {
  const lists = document.querySelector("[data-ordered]");
  if (!lists) return;
  await refresh(`#${lists.id}`);
  document.querySelector(`[data-ordered] a[href="${opened}"]`)?.focus();
});
