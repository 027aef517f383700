// The lines of a contract: rows that are added, removed and moved; the server adds them up.

const ROW = "[data-lines] li";

function changed(list) {
  list.dispatchEvent(new CustomEvent("dw:lines", { bubbles: true }));
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

function freshRow(list) {
  const row = list.lastElementChild.cloneNode(true);
  for (const input of row.querySelectorAll("input")) {
    input.value = input.dataset.begins ?? "";
    input.removeAttribute("id");
  }
  row.querySelector("select").selectedIndex = 0;
  return row;
}

function addRow(list) {
  const most = Number(list.parentElement.dataset.most);
  if (list.children.length < most) list.append(freshRow(list));
  list.lastElementChild.querySelector("input").focus();
}

function drop(row) {
  const list = row.parentElement;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  if (next) row.remove();
  else {
    row.replaceWith(freshRow(list));
  }
  (next ?? list.firstElementChild).querySelector("input").focus();
  changed(list);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-line-add], [data-line-step], [data-line-drop]");
  if (!button) return;
  if (button.matches("[data-line-add]")) {
    addRow(button.closest("[data-lines]").querySelector("ol"));
    return;
  }
  const row = button.closest("li");
  if (button.matches("[data-line-drop]")) {
    drop(row);
    return;
  }
  if (button.dataset.lineStep === "-1") row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  button.focus();
  changed(row.parentElement);
});

// Enter in the last row begins the next one; elsewhere it goes down a row.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
  const row = event.target.closest?.(ROW);
  if (!row || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  if (row.nextElementSibling) row.nextElementSibling.querySelector("input").focus();
  else addRow(row.parentElement);
});
