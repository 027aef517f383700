// The box that fills a company from legal data: Enter searches instead of saving, arrows walk through the firms.

// Without JavaScript Enter anywhere presses this button, and the server guesses; here it saves, as everywhere.
window.htmx.onLoad((root) => root.querySelectorAll?.("button[name=enter][hidden]").forEach((button) => button.removeAttribute("name")));

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-fill]");
  if (!box || event.isComposing) return;
  const text = box.querySelector("[data-fill-text]");
  if (event.target === text && event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    if (text.value.trim()) text.form.requestSubmit(box.querySelector("[data-fill-look]"));
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [text, ...box.querySelectorAll("[data-fill-firm]")];
  const place = stops.indexOf(event.target);
  const next = stops[place + (event.key === "ArrowDown" ? 1 : -1)];
  if (place < 0 || !next) return;
  event.preventDefault();
  next.focus();
});
