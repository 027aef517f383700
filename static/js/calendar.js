// Activities dragged to another day of the calendar: saved at once, taken back from the toast.
import { explain, offline, sessionEnded } from "./network.js";
import { toast } from "./toasts.js";

const calendar = document.querySelector("[data-calendar]");
let dragged = null;

/** What the server tells of the move, or null when it refused, which has been said. */
async function move(line, day, version) {
  const headers = { "X-CSRFToken": calendar.dataset.csrf, "HX-Request": "true", Accept: "application/json" };
  let answer;
  try {
    answer = await fetch(line.dataset.move, { method: "POST", body: new URLSearchParams({ day, version }), headers });
  } catch {
    offline();
    return null;
  }
  if (sessionEnded(answer)) return null;
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    if (told.error) toast({ level: "error", text: told.error });
    else explain(answer.status);
    if (answer.status === 409) setTimeout(() => location.reload(), 1500);
    return null;
  }
  line.dataset.version = told.version;
  return told;
}

function place(line, cell) {
  let list = cell.querySelector("ul");
  if (!list) {
    list = document.createElement("ul");
    cell.querySelector(".dw-cal-head").after(list);
  }
  const hour = line.querySelector("time").textContent;
  const next = [...list.children].find((other) => other.querySelector("time").textContent > hour);
  list.insertBefore(line, next ?? null);
}

function listen() {
  calendar.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-move]");
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  calendar.addEventListener("dragover", (event) => {
    const cell = dragged && event.target.closest("[data-day]");
    calendar.querySelectorAll(".dw-cal-over").forEach((other) => other !== cell && other.classList.remove("dw-cal-over"));
    if (!cell) return;
    event.preventDefault();
    cell.classList.add("dw-cal-over");
  });
  calendar.addEventListener("dragend", () => {
    calendar.querySelectorAll(".dw-cal-over").forEach((cell) => cell.classList.remove("dw-cal-over"));
    dragged = null;
  });
  calendar.addEventListener("drop", async (event) => {
    const line = dragged;
    const cell = line && event.target.closest("[data-day]");
    const from = line?.closest("[data-day]");
    if (!cell || cell === from) return;
    event.preventDefault();
    place(line, cell);
    const told = await move(line, cell.dataset.day, line.dataset.version);
    if (!told) return place(line, from);
    toast({ level: "success", text: told.text, undo_url: told.undo_url });
  });
}

if (calendar) listen();
