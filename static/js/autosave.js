// A form that saves itself while one types (data-autosave): the same POST with X-Autosave, answered in JSON.
// Somebody else's change stops it: the next save by hand shows both (409).

import { fill } from "./dom.js";
import { sessionEnded } from "./network.js";

const WAIT = 2500;
const RETRY = 15000;
const timers = new WeakMap();

function tell(form, text, bad = false) {
  const box = form.querySelector("[data-autosave-told]");
  if (!box) return;
  box.textContent = text;
  box.classList.toggle("dw-bad", bad);
}

function later(form, wait = WAIT) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), wait));
}

async function save(form) {
  if (!form.isConnected || form.dataset.busy !== undefined || form.dataset.stopped !== undefined) return;
  if (form.dataset.saving !== undefined) {
    later(form);
    return;
  }
  form.dataset.saving = "";
  const data = new FormData(form);
  const typed = new URLSearchParams(data).toString();
  tell(form, form.dataset.textSaving);
  try {
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST", body: data, headers: { "X-Autosave": "1", "HX-Request": "true" },
    });
    if (sessionEnded(answer)) return;
    if (answer.status === 409) {
      const { who } = await answer.json();
      form.dataset.stopped = "";
      tell(form, fill(form.dataset.textConflict, { who }), true);
    } else if (answer.status === 422) {
      const { problems } = await answer.json();
      tell(form, fill(form.dataset.textProblems, { n: problems }), true);
    } else if (answer.ok) {
      const { version, text } = await answer.json();
      if (form.elements.version) form.elements.version.value = version;
      tell(form, text);
      const now = new FormData(form);
      now.set("version", data.get("version") ?? "");
      if (new URLSearchParams(now).toString() === typed) delete form.dataset.dirty;
      else later(form);
    } else throw new Error(String(answer.status));
  } catch {
    tell(form, form.dataset.textLost, true);
    later(form, RETRY);
  } finally {
    delete form.dataset.saving;
  }
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest?.("form[data-autosave]");
    if (form && !event.target.matches("[data-doc-offer]")) later(form);
  });
}

document.addEventListener("submit", (event) => clearTimeout(timers.get(event.target)), true);
