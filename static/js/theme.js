// Runs before anything is drawn (a classic script in <head>): the theme and the folded menu never flash.
// « auto » is resolved here; without JavaScript tokens.css lets the system answer.
(function () {
  const root = document.documentElement;
  const cookie = (name) => (document.cookie.match(new RegExp("(?:^|; )" + name + "=([a-z]+)")) || [])[1];
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function apply() {
    const choice = root.dataset.theme;
    const resolved = choice === "light" || choice === "dark" ? choice : dark.matches ? "dark" : "light";
    root.setAttribute("data-bs-theme", resolved);
    const colour = document.querySelector('meta[name="theme-color"]');
    if (colour) colour.content = resolved === "dark" ? "#13161f" : "#ffffff";
  }

  root.dataset.theme = cookie("dw_theme") || root.dataset.theme || "auto";
  if (cookie("dw_menu") === "folded") root.dataset.side = "folded";
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("dw:theme", apply);
})();
