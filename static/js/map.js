// Departments of the map zoom without loading the page: htmx leaves links inside an SVG to the browser.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-map] a[data-zoom]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!window.htmx) return;
  event.preventDefault();
  window.htmx.ajax("GET", link.getAttribute("href"), { source: link, target: "#list", swap: "innerHTML" });
});

// Esc leads one step out, as it closes one layer elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !event.target.closest?.("[data-map]")) return;
  const out = [...document.querySelectorAll(".dw-map-path a")].at(-1);
  out?.click();
});
