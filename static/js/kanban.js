// Kanban: drag with mouse or finger (SortableJS), or Space, arrows, Space on the keyboard, told aloud.
// A move is POSTed as pk, to, version; when the server refuses, the card goes back and the reason is told.
// A column with data-ask-url asks first, in the dialog: closed without an answer, the card goes back.

import { animation, fill, loadScript } from "./dom.js";
import { reload } from "./list.js";
import { explain, offline, sessionEnded } from "./network.js";
import { toast } from "./toasts.js";

let held = null; // { card, lane, next } while the keyboard holds a card

const boardOf = (node) => node.closest("[data-kanban]");
const laneOf = (card) => card.closest("[data-lane]");
const cardsOf = (lane) => lane.querySelector(".dw-lane-cards");

function say(board, key, values) {
  const status = document.querySelector("[data-kanban-status]");
  if (status) status.textContent = fill(board.dataset[key], values);
}

function put(card, lane, next) {
  const list = cardsOf(lane);
  list.insertBefore(card, next?.parentNode === list ? next : next === undefined ? list.firstChild : null);
}

function count(lane, step) {
  const badge = lane.querySelector("[data-lane-count]");
  if (badge && /^\d+$/.test(badge.textContent)) badge.textContent = String(Math.max(0, Number(badge.textContent) + step));
}

async function reason(answer) {
  const type = answer.headers.get("Content-Type") ?? "";
  if (type.includes("json")) {
    const body = await answer.json();
    return body.detail || body.error || body.title;
  }
  const text = await answer.text();
  return type.includes("text/plain") && text.length < 300 ? text : "";
}

function trigger(header) {
  if (!header?.startsWith("{")) return;
  for (const [name, value] of Object.entries(JSON.parse(header))) window.htmx.trigger(document.body, name, { value });
}

function shaped(html) {
  const shape = document.createElement("template");
  shape.innerHTML = html.trim();
  return shape.content.firstElementChild;
}

/** What the card tells as the server has it now; the card itself, and so the focus, stays. */
function redraw(card, html) {
  card.replaceChildren(...shaped(html).childNodes);
}

/** Tells the server. Gives back "" or why it refused; null when that has been told already. */
async function post(card, to) {
  const board = boardOf(card);
  try {
    const answer = await fetch(board.dataset.moveUrl, {
      method: "POST",
      headers: { "X-CSRFToken": board.dataset.csrf, "HX-Request": "true", Accept: "application/json" },
      body: new URLSearchParams({
        pk: card.dataset.card, to: to.dataset.lane, version: card.dataset.version, query: location.search,
      }),
    });
    if (sessionEnded(answer)) return null;
    if (answer.status === 409 || answer.status === 404) reload(); // the board as it is now
    if (!answer.ok) return (await reason(answer)) || board.dataset.textFailed;
    const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
    const body = isJson && answer.status !== 204 ? await answer.json() : {};
    card.dataset.version = body.version ?? Number(card.dataset.version) + 1;
    if (body.card) redraw(card, body.card);
    trigger(answer.headers.get("HX-Trigger"));
    return "";
  } catch {
    return board.dataset.textFailed;
  }
}

/** The card already stands in `to`; `from` and `next` tell where it goes back. */
async function save(card, from, to, next) {
  if (from === to) return;
  if (to.dataset.askUrl) return ask(card, from, to, next);
  const board = boardOf(card);
  count(from, -1);
  count(to, 1);
  card.setAttribute("aria-busy", "true");
  const why = await post(card, to);
  card.removeAttribute("aria-busy");
  if (why === "") return say(board, "textMoved", { card: card.dataset.label, column: to.dataset.label });
  if (card.isConnected) {
    const hadFocus = card === document.activeElement;
    count(from, 1);
    count(to, -1);
    put(card, from, next);
    if (hadFocus) card.focus();
  }
  if (why) toast({ level: "error", text: why });
  say(board, "textBack", { card: card.dataset.label, column: from.dataset.label });
}

