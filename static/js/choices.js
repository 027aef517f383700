// The choices of a custom field: lines that are moved, removed, and come by themselves as one types; shown
// only where the kind of field has choices.

function freshLine(list) {
  const line = list.lastElementChild.cloneNode(true);
  for (const input of line.querySelectorAll("input")) {
    input.value = "";
    input.removeAttribute("id");
  }
  return line;
}

function keepOneEmpty(list) {
  const last = list.lastElementChild?.querySelector("input[type=text]");
  if (last?.value) list.append(freshLine(list));
}

document.addEventListener("input", (event) => {
  const list = event.target.closest?.("[data-choices]");
  if (list) keepOneEmpty(list);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
  const line = event.target.closest?.("[data-choices] li");
  if (!line || event.target.type !== "text") return;
  event.preventDefault();
  keepOneEmpty(line.parentElement);
  line.nextElementSibling?.querySelector("input[type=text]").focus();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-choice-step], [data-choice-drop]");
  if (!button) return;
  const line = button.closest("li");
  const list = line.parentElement;
  if (button.dataset.choiceStep === "-1") line.previousElementSibling?.before(line);
  else if (button.dataset.choiceStep === "1") line.nextElementSibling?.after(line);
  else {
    const next = line.nextElementSibling ?? line.previousElementSibling;
    if (next) line.remove();
    else line.querySelectorAll("input").forEach((input) => { input.value = ""; });
    (next ?? line).querySelector("input[type=text]").focus();
    list.dispatchEvent(new Event("change", { bubbles: true }));
    return;
  }
  button.focus();
});

function showChoices(kind) {
  const field = kind.form?.querySelector('[data-field="choices"]');
  if (field) field.hidden = kind.value !== "choice";
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-custom-kind]")) showChoices(event.target);
});

window.htmx.onLoad((root) => {
  root.querySelectorAll("[data-custom-kind]").forEach(showChoices);
});
