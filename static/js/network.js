// When an answer fails, the person reads what happened and what to do, in their language:
// the sentences are data attributes of the toasts' region.
import { toast } from "./toasts.js";

const texts = document.getElementById("toasts")?.dataset ?? {};
const login = document.body.dataset.login;

function sentence(status) {
  if (status === 401) return texts.textSignin;
  if (status === 403) return texts.textForbidden;
  if (status === 404 || status === 410) return texts.textMissing;
  if (status === 413) return texts.textTooLarge;
  if (status === 429) return texts.textTooMany;
  return status >= 500 ? texts.textServer : texts.textRefused;
}

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (xhr.getResponseHeader("HX-Trigger")?.includes("dw:toast")) return; // the server said it better
  toast({ level: "error", text: sentence(xhr.status) });
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => toast({ level: "error", text: texts.textOffline }));
}

// The session ended meanwhile: the sign-in page must not land inside a list
document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = event.detail.xhr.responseURL;
  if (!login || !answered || location.pathname.startsWith(login)) return;
  if (new URL(answered).pathname.startsWith(login)) {
    event.detail.shouldSwap = false;
    location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
});
