// Forms: one submit at a time (data-once), unsaved changes ask (data-guard), fields are checked when left
// (data-validate: the form is posted with X-Validate-Field), Ctrl-Enter saves, the summary of errors takes the focus.

import { sessionEnded } from "./network.js";

const CHECKED = new WeakMap(); // field → value last checked

// --- Unsaved changes

function markDirty(event) {
  const form = event.target.form ?? event.target.closest?.("form");
  if (form?.matches("[data-guard]")) form.dataset.dirty = "";
}
document.addEventListener("input", markDirty);
document.addEventListener("change", markDirty);

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-dirty]:not([data-busy])")) event.preventDefault();
});

// --- What is typed but not saved survives a part of the page that is drawn anew (another kind of entries, an
// activity planned in the drawer): the form that comes is the one of the same address.

let kept = [];

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig, shouldSwap } = event.detail;
  if (!shouldSwap || !target || target.closest("dialog")) return;
  kept = [...target.querySelectorAll("form[data-guard][data-dirty]")]
    .filter((form) => !form.contains(requestConfig.elt) && !form.closest("dialog"))
    .map((form) => ({ form, action: new URL(form.action).pathname, data: [...new FormData(form)] }));
});

document.addEventListener("htmx:afterSwap", () => {
  for (const { form, action, data } of kept.splice(0)) {
    if (form.isConnected) continue;
    const again = [...document.querySelectorAll("form[data-guard]")].find((one) => new URL(one.action).pathname === action);
    if (!again) continue;
    for (const [name, value] of data) {
      const field = again.elements.namedItem(name);
      if (!(value instanceof File) && field?.matches?.("textarea, input:not([type=hidden], [type=checkbox], [type=file])")) field.value = value;
    }
    again.dataset.dirty = "";
  }
});

// --- One submit at a time

function release(form) {
  delete form.dataset.busy;
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("[data-held]")) {
    button.disabled = false;
    button.removeAttribute("data-held");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.busy !== undefined) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.busy = "";
  form.setAttribute("aria-busy", "true");
  // After the event: a button disabled now would not be sent with the form.
  setTimeout(() => {
    if (form.dataset.busy === undefined) return;
    for (const button of form.querySelectorAll("button:not([type=button], [disabled])")) {
      button.disabled = true;
      button.setAttribute("data-held", "");
    }
  });
}, true);

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches?.("form[data-once]")) return;
  if (event.detail.successful) delete form.dataset.dirty;
  release(form);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(release));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest?.("form") ?? document.querySelector("dialog[open] form");
  // Not `form.method`: a payment has a field of this name, which stands before the form's own property.
  if (form?.getAttribute("method")?.toLowerCase() !== "post" || form.matches("[data-bulk]")) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button.btn-primary:not([type=button])"));
});

// --- The summary of errors

window.htmx?.onLoad((content) => {
  const summary = content.querySelector?.("[data-summary]");
  if (!summary) return;
  summary.focus();
  const form = summary.closest("form[data-guard]");
  if (form) form.dataset.dirty = ""; // what was typed is still not saved
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-summary] a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  const control = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea");
  (control ?? field).focus();
});

// --- Checking a field when one leaves it

function valueOf(form, name) {
  return new FormData(form).getAll(name).map((value) => (value instanceof File ? value.name : value)).join("\u0000");
}

/** Take the errors of the answered field, never its control: the cursor and the undo history stay. */
function showVerdict(field, answer) {
  const bad = answer.querySelector(".dw-field-error");
  field.classList.toggle("dw-field-bad", Boolean(bad));
  field.querySelector(".dw-field-error")?.remove();
  if (bad) field.append(bad);
  // Same parts in the same order on both sides: the state for screen readers is copied one by one.
  const parts = "fieldset, input, select, textarea";
  const answered = [...answer.querySelectorAll(parts)];
  field.querySelectorAll(parts).forEach((part, index) => {
    for (const name of ["aria-describedby", "aria-invalid"]) {
      const value = answered[index]?.getAttribute(name);
      if (value) part.setAttribute(name, value);
      else part.removeAttribute(name);
    }
  });
}

async function check(form, field) {
  const name = field.dataset.field;
  const value = valueOf(form, name);
  if (CHECKED.get(field) === value || form.dataset.busy !== undefined) return;
  CHECKED.set(field, value);
  const data = new FormData(form);
  for (const [key, given] of [...data]) if (given instanceof File) data.delete(key);
  try {
    const answer = await fetch(form.getAttribute("action") || location.href, {
      method: "POST", body: data, headers: { "X-Validate-Field": name, "HX-Request": "true" },
    });
    if (sessionEnded(answer)) return; // now rather than after the whole form
    const text = (answer.ok || answer.status === 422) && (await answer.text());
    if (!text || CHECKED.get(field) !== value || !field.isConnected) return; // a later check is on its way
    const found = new DOMParser().parseFromString(text, "text/html").getElementById(field.id);
    if (found) showVerdict(field, found);
  } catch {
    CHECKED.delete(field); // no network: the submit will say so
  }
}

const fieldOf = (event) => event.target.closest?.("form[data-validate] [data-field]");

document.addEventListener("focusin", (event) => {
  const field = fieldOf(event);
  if (field && !CHECKED.has(field)) CHECKED.set(field, valueOf(field.closest("form"), field.dataset.field));
});
document.addEventListener("focusout", (event) => {
  const field = fieldOf(event);
  if (!field || field.contains(event.relatedTarget) || event.target.type === "file") return;
  check(field.closest("form"), field);
});
