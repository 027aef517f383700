// [data-reveal="30"]: what is shown for a short while (a bank number). When its seconds are over, or when the page
// is left, its <template> takes its place: neither a forgotten screen nor the back button shows it again.

import "./copy.js";

const SECOND = 1000;

function hide(shown) {
  const masked = shown.querySelector("template");
  if (!masked || !shown.isConnected) return;
  const focused = shown.contains(document.activeElement);
  const again = masked.content.firstElementChild;
  shown.replaceWith(masked.content);
  window.htmx.process(again);
  if (focused) again.querySelector("button")?.focus();
}

function count(shown) {
  const end = Date.now() + Number(shown.dataset.reveal) * SECOND;
  const left = shown.querySelector("[data-reveal-left]");
  shown.dataset.counting = "";
  const timer = setInterval(() => {
    const seconds = Math.ceil((end - Date.now()) / SECOND);
    if (seconds > 0 && shown.isConnected) {
      if (left) left.textContent = `${seconds} s`;
      return;
    }
    clearInterval(timer);
    hide(shown);
  }, SECOND);
}

const all = (root) => [...(root.matches?.("[data-reveal]") ? [root] : []), ...root.querySelectorAll("[data-reveal]")];

window.htmx.onLoad((root) => {
  for (const shown of all(root)) {
    if ("counting" in shown.dataset) continue;
    count(shown);
    shown.querySelector("button")?.focus(); // the button that was pressed is gone
  }
});

addEventListener("pagehide", () => all(document).forEach(hide));
