// Keys of lists: j k walk, x selects, e edits. Enter is the browser's own (the link of the row has the focus);
// n and / are `data-shortcut` attributes (shortcuts.js).

import { mayAct } from "./shortcuts.js";

let goUntil = 0; // `g` then a letter goes somewhere else: that letter is not ours

const rows = () => [...document.querySelectorAll("[data-list] :is(tr, li)[data-url]")];
const rowOf = (node) => node?.closest?.("[data-list] [data-url]");

function focusRow(row) {
  const target = row.querySelector("td:not(.sel) a[href], a[href]") ?? row.querySelector("input");
  target?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(rowOf(document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  if (all[next]) return focusRow(all[next]);
  // Past the last row comes the next page, before the first one the page before.
  document.querySelector(`[data-list] .dw-pager a[rel=${step > 0 ? "next" : "prev"}]`)?.click();
}

/** The record of the row, in the drawer: a link of the moment, so that drawer.js opens it as any other. */
function edit() {
  const row = rowOf(document.activeElement);
  if (!row) return document.querySelector("main a[data-drawer][href*='/edit/']")?.click();
  const link = document.createElement("a");
  link.href = row.dataset.url.replace(/\/?$/, "/edit/");
  link.dataset.drawer = "";
  document.getElementById("list").append(link);
  link.click();
  link.remove();
}

const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => rowOf(document.activeElement)?.querySelector("input[name=pk]")?.click(),
  e: edit,
};

document.addEventListener("keydown", (event) => {
  if (!mayAct(event)) return;
  if (event.key === "g") {
    goUntil = event.timeStamp + 1200;
    return;
  }
  const action = ACTIONS[event.key];
  if (!action || event.timeStamp < goUntil) return;
  event.preventDefault();
  action();
});
