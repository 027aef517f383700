// Small things that several behaviours share.

/** "12 selected" from "{n} selected". */
export function fill(text, values) {
  return (text || "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function openDialog() {
  return document.querySelector("dialog[open]");
}

const started = new Map();

/** A third-party file that only some pages need. */
export function loadScript(src) {
  if (!started.has(src)) {
    started.set(src, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = src;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    }));
  }
  return started.get(src);
}

export function animation() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120;
}

/** Fetch the page again and swap only `selector`: what was saved shows, the rest of the page stays. */
export function refresh(selector) {
  const address = location.pathname + location.search;
  return window.htmx.ajax("GET", address, { target: selector, select: selector, swap: "outerHTML" });
}

/** The same for several parts at once, each in its place. */
export async function refreshParts(...selectors) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const selector of selectors) {
    const now = page.querySelector(selector);
    const place = document.querySelector(selector);
    if (!now || !place) continue;
    place.replaceChildren(...now.childNodes);
    window.htmx.process(place);
  }
}
