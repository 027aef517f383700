// Links with data-drawer open in <dialog id="drawer">, fetched by htmx into #drawer-body; the page below stays.
// data-drawer="modal" asks for the small centred form (confirmations). `dw:saved` closes and gives focus back.

import { openDialog, refresh, refreshParts } from "./dom.js";

const dialog = document.getElementById("drawer");
const toasts = document.getElementById("toasts");
let opener = null;
let openerHref = "";

const body = () => document.getElementById("drawer-body");
const leave = () => dialog.querySelector("[data-leave]");
const isDirty = () => Boolean(dialog.querySelector("form[data-dirty]"));

function openDrawer(verb, url, { kind, values, from }) {
  opener = from.isConnected ? from : document.activeElement;
  openerHref = from.getAttribute("href") ?? "";
  dialog.dataset.kind = kind || "side";
  leave().hidden = true;
  body().replaceChildren(document.getElementById("drawer-waiting").content.cloneNode(true));
  if (!dialog.open) {
    dialog.showModal();
    if (toasts) dialog.append(toasts); // what lies under a modal dialog can be neither read nor clicked
  }
  window.htmx.ajax(verb, url, { target: "#drawer-body", swap: "innerHTML", values });
}

function close() {
  if (!dialog.open) return;
  if (toasts) document.body.append(toasts);
  dialog.close();
  body().replaceChildren();
}

function askOrClose() {
  if (!isDirty()) return close();
  leave().hidden = false;
  leave().querySelector("[data-leave-no]").focus();
}

function giveFocusBack() {
  if (openDialog()) return;
  const again = opener?.isConnected ? opener : openerHref && document.querySelector(`a[href="${CSS.escape(openerHref)}"]`);
  // The opener may sit in a menu that has closed since: its summary is what one sees.
  const menu = again?.closest?.("details:not([open])");
  (menu ? menu.querySelector("summary") : again)?.focus?.();
}

function focusInside() {
  const area = body();
  const target = area.querySelector("[data-summary]")
    ?? area.querySelector("[autofocus]")
    ?? area.querySelector("form :is(input:not([type=hidden]), select, textarea):not([disabled])")
    ?? area.querySelector("[data-drawer-close]");
  target?.focus();
}

function keepEditing() {
  leave().hidden = true;
  focusInside();
}

function listen() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-drawer]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openDrawer("GET", link.getAttribute("href"), { kind: link.dataset.drawer, from: link });
  });

  // Buttons of a plain form (the bulk bar) whose answer belongs in the dialog.
  document.addEventListener("submit", (event) => {
    const { submitter: button, target: form } = event;
    if (!button?.hasAttribute("data-drawer")) return;
    event.preventDefault();
    const values = {};
    for (const [name, value] of new FormData(form, button)) (values[name] ??= []).push(value);
    openDrawer("POST", form.getAttribute("action"), { kind: button.dataset.drawer, values, from: button });
  });

  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-drawer-close]")) {
      event.preventDefault();
      askOrClose();
    } else if (event.target.closest("[data-leave-yes]")) {
      close();
    } else if (event.target.closest("[data-leave-no]")) {
      keepEditing();
    }
  });

  dialog.addEventListener("pointerdown", (event) => {
    if (event.target === dialog) askOrClose(); // the backdrop: the content covers the whole dialog
  });

  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    if (leave().hidden) askOrClose();
    else keepEditing();
  });
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", giveFocusBack);

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "drawer-body") return;
    const { xhr } = event.detail;
    // A whole page (the answer redirected out of the drawer) does not belong in the panel: go there.
    if (!/^\s*<!doctype/i.test(xhr.responseText)) return;
    event.detail.shouldSwap = false;
    if (xhr.status < 400) {
      dialog.querySelectorAll("form[data-dirty]").forEach((form) => delete form.dataset.dirty);
      location.assign(xhr.responseURL);
    }
  });
  // Nothing came: the toast says why; a form under way stays as it is.
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      if (event.detail.target?.id === "drawer-body" && body().querySelector(".dw-ghosts")) close();
    });
  }
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "drawer-body") return;
    const asked = body().querySelector("[data-drawer-kind]");
    if (asked) dialog.dataset.kind = asked.dataset.drawerKind;
    focusInside();
  });

  document.body.addEventListener("dw:saved", async () => {
    await null; // other events of the same answer (a toast) still rise from the form that goes away here
    close();
    const record = document.getElementById("record");
    if (!record) return;
    // In a page of tabs the open one reloads itself (list.js), wherever it has got to.
    if (record.querySelector("[data-tabs]")) await refreshParts(".dw-head", "#record-strip");
    else await refresh("#main");
    giveFocusBack();
  });
}

if (dialog) listen();
