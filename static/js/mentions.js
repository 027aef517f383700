// « @ » in a note: colleagues who see the record are proposed below the text, by mouse and by arrows.

let box = null; // { area, list, from } while names are proposed
let asked = 0;

function close() {
  box?.list.remove();
  box = null;
}

/** What stands between the last « @ » and the cursor, or null. */
function typed(area) {
  const before = area.value.slice(0, area.selectionStart);
  const found = before.match(/(?:^|\s)@([^@\n]{0,40})$/);
  return found ? { text: found[1], from: before.length - found[1].length } : null;
}

function choose(name) {
  const { area, from } = box;
  const end = area.selectionStart;
  area.setRangeText(`${name} `, from, end, "end");
  close();
  area.focus();
}

function show(area, from, people, label) {
  close();
  if (!people.length) return;
  const list = document.createElement("div");
  list.className = "dw-lookup-rows dw-mention-rows";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  people.forEach((name, place) => {
    const row = document.createElement("span");
    row.className = "dw-lookup-row";
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(place === 0));
    row.textContent = name;
    row.addEventListener("mousedown", (event) => {
      event.preventDefault();
      choose(name);
    });
    list.append(row);
  });
  area.parentElement.append(list);
  box = { area, list, from };
}

document.addEventListener("input", async (event) => {
  const holder = event.target.closest?.("[data-mentions]");
  if (!holder || !event.target.matches("textarea")) return;
  const area = event.target;
  const now = typed(area);
  const turn = ++asked;
  if (!now) return close();
  const answer = await fetch(`${holder.dataset.mentions}?q=${encodeURIComponent(now.text)}`);
  if (!answer.ok || turn !== asked) return;
  const { people } = await answer.json();
  show(area, now.from, people, holder.dataset.mentionsLabel);
});

document.addEventListener("keydown", (event) => {
  if (!box || event.target !== box.area) return;
  const rows = [...box.list.children];
  const at = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = (at + (event.key === "ArrowDown" ? 1 : rows.length - 1)) % rows.length;
    rows.forEach((row, place) => row.setAttribute("aria-selected", String(place === next)));
  } else if ((event.key === "Enter" && !event.ctrlKey) || event.key === "Tab") {
    event.preventDefault();
    choose(rows[at].textContent);
  } else if (event.key === "Escape") {
    event.stopPropagation();
    close();
  }
}, true);

document.addEventListener("focusout", (event) => {
  if (box && event.target === box.area) close();
});
