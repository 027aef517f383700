// Files dropped on a record, or chosen: sent one after the other, each with its progress and its own answer.
// Without this the form is a plain one. The rest of the page under the panel takes drops too.
import { refresh } from "./dom.js";
import { explain } from "./network.js";
import { toast } from "./toasts.js";

const forms = () => [...document.querySelectorAll("form[data-upload]")];

function line(form, file) {
  const item = document.createElement("li");
  const name = Object.assign(document.createElement("span"), { className: "dw-upload-name", textContent: file.name, title: file.name });
  const state = Object.assign(document.createElement("span"), { className: "dw-upload-state", textContent: form.dataset.textWaiting });
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
  bar.setAttribute("aria-label", file.name);
  item.append(name, state, bar);
  form.querySelector("[data-upload-list]").append(item);
  return item;
}

function settle(item, state, text) {
  item.dataset.state = state;
  item.querySelector(".dw-upload-state").textContent = text;
  item.querySelector("progress")?.remove();
}

function reason(form, xhr) {
  if (xhr.status === 0) return form.dataset.textOffline;
  if (xhr.status === 413) return form.dataset.textLarge;
  if (xhr.status === 401 || xhr.getResponseHeader("X-Form-Expired") !== null) {
    explain(xhr.status, xhr.status === 403);
    return form.dataset.textRefused;
  }
  try {
    return JSON.parse(xhr.responseText).errors.join(" ");
  } catch {
    return form.dataset.textRefused;
  }
}

function send(form, file, item) {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    const data = new FormData();
    data.append("file", file);
    xhr.open("POST", form.getAttribute("action"));
    xhr.setRequestHeader("X-Upload", "1");
    xhr.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    xhr.upload.addEventListener("progress", (event) => {
      const percent = event.lengthComputable ? Math.round((100 * event.loaded) / event.total) : 0;
      item.querySelector("progress").value = percent;
      item.querySelector(".dw-upload-state").textContent = `${percent}\u202f%`;
    });
    xhr.addEventListener("loadend", () => {
      const fine = xhr.status === 201;
      if (fine) {
        settle(item, "done", form.dataset.textDone);
        for (const text of JSON.parse(xhr.responseText).warnings) toast({ level: "warning", text });
      } else {
        settle(item, "bad", reason(form, xhr));
      }
      resolve(fine);
    });
    xhr.send(data);
  });
}

async function upload(form, files) {
  if (!files.length) return;
  form.dataset.busy = "1";
  const queue = [...files].map((file) => [file, line(form, file)]);
  let added = 0;
  for (const [file, item] of queue) {
    if (await send(form, file, item)) added += 1;
  }
  delete form.dataset.busy;
  form.reset();
  if (!added || !form.dataset.refresh) return;
  // What was added shows in the panel and on the time line; what was refused stays in sight.
  await window.htmx.ajax("GET", form.dataset.refresh, { target: "#documents", swap: "innerHTML" });
  for (const [, item] of queue) if (item.dataset.state === "done") item.remove();
  if (document.getElementById("timeline")) refresh("#timeline");
}

function wire(form) {
  if (form.hasAttribute("data-ready")) return;
  form.dataset.ready = "1";
  const input = form.querySelector("input[type=file]");
  input.addEventListener("change", () => upload(form, input.files));
  form.addEventListener("submit", (event) => event.preventDefault());
}

const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const zones = (on) => forms().forEach((form) => form.querySelector("[data-upload-zone]").toggleAttribute("data-over", on));

// Anywhere on the page: a file let go beside the zone would otherwise replace the page.
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event) || !forms().length) return;
  event.preventDefault();
  zones(true);
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) zones(false);
});
document.addEventListener("drop", (event) => {
  const [form] = forms();
  if (!carriesFiles(event) || !form) return;
  event.preventDefault();
  zones(false);
  upload(form, event.dataTransfer.files);
});
window.addEventListener("beforeunload", (event) => {
  if (forms().some((form) => form.dataset.busy)) event.preventDefault();
});

// Links of a drawer may bring a form of their own; panels come after the page.
window.htmx?.onLoad(() => forms().forEach(wire));
forms().forEach(wire);
