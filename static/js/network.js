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

// --- The session ended while the page was open: what was typed stays, one signs in in another tab

const typed = () =>
  document.querySelector("form[data-dirty]") ||
  [...document.querySelectorAll("textarea")].some((area) => area.value !== area.defaultValue);

/** The tokens of the page are those of the former session: take the new one's, if it is the same person's. */
async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const { body } = new DOMParser().parseFromString(await answer.text(), "text/html");
  const headers = body.getAttribute("hx-headers");
  if (!headers || body.dataset.person !== document.body.dataset.person) return false;
  const token = JSON.parse(headers)["X-CSRFToken"];
  document.body.setAttribute("hx-headers", headers);
  const shapes = [...document.querySelectorAll("template")].map((shape) => shape.content); // of toasts to come
  for (const root of [document, ...shapes]) {
    for (const field of root.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  }
  for (const holder of document.querySelectorAll("[data-csrf]")) holder.dataset.csrf = token;
  return true;
}

/** Says why an answer of `status` failed; `expired`: its form was one of a former session. */
export async function explain(status, expired = false) {
  if (status === 403 && expired) {
    const renewed = await renew().catch(() => false);
    toast(renewed ? { level: "warning", text: texts.textRenewed } : { level: "error", text: texts.textRefused });
  } else {
    toast({ level: "error", text: sentence(status), link: status === 401 ? `${login}?next=/` : "" });
  }
}

/** The same for an answer of `fetch`; true when it was the session, which nothing else explains better. */
export function sessionEnded(answer) {
  const expired = answer.headers.has("X-Form-Expired");
  if (answer.status !== 401 && !expired) return false;
  explain(answer.status, expired);
  return true;
}

export const offline = () => toast({ level: "error", text: texts.textOffline });

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.getResponseHeader("HX-Trigger")?.includes("dw:toast")) return; // the server said it better
  if (xhr.status === 401 && requestConfig.verb === "get" && !typed()) {
    location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  explain(xhr.status, xhr.getResponseHeader("X-Form-Expired") !== null);
});

for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, offline);

// A sign-in page that came by a redirect must not land inside a list
document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = event.detail.xhr.responseURL;
  if (!login || !answered || location.pathname.startsWith(login)) return;
  if (new URL(answered).pathname.startsWith(login)) {
    event.detail.shouldSwap = false;
    location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
});
