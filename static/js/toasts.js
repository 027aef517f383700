// Toasts: those the server wrote into the page, and those of the `dw:toast` event
// (HX-Trigger or our own code): {level, text, undo_url} or a list of them.

const region = document.getElementById("toasts");
const list = region?.querySelector("ol");
const shape = region?.querySelector("template");
const SECONDS = { success: 6, info: 8, debug: 8, warning: 0, error: 0 }; // 0: until closed
const UNDO_SECONDS = 10;
const MOST = 4;

function leave(toast) {
  const focused = toast.contains(document.activeElement);
  toast.remove();
  if (focused) (list.querySelector("[data-toast-close]") || document.getElementById("main"))?.focus();
}

function live(toast) {
  const seconds = toast.querySelector("form") ? UNDO_SECONDS : SECONDS[toast.dataset.level] ?? 8;
  toast.querySelector("[data-toast-close]")?.addEventListener("click", () => leave(toast));
  if (!seconds) return;
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => leave(toast), seconds * 1000);
  };
  // Nobody loses an « undo » while pointing at it or standing on it
  for (const pause of ["mouseenter", "focusin"]) toast.addEventListener(pause, () => clearTimeout(timer));
  for (const resume of ["mouseleave", "focusout"]) toast.addEventListener(resume, wait);
  wait();
}

export function toast({ level = "info", text = "", undo_url: undoUrl = "", link = "" }) {
  if (!list || !text) return;
  const item = shape.content.firstElementChild.cloneNode(true);
  item.dataset.level = level;
  item.classList.add(`dw-toast-${level}`);
  item.querySelector(".dw-toast-text").textContent = text;
  const undo = item.querySelector("form");
  // Only an address of our own may be posted to
  if (undoUrl && new URL(undoUrl, location.href).origin === location.origin) undo.action = undoUrl;
  else undo.remove();
  const leads = item.querySelector("[data-toast-link]");
  if (link) leads.href = link;
  else leads.remove();
  for (const same of list.children) {
    if (same.querySelector(".dw-toast-text")?.textContent === text) same.remove();
  }
  list.append(item);
  while (list.children.length > MOST) list.firstElementChild.remove();
  live(item);
}

document.addEventListener("dw:toast", (event) => {
  const detail = event.detail?.value ?? event.detail;
  for (const one of Array.isArray(detail) ? detail : [detail]) if (one) toast(one);
});

// Written by the server: put back one by one, so that screen readers speak them
if (list) {
  for (const item of [...list.children]) {
    item.remove();
    setTimeout(() => {
      list.append(item);
      live(item);
    }, 60);
  }
}
