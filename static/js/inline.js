// Facts of a record, editable in place: click or Enter to edit, Enter saves, Esc gives the old value back.

const before = new Map(); // id → the fact as it was

/** What follows from a saved fact: the head, other facts, versions in forms, the time line. The rest stays as it is. */
async function follow() {
  const shown = document.querySelector("#timeline .dw-kinds [aria-current]")?.href ?? location.href; // these kinds of entries
  const answer = await fetch(shown, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const selector of [".dw-record-name", "[data-follows]", "#timeline-entries"]) {
    const places = document.querySelectorAll(selector);
    page.querySelectorAll(selector).forEach((now, index) => {
      const place = places[index];
      if (!place || place.innerHTML === now.innerHTML || place.contains(document.activeElement)) return;
      place.replaceChildren(...now.childNodes);
      window.htmx.process(place);
    });
  }
  for (const now of page.querySelectorAll(".dw-fact[id]")) {
    const place = document.getElementById(now.id)?.querySelector(".dw-fact-value");
    const value = now.querySelector(".dw-fact-value");
    if (place && place.innerHTML !== value.innerHTML) place.innerHTML = value.innerHTML;
  }
}

function restore(open) {
  const markup = before.get(open.id);
  if (!markup) return location.reload();
  open.outerHTML = markup;
  const fact = document.getElementById(open.id);
  window.htmx.process(fact);
  fact.querySelector(".dw-fact-edit")?.focus();
}

document.addEventListener("click", (event) => {
  const cancel = event.target.closest?.("[data-fact-cancel]");
  if (cancel) return restore(cancel.closest("[data-fact-open]"));
  const value = event.target.closest?.("[data-fact] dd");
  if (!value || event.target.closest("a, button, input, label") || String(getSelection())) return;
  value.querySelector(".dw-fact-edit").click();
});

document.addEventListener("keydown", (event) => {
  const open = event.target.closest?.("[data-fact-open]");
  if (!open) return;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    restore(open);
  } else if (event.key === "Enter" && event.target.matches("select, input[type=checkbox], input[type=radio]")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const fact = event.detail.target;
  if (fact?.matches?.("[data-fact]")) {
    const clean = fact.cloneNode(true);
    clean.classList.remove("dw-saved");
    for (const part of [clean, ...clean.querySelectorAll(".htmx-request")]) part.classList.remove("htmx-request");
    clean.querySelector(".dw-fact-tick")?.remove();
    before.set(fact.id, clean.outerHTML);
  }
});

window.htmx?.onLoad((content) => {
  if (content.matches?.("[data-fact-open]")) {
    const control = content.querySelector("form :is(input:not([type=hidden]), select, textarea)");
    control?.focus();
    control?.select?.();
  } else if (content.matches?.("[data-fact].dw-saved")) {
    content.querySelector(".dw-fact-edit")?.focus();
    follow();
  } else if (content.matches?.("[data-conflict]")) {
    content.querySelector("input[type=radio]:checked")?.focus();
  }
});
