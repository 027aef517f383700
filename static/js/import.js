// Import of contacts: a file dropped on its zone, and only the fields of the chosen way to assign.

const zone = document.querySelector("[data-drop-zone]");
const input = zone?.querySelector("input[type=file]");

function showName() {
  const name = zone.querySelector("[data-drop-name]");
  name.textContent = input.files[0]?.name ?? "";
  zone.toggleAttribute("data-chosen", input.files.length > 0);
}

if (zone && input) {
  const over = (on) => zone.toggleAttribute("data-over", on);
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      over(true);
    });
  }
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) over(false);
  });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    showName();
  });
  input.addEventListener("change", showName);
  showName();
}

function showAssign(root) {
  for (const part of root.querySelectorAll("[data-assign]")) {
    const chosen = part.querySelector("input[name=assign]:checked")?.value;
    for (const detail of part.querySelectorAll("[data-assign-for]")) detail.hidden = detail.dataset.assignFor !== chosen;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.name === "assign") showAssign(document);
});
window.htmx?.onLoad((content) => showAssign(content.parentElement ?? content));
showAssign(document);
