// Keys of the whole house: `?` help, `g` then a letter, and any `data-shortcut="n"` of the page.
// One letter alone may be switched off in the help dialog (WCAG 2.1.4); Ctrl and Esc always work.
import { remember, remembered } from "./cookies.js";

const CHORD_MS = 1200;
let chordUntil = 0;

export function keysEnabled() {
  return remembered("dw_keys") !== "off";
}

export function isTyping(event) {
  const element = event.target;
  return (
    element.isContentEditable ||
    (element.matches?.("input, select, textarea") && !["checkbox", "radio", "button", "submit"].includes(element.type))
  );
}

// True when a letter alone may act: nobody types, no dialog is open, no modifier is held.
export function mayAct(event) {
  return (
    keysEnabled() &&
    !event.defaultPrevented &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey &&
    !isTyping(event) &&
    !document.querySelector("dialog[open]")
  );
}

function visible(element) {
  return element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;
}

function act(key) {
  const element = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(key)}"]`)].find(visible);
  if (!element) return false;
  if (element.matches("input, select, textarea")) {
    element.focus();
    element.select?.();
  } else element.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (!mayAct(event) || event.key.length !== 1) return;
  const key = event.key.toLowerCase();
  if (chordUntil > event.timeStamp) {
    chordUntil = 0;
    const link = document.querySelector(`a[data-go="${CSS.escape(key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  if (key === "g") {
    chordUntil = event.timeStamp + CHORD_MS;
    return;
  }
  if (key === "?") {
    document.getElementById("shortcuts")?.showModal();
    event.preventDefault();
    return;
  }
  if (act(key)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-shortcuts]")) document.getElementById("shortcuts")?.showModal();
});

const toggle = document.querySelector("[data-keys-toggle]");
if (toggle) {
  toggle.checked = keysEnabled();
  toggle.addEventListener("change", () => remember("dw_keys", toggle.checked ? "on" : "off"));
}
