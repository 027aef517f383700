// The matrix of a role: one box a row that ticks or clears the whole row, kept true to what is ticked.

const boxes = (row) => [...row.querySelectorAll("input[name^='actions:']")];

function tell(row) {
  const all = row.querySelector("[data-matrix-all]");
  if (!all) return;
  const ticked = boxes(row).filter((box) => box.checked).length;
  all.checked = ticked === boxes(row).length;
  all.indeterminate = ticked > 0 && !all.checked;
}

// Nobody works on what they may not see: any other action brings « view », and « view » takes the others along.
function follow(row, changed) {
  const view = boxes(row).find((box) => box.value === "view");
  if (!view || !changed.matches("input[name^='actions:']")) return;
  if (changed !== view && changed.checked) view.checked = true;
  if (changed === view && !view.checked) for (const box of boxes(row)) box.checked = false;
}

document.addEventListener("change", (event) => {
  const row = event.target.closest?.("[data-matrix-row]");
  if (!row) return;
  if (event.target.matches("[data-matrix-all]")) {
    for (const box of boxes(row)) box.checked = event.target.checked;
  } else {
    follow(row, event.target);
  }
  tell(row);
});

window.htmx?.onLoad((content) => content.querySelectorAll?.("[data-matrix-row]").forEach(tell));
document.querySelectorAll("[data-matrix-row]").forEach(tell);
