// The lines of a quote or an invoice: dragged, moved, removed here; added by the server, which draws the rows and
// adds them up. Without JavaScript the same buttons submit the form.

import { animation, fill, loadScript } from "./dom.js";
import { sessionEnded } from "./network.js";

function renumber(list) {
  [...list.children].forEach((row, place) => {
    for (const button of row.querySelectorAll("[data-doc-step], [data-doc-drop]")) {
      button.value = button.value.replace(/\d+$/, place);
    }
  });
}

function changed(list) {
  renumber(list);
  list.dispatchEvent(new CustomEvent("dw:lines", { bubbles: true }));
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

function tell(row) {
  const box = row.closest("[data-doc-lines]").querySelector("[data-doc-told]");
  const rows = [...row.parentElement.children];
  box.textContent = fill(box.dataset.textMoved, { place: rows.indexOf(row) + 1, count: rows.length });
}

const firstOf = (row) => row?.querySelector("input:not([type=hidden]), textarea");

async function add(box, button) {
  const list = box.querySelector("ol");
  const form = box.closest("form");
  if (list.children.length >= Number(box.dataset.most)) return;
  const data = new FormData(form);
  for (const [key, given] of [...data]) if (given instanceof File) data.delete(key);
  data.set(button.name, button.value);
  const had = list.children.length;
  const answer = await fetch(form.getAttribute("action") || location.href, { method: "POST", body: data });
  if (sessionEnded(answer) || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = [...page.querySelectorAll(`[data-doc-lines="${box.dataset.docLines}"] ol > li`)].slice(had);
  if (!rows.length) return;
  list.append(...rows);
  firstOf(rows[0])?.focus();
  const choice = box.querySelector("[data-doc-offer]");
  if (choice) choice.value = "";
  changed(list);
}

function drop(row) {
  const list = row.parentElement;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  if (next) row.remove();
  else for (const input of row.querySelectorAll("input:not([type=hidden]), textarea")) input.value = input.defaultValue = "";
  (firstOf(next) ?? firstOf(list.firstElementChild))?.focus();
  changed(list);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-doc-add], [data-doc-step], [data-doc-drop]");
  const box = button?.closest("[data-doc-lines]");
  if (!box) return;
  event.preventDefault();
  if (button.matches("[data-doc-add]")) {
    add(box, button);
    return;
  }
  const row = button.closest("li");
  if (button.matches("[data-doc-drop]")) {
    drop(row);
    return;
  }
  if (button.dataset.docStep === "-1") row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  button.focus();
  tell(row);
  changed(row.parentElement);
});

// An offer that is chosen is added at once: no second click. Walked through by keys, each one on the way is
// "changed" too: there Enter adds it, or the button.
let walked = false;

function addOffer(choice) {
  if (choice?.value) add(choice.closest("[data-doc-lines]"), choice.parentElement.querySelector("[data-doc-add]"));
}

document.addEventListener("pointerdown", () => { walked = false; }, true);

document.addEventListener("change", (event) => {
  if (!walked) addOffer(event.target.closest?.("[data-doc-offer]"));
});

document.addEventListener("keydown", (event) => {
  const choice = event.target.closest?.("[data-doc-offer]");
  if (!choice || event.ctrlKey || event.metaKey || event.isComposing) return;
  walked = event.key !== "Enter";
  if (walked || !choice.value) return;
  event.preventDefault();
  addOffer(choice);
});

// Enter in a row goes to the next one; it never saves half a document.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
  const row = event.target.closest?.("[data-doc-lines] li");
  if (!row || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  const next = row.nextElementSibling;
  if (next) firstOf(next)?.focus();
  else row.closest("[data-doc-lines]").querySelector("[data-doc-add]").click();
});

window.htmx.onLoad(async (root) => {
  for (const box of root.querySelectorAll?.("[data-doc-lines]") ?? []) {
    const list = box.querySelector("ol");
    if (list.dataset.ready !== undefined) continue;
    list.dataset.ready = "";
    // A document that was just begun: whoever came by the keyboard goes on writing.
    const nothing = [...list.querySelectorAll("input:not([type=hidden])[name$=_label], textarea")].every((input) => !input.value);
    if (nothing && document.activeElement === document.body) firstOf(list.firstElementChild)?.focus({ preventScroll: true });
    await loadScript(box.dataset.sortableSrc);
    window.Sortable.create(list, {
      animation: animation(),
      handle: "[data-grip]",
      onEnd: (moved) => {
        if (moved.oldIndex === moved.newIndex) return;
        tell(moved.item);
        changed(list);
      },
    });
  }
});