/** The question of a column, in the dialog; `dw:saved` loads the board again. */
function ask(card, from, to, next) {
  const dialog = document.getElementById("drawer");
  const link = document.createElement("a");
  link.hidden = true;
  link.dataset.drawer = "modal";
  link.href = `${to.dataset.askUrl.replace("/0/", `/${card.dataset.card}/`)}?version=${card.dataset.version}`;
  card.append(link);
  let saved = false;
  const done = () => (saved = true);
  document.body.addEventListener("dw:saved", done, { once: true });
  dialog.addEventListener("close", () => {
    document.body.removeEventListener("dw:saved", done);
    link.remove();
    if (saved || !card.isConnected) return;
    put(card, from, next);
    card.focus();
    say(boardOf(card), "textBack", { card: card.dataset.label, column: from.dataset.label });
  }, { once: true });
  link.click();
}

// --- Sums of the columns, as the server tells them after each change

document.body.addEventListener("dw:sums", (event) => {
  for (const [value, sums] of Object.entries(event.detail?.value ?? event.detail ?? {})) {
    const lane = document.querySelector(`[data-kanban] [data-lane="${CSS.escape(value)}"]`);
    if (!lane || !sums?.count_text) continue;
    for (const [name, text] of [["count", sums.count_text], ["total", sums.total_text], ["weighted", sums.weighted_text]]) {
      const place = lane.querySelector(`[data-lane-${name}]`);
      if (place) place.textContent = text ?? "";
    }
  }
});

document.body.addEventListener("dw:count", (event) => {
  const place = document.getElementById("list-count");
  const text = (event.detail?.value ?? event.detail)?.text;
  if (place && text) place.textContent = text;
  if (text !== "0") document.querySelector("[data-board-empty]")?.remove();
});

// --- A card added in a column: its title, its amount, Enter

function quickForm(node) {
  return node.closest("[data-lane]")?.querySelector("[data-quick-form]");
}

function closeQuick(form) {
  form.hidden = true;
  form.reset();
  form.closest("[data-lane]").querySelector("[data-quick]")?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-quick]");
  if (link && !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const form = quickForm(link);
    event.preventDefault(); // before drawer.js, which leaves prevented clicks alone
    form.hidden = !form.hidden;
    if (!form.hidden) form.elements.title.focus();
  }
  const close = event.target.closest?.("[data-quick-close]");
  if (close) closeQuick(quickForm(close));
  const more = event.target.closest?.("a[data-quick-more]");
  if (more) {
    const { title, amount, stage } = quickForm(more).elements;
    const query = new URLSearchParams({ stage: stage.value, title: title.value, amount: amount.value });
    more.setAttribute("href", `${more.getAttribute("href").split("?")[0]}?${query}`);
  }
}, true);

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-quick-form]");
  if (!form || event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  closeQuick(form);
});

/** What is wrong, beside each field; the first of them takes the focus. */
function blame(form, errors) {
  for (const [name, texts] of Object.entries(errors)) {
    const field = form.elements[name];
    const told = form.querySelector(`[data-quick-error="${CSS.escape(name)}"]`);
    if (!told) continue;
    told.textContent = texts.join(" ");
    told.hidden = false;
    field.setAttribute("aria-invalid", "true");
  }
  form.querySelector("[aria-invalid]")?.focus();
}

function forgive(form) {
  for (const told of form.querySelectorAll("[data-quick-error]")) told.hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}
document.addEventListener("reset", (event) => event.target.matches?.("[data-quick-form]") && forgive(event.target));

async function addQuick(form) {
  const board = boardOf(form);
  forgive(form);
  const values = new URLSearchParams(new FormData(form));
  values.set("query", location.search);
  try {
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST", headers: { "X-CSRFToken": board.dataset.csrf, "HX-Request": "true" }, body: values,
    });
    trigger(answer.headers.get("HX-Trigger"));
    if (!answer.ok) {
      if (answer.status === 422) return blame(form, (await answer.json()).errors);
      if (!sessionEnded(answer)) explain(answer.status);
      return form.elements.title.focus();
    }
    const list = cardsOf(form.closest("[data-lane]"));
    list.prepend(shaped(await answer.text()));
    list.scrollTop = 0;
    form.reset();
    form.elements.title.focus();
  } catch {
    offline();
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches?.("[data-quick-form]")) return;
  event.preventDefault();
  await addQuick(form);
  delete form.dataset.busy; // set by form.js (data-once)
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("[data-held]")) {
    button.disabled = false;
    button.removeAttribute("data-held");
  }
});

