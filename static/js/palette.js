// Ctrl-K: search and commands. The results are plain links, so Enter, middle click and « copy link » just work;
// arrows walk through them, typing goes on in the field.

const dialog = document.getElementById("palette");
const field = dialog?.querySelector("input[type=search]");
const results = dialog?.querySelector("#palette-results");

export function openPalette() {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  field.select();
  field.dispatchEvent(new Event("palette:open"));
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
    }
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-open-palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openPalette();
  });

  const links = () => [...results.querySelectorAll("a[href]")];

  dialog.addEventListener("keydown", (event) => {
    const all = links();
    const at = all.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      if (at < 0 && event.key === "ArrowUp") all.at(-1)?.focus();
      else if (next < 0 || !all.length) field.focus();
      else (all[next] || all[0]).focus();
    } else if (event.key === "Enter" && document.activeElement === field) {
      if (all[0] && results.dataset.query === field.value.trim()) {
        event.preventDefault(); // otherwise the form opens the whole page of results
        all[0].click();
      }
    } else if (at >= 0 && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) {
      field.focus();
    }
  });

  // What the results answer to: an Enter before they came must not open the first of the former ones
  results.addEventListener("htmx:afterSwap", (event) => {
    results.dataset.query = (event.detail.requestConfig?.parameters?.q ?? field.value).trim();
    const count = links().length;
    const status = dialog.querySelector("[data-palette-status]");
    status.textContent = count ? status.dataset.some.replace("{n}", count) : status.dataset.none;
  });
}
