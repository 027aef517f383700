// The list area: selection and the bulk bar, rows that open their record, skeletons while the next rows come.

import { fill, openDialog } from "./dom.js";

const area = () => document.getElementById("list");
const boxes = () => [...(area()?.querySelectorAll("input[name=pk]") ?? [])];
let lastBox = null;
let waiting = 0;
let hadFocus = false;
let typed = null;

// --- Selection

function tell() {
  const bar = area()?.querySelector("[data-bulk-bar]");
  if (!bar) return;
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  const whole = chosen > 0 && chosen === all.length;
  const everything = bar.querySelector("[data-select-all]");
  if (!whole) everything.checked = false;
  everything.closest("label").hidden = whole && !area().querySelector(".dw-pager");
  const count = bar.querySelector("[data-bulk-count]");
  const text = everything.checked ? count.dataset.all : chosen === 1 ? count.dataset.one : count.dataset.many;
  count.textContent = chosen ? fill(text, { n: chosen }) : "";
  bar.querySelector("[data-select-none]").hidden = false;
  const page = area().querySelector("[data-select-page]");
  page.checked = whole;
  page.indeterminate = chosen > 0 && !whole;
}

function choose(list, checked) {
  for (const box of list) box.checked = checked;
  tell();
}

function chooseRange(box) {
  const all = boxes();
  const [from, to] = [all.indexOf(lastBox), all.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) choose(all.slice(from, to + 1), box.checked);
}

document.addEventListener("change", (event) => {
  if (!event.target.closest?.("[data-bulk]")) return;
  if (event.target.matches("[data-select-page], [data-select-all]")) choose(boxes(), event.target.checked);
  else tell();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || openDialog()) return;
  if (boxes().some((box) => box.checked)) choose(boxes(), false);
});

// --- Clicks on rows

function open(row, elsewhere) {
  const { url } = row.dataset;
  const link = [...row.querySelectorAll("a[href]")].find((one) => one.getAttribute("href") === url);
  if (elsewhere) window.open(url, "_blank", "noopener");
  else if (link) link.click();
  else location.assign(url);
}

document.addEventListener("click", (event) => {
  const at = event.target;
  if (at.closest?.("[data-select-none]")) return choose(boxes(), false);
  const row = at.closest?.("[data-list] [data-url]");
  if (!row) return;
  if (at.matches("input[name=pk]")) {
    if (event.shiftKey && lastBox) chooseRange(at);
    lastBox = at;
  } else if (at.matches("td.sel")) {
    // The whole cell is the target: a 16 px box is too small for a thumb.
    at.querySelector("input").dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: event.shiftKey }));
  } else if (!at.closest("a, button, input, label, select, summary") && !String(getSelection())) {
    open(row, event.ctrlKey || event.metaKey || event.shiftKey);
  }
});

document.addEventListener("auxclick", (event) => {
  const row = event.target.closest?.("[data-list] [data-url]");
  if (row && event.button === 1 && !event.target.closest("a, button, input, label, .sel")) open(row, true);
});

document.addEventListener("mousedown", (event) => {
  // Shift-click would select text between the rows; a middle click would start scrolling.
  if (!event.target.closest?.("[data-list] [data-url]") || event.target.closest("a")) return;
  if ((event.shiftKey && event.target.closest(".sel")) || event.button === 1) event.preventDefault();
});

// A text cut short tells the whole on hover.
document.addEventListener("mouseover", (event) => {
  const cell = event.target.closest?.(".dw-table td, .dw-kcard-title, .dw-kcard-sub");
  if (cell && !cell.title && (cell.scrollWidth > cell.clientWidth || cell.scrollHeight > cell.clientHeight + 4)) cell.title = cell.textContent.trim();
});

// --- Requests of the list

const isOurs = (event) => event.detail.target?.id === "list";

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get" || !isOurs(event)) return;
  const { formData } = event.detail; // empty filters have no place in an address
  for (const name of new Set(formData.keys())) {
    if (formData.getAll(name).every((value) => value === "")) formData.delete(name);
  }
  if ([...formData.keys()].some((name) => name !== "all")) formData.delete("all");
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!isOurs(event)) return;
  hadFocus = area().contains(document.activeElement);
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    area()?.classList.add("is-waiting");
    area()?.setAttribute("aria-busy", "true");
  }, 150);
});

function done() {
  clearTimeout(waiting);
  area()?.classList.remove("is-waiting");
  area()?.removeAttribute("aria-busy");
}
document.addEventListener("htmx:afterRequest", (event) => isOurs(event) && done());

// What is typed in the search field while an answer is under way must survive it.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isOurs(event)) return;
  const field = document.activeElement;
  typed = field?.id === "list-q" ? { value: field.value, start: field.selectionStart, end: field.selectionEnd } : null;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!isOurs(event)) return;
  done();
  lastBox = null;
  const field = document.getElementById("list-q");
  if (typed && field) {
    const later = field.value.trim() !== typed.value.trim();
    field.value = typed.value;
    field.focus();
    field.setSelectionRange(typed.start, typed.end);
    if (later) field.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (hadFocus && document.activeElement === document.body) {
    area().focus({ preventScroll: true });
  }
  const status = document.getElementById("list-status");
  if (status) status.textContent = document.querySelector(".dw-title")?.textContent.trim() ?? "";
});

/** The rows again: those of the page, or of the tab in which the list stands. */
export function reload() {
  const here = area()?.querySelector("[data-list-here]")?.dataset.listHere ?? location.pathname + location.search;
  if (area()) window.htmx.ajax("GET", here, { target: "#list", swap: "innerHTML" });
}
document.body.addEventListener("dw:saved", reload);

window.htmx?.onLoad(tell);
tell();