// --- Mouse and touch

async function prepare(board) {
  if (!board.dataset.moveUrl || board.dataset.ready !== undefined) return;
  board.dataset.ready = "";
  const lanes = [...board.querySelectorAll("[data-lane]")];
  for (const lane of lanes) {
    cardsOf(lane).dataset.drop = lane.dataset.dropText || fill(board.dataset.textDrop, { column: lane.dataset.label });
  }
  await loadScript(board.dataset.sortableSrc);
  let next = null;
  for (const lane of lanes) {
    window.Sortable.create(cardsOf(lane), {
      group: "kanban", sort: false, draggable: ".dw-kcard", ghostClass: "is-ghost", chosenClass: "is-held",
      delay: 150, delayOnTouchOnly: true, animation: animation(),
      onStart: ({ item }) => {
        next = item.nextElementSibling;
        board.classList.add("is-dragging");
      },
      onEnd: ({ item, from, to }) => {
        board.classList.remove("is-dragging");
        save(item, from.closest("[data-lane]"), to.closest("[data-lane]"), next);
      },
    });
  }
  board.dataset.ready = ""; // for the tests: cards can be dragged from here on
}

// --- Keyboard

function take(card) {
  held = { card, lane: laneOf(card), next: card.nextElementSibling };
  card.classList.add("is-held");
  say(boardOf(card), "textTaken", { card: card.dataset.label, column: held.lane.dataset.label });
}

function drop(keep) {
  const { card, lane, next } = held;
  held = null;
  card.classList.remove("is-held");
  const to = laneOf(card);
  if (keep && to !== lane) {
    save(card, lane, to, next);
    return;
  }
  if (to !== lane) put(card, lane, next);
  say(boardOf(card), "textBack", { card: card.dataset.label, column: lane.dataset.label });
  card.focus();
}

function shift(card, step) {
  const lanes = [...boardOf(card).querySelectorAll("[data-lane]")];
  const lane = lanes[lanes.indexOf(laneOf(card)) + step];
  if (!lane) return;
  if (held) {
    const kept = held; // the card loses the focus while it moves: that is not « leaving »
    held = null;
    put(card, lane);
    card.focus();
    held = kept;
    say(boardOf(card), "textOver", { column: lane.dataset.label });
  } else {
    const index = [...cardsOf(laneOf(card)).children].indexOf(card);
    const there = cardsOf(lane).querySelectorAll(".dw-kcard");
    there[Math.min(index, there.length - 1)]?.focus();
  }
  document.activeElement.scrollIntoView({ block: "nearest", inline: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const card = event.target;
  if (!card.matches?.("[data-kanban] .dw-kcard")) return;
  const keys = {
    " ": () => (held ? drop(true) : boardOf(card).dataset.moveUrl && take(card)),
    Escape: () => held && drop(false),
    ArrowRight: () => shift(card, 1),
    ArrowLeft: () => shift(card, -1),
    ArrowDown: () => !held && card.nextElementSibling?.focus(),
    ArrowUp: () => !held && card.previousElementSibling?.focus(),
    Enter: () => (held ? drop(true) : card.querySelector("a").click()),
  };
  if (!keys[event.key] || (event.key === "Escape" && !held)) return;
  event.preventDefault();
  event.stopPropagation();
  keys[event.key]();
});

document.addEventListener("focusout", (event) => {
  // Leaving with Tab or a click puts the card back: nothing moves without a word.
  if (!held || held.card !== event.target) return;
  setTimeout(() => held && document.activeElement !== held.card && drop(false));
});

document.addEventListener("click", (event) => {
  const card = event.target.closest?.("[data-kanban] .dw-kcard");
  if (card && !event.target.closest("a") && !String(getSelection())) card.querySelector("a").click();
});

window.htmx?.onLoad((content) => {
  if (content.matches?.("[data-kanban]")) prepare(content);
  content.querySelectorAll?.("[data-kanban]").forEach(prepare);
});
