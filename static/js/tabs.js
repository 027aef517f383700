// Tabs of a record's page: links that load a list into the panel. With JavaScript they are tabs to assistive
// technology too (WAI-ARIA): arrows, Home and End walk, Enter opens; the address remembers the one that is open.

const bar = () => document.querySelector("[data-tabs]");
const tabs = () => [...(bar()?.querySelectorAll("[data-tab]") ?? [])];
const panel = () => document.querySelector("[data-tab-panel]");

function mark(active) {
  for (const tab of tabs()) {
    const on = tab === active;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    tab.toggleAttribute("data-on", on);
    tab.removeAttribute("aria-current");
    if (!on) tab.querySelector("[data-tab-count]").textContent = "";
  }
  panel().setAttribute("aria-labelledby", active.id);
}

function prepare() {
  const list = bar();
  if (!list || list.getAttribute("role") === "tablist" || !panel()) return;
  const active = tabs().find((tab) => tab.hasAttribute("aria-current") || tab.getAttribute("aria-selected") === "true") ?? tabs()[0];
  list.setAttribute("role", "tablist");
  for (const tab of tabs()) {
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", "list");
  }
  panel().setAttribute("role", "tabpanel");
  panel().tabIndex = 0;
  mark(active);
  active.scrollIntoView({ block: "nearest", inline: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const here = event.target.closest?.("[data-tabs] [data-tab]");
  if (!here) return;
  const all = tabs();
  const to = { ArrowRight: all.indexOf(here) + 1, ArrowLeft: all.indexOf(here) - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = all[(to + all.length) % all.length];
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
});

// The tab changes at once; what it shows follows.
document.addEventListener("htmx:beforeRequest", (event) => {
  const tab = event.detail.elt.closest?.("[data-tab]");
  if (tab && !event.defaultPrevented) mark(tab);
});

// How many rows the list has stands on its tab.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "list" || !panel()) return;
  const count = panel().querySelector("[data-list-count]")?.dataset.listCount ?? "";
  const tab = tabs().find((one) => one.hasAttribute("data-on"));
  if (tab) tab.querySelector("[data-tab-count]").textContent = count;
});

window.htmx?.onLoad(prepare);
prepare();
