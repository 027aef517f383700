// A lookup field: one types, the server proposes, one chooses by mouse, arrows and Enter.
// The hidden input holds the chosen record; typing anew empties it.

import { sessionEnded } from "./network.js";

const DELAY = 200;

function start(field) {
  if (field.dataset.ready) return;
  field.dataset.ready = "1";
  const text = field.querySelector("[data-lookup-text]");
  const value = field.querySelector("[data-lookup-value]");
  const rows = field.querySelector("[role=listbox]");
  let timer = 0;
  let current = -1;

  const options = () => [...rows.querySelectorAll("[role=option]")];
  const show = (open) => {
    rows.hidden = !open;
    text.setAttribute("aria-expanded", String(open));
    if (!open) text.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    const all = options();
    current = all.length ? (index + all.length) % all.length : -1;
    all.forEach((row, place) => row.setAttribute("aria-selected", String(place === current)));
    if (current >= 0) {
      text.setAttribute("aria-activedescendant", all[current].id);
      all[current].scrollIntoView({ block: "nearest" });
    }
  };
  const choose = (row) => {
    value.value = row.dataset.pk;
    text.value = row.dataset.text;
    show(false);
    value.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const ask = async () => {
    const asked = text.value.trim();
    if (asked.length < 2) return show(false);
    const address = new URL(field.dataset.lookup, location.href);
    address.searchParams.set("q", asked);
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    if (sessionEnded(answer) || !answer.ok || text.value.trim() !== asked) return undefined;
    rows.innerHTML = await answer.text();
    mark(0);
    return show(rows.childElementCount > 0);
  };

  text.addEventListener("input", () => {
    value.value = "";
    clearTimeout(timer);
    timer = setTimeout(ask, DELAY);
  });
  text.addEventListener("keydown", (event) => {
    if (rows.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(current + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && current >= 0) {
      event.preventDefault();
      event.stopPropagation();
      choose(options()[current]);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      show(false);
    }
  });
  rows.addEventListener("mousedown", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) {
      event.preventDefault();
      choose(row);
    }
  });
  text.addEventListener("blur", () => setTimeout(() => show(false), 150));
}

window.htmx.onLoad((root) => {
  if (root.matches?.("[data-lookup]")) start(root);
  root.querySelectorAll?.("[data-lookup]").forEach(start);
});
