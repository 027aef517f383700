// Activities dragged to another day of the calendar: saved at once, taken back from the toast.
import { toast } from "./toasts.js";

const calendar = document.querySelector("[data-calendar]");
let dragged = null;

async function move(line, day, version) {
  const headers = { "X-CSRFToken": calendar.dataset.csrf, Accept: "application/json" };
  const answer = await fetch(line.dataset.move, { method: "POST", body: new URLSearchParams({ day, version }), headers });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    toast({ level: "error", text: told.error || answer.statusText });
    setTimeout(() => location.reload(), 1500);
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
    if (!told) return;
    toast({ level: "success", text: told.text, undo_url: told.undo_url });
  });
}

if (calendar) listen();
