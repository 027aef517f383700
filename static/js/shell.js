// The frame: menu (fold, slide in on phones), floating menus on <details data-menu>, theme choice.
import { remember } from "./cookies.js";

const root = document.documentElement;
const side = document.getElementById("menu");
const phone = window.matchMedia("(max-width: 991.98px)");

// --- The menu is longer than most screens: the current place is in view

const here = side?.querySelector("[aria-current=page]");
const scroll = here?.closest(".dw-side-scroll");
if (scroll) {
  const below = here.getBoundingClientRect().bottom - scroll.getBoundingClientRect().bottom;
  if (below > 0) scroll.scrollTop += below + scroll.clientHeight / 3;
}

// --- Fold to icons, remembered

const fold = document.querySelector("[data-side-fold]");

function tellFold() {
  const folded = root.dataset.side === "folded";
  fold?.setAttribute("aria-expanded", String(!folded));
  const label = fold?.querySelector("span");
  if (label) label.textContent = folded ? fold.dataset.unfold : fold.dataset.fold;
}

fold?.addEventListener("click", () => {
  if (root.dataset.side === "folded") delete root.dataset.side;
  else root.dataset.side = "folded";
  remember("dw_menu", root.dataset.side === "folded" ? "folded" : "open");
  tellFold();
  hideTip();
});
tellFold();

// --- The name beside a folded icon

const tip = document.createElement("div");
tip.className = "dw-tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true"); // the link already has this name
document.querySelector(".dw-shell")?.append(tip);

function hideTip() {
  tip.hidden = true;
}

function showTip(event) {
  const item = event.target.closest?.(".dw-side-item, [data-side-fold]");
  if (!item || root.dataset.side !== "folded" || phone.matches) return hideTip();
  const box = item.getBoundingClientRect();
  tip.textContent = [...item.querySelectorAll("span")].map((part) => part.textContent.trim()).join(" · ");
  tip.style.left = `${box.right + 8}px`;
  tip.style.top = `${box.top + box.height / 2}px`;
  tip.hidden = false;
}

side?.addEventListener("mouseover", showTip);
side?.addEventListener("focusin", showTip);
side?.addEventListener("mouseleave", hideTip);
side?.addEventListener("focusout", hideTip);

// --- Slide in on phones: the page behind rests, Esc and the scrim close, focus goes back

let opener = null;

function setOpen(open) {
  root.toggleAttribute("data-side-open", open);
  document.querySelector(".dw-frame").inert = open;
  document.querySelectorAll("[data-side-toggle]").forEach((link) => link.setAttribute("aria-expanded", String(open)));
  if (open) (side.querySelector("[aria-current]") || side.querySelector("a"))?.focus({ preventScroll: true });
  else opener?.focus();
}

document.querySelectorAll("[data-side-toggle]").forEach((link) => {
  link.setAttribute("role", "button"); // a link to #menu without JavaScript
  link.setAttribute("aria-expanded", "false");
  link.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      link.click();
    }
  });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    opener = link;
    setOpen(true);
  });
});

document.querySelectorAll("[data-side-close]").forEach((link) =>
  link.addEventListener("click", (event) => {
    event.preventDefault();
    setOpen(false);
  }),
);

phone.addEventListener("change", () => root.hasAttribute("data-side-open") && setOpen(false));

// --- Floating menus: one open at a time, Esc gives the focus back, arrows walk

const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    const chosen = menu.contains(event.target) && event.target.closest("a, [data-menu-close]");
    if (!menu.contains(event.target) || (chosen && !event.target.closest("summary"))) menu.open = false;
  }
});

// A menu that asks for a text is opened to type it, at once: a letter too early would be a shortcut
document.addEventListener("click", (event) => {
  const menu = event.target.closest?.("details[data-menu] > summary")?.parentElement;
  const field = menu?.querySelector("[data-menu-focus]");
  if (!field || menu.open) return;
  event.preventDefault();
  menu.open = true;
  field.focus();
});

document.addEventListener("focusin", (event) => {
  // A click on plain text inside a menu focuses <main tabindex="-1"> around it: that is not leaving the menu
  for (const menu of openMenus()) if (!menu.contains(event.target) && !event.target.contains(menu)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]") || openMenus()[0];
  if (event.key === "Escape") {
    if (menu?.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    } else if (root.hasAttribute("data-side-open")) setOpen(false);
    return;
  }
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key) || event.target.matches("input, select, textarea")) return;
  event.preventDefault();
  menu.open = true;
  const items = [...menu.querySelectorAll("a[href], button:not([disabled])")].filter((item) => item.checkVisibility());
  const at = items.indexOf(document.activeElement);
  const next = event.key === "ArrowDown" ? at + 1 : at - 1;
  items.at(next >= items.length ? 0 : next)?.focus();
});

// --- Theme

function tellTheme() {
  document.querySelectorAll("[data-theme-choice]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === root.dataset.theme));
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) return;
  root.dataset.theme = button.dataset.themeChoice;
  remember("dw_theme", root.dataset.theme);
  document.dispatchEvent(new Event("dw:theme"));
  tellTheme();
});
tellTheme();

// --- Dialogs: a click beside closes, and so does [data-close-dialog]

document.addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog.dw-dialog");
  if (dialog && (event.target === dialog || event.target.closest("[data-close-dialog]"))) dialog.close();
});
