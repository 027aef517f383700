// Kanban: drag with mouse or finger (SortableJS), or Space, arrows, Space on the keyboard, told aloud.
// A move is POSTed as pk, to, version; when the server refuses, the card goes back and the reason is told.

import { animation, fill, loadScript } from "./dom.js";
import { reload } from "./list.js";
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

/** Tells the server. Gives back "" or why it refused. */
async function post(card, to) {
  const board = boardOf(card);
  try {
    const answer = await fetch(board.dataset.moveUrl, {
      method: "POST",
      headers: { "X-CSRFToken": board.dataset.csrf, "HX-Request": "true", Accept: "application/json" },
      body: new URLSearchParams({ pk: card.dataset.card, to: to.dataset.lane, version: card.dataset.version }),
    });
    if (answer.status === 409) reload(); // somebody else was quicker: the board as it is now
    if (!answer.ok) return (await reason(answer)) || board.dataset.textFailed;
    const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
    const body = isJson && answer.status !== 204 ? await answer.json() : {};
    card.dataset.version = body.version ?? Number(card.dataset.version) + 1;
    for (const [value, text] of Object.entries(body.counts ?? {})) {
      const badge = board.querySelector(`[data-lane="${CSS.escape(value)}"] [data-lane-count]`);
      if (badge) badge.textContent = text;
    }
    trigger(answer.headers.get("HX-Trigger"));
    return "";
  } catch {
    return board.dataset.textFailed;
  }
}

/** The card already stands in `to`; `from` and `next` tell where it goes back. */
async function save(card, from, to, next) {
  if (from === to) return;
  const board = boardOf(card);
  count(from, -1);
  count(to, 1);
  card.setAttribute("aria-busy", "true");
  const why = await post(card, to);
  card.removeAttribute("aria-busy");
  if (!why) return say(board, "textMoved", { card: card.dataset.label, column: to.dataset.label });
  if (card.isConnected) {
    const hadFocus = card === document.activeElement;
    count(from, 1);
    count(to, -1);
    put(card, from, next);
    if (hadFocus) card.focus();
  }
  toast({ level: "error", text: why });
  say(board, "textBack", { card: card.dataset.label, column: from.dataset.label });
}

// --- Mouse and touch

async function prepare(board) {
  if (!board.dataset.moveUrl || board.dataset.ready !== undefined) return;
  board.dataset.ready = "";
  const lanes = [...board.querySelectorAll("[data-lane]")];
  for (const lane of lanes) cardsOf(lane).dataset.drop = fill(board.dataset.textDrop, { column: lane.dataset.label });
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
  if (held?.card !== event.target) return;
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
