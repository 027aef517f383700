// What the person's browser remembers for a year: small words only, never anything about the data.
const YEAR = 365 * 24 * 3600;

export function remember(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
}

export function remembered(name) {
  return document.cookie.match(new RegExp(`(?:^|; )${name}=([a-z]+)`))?.[1] ?? "";
}
