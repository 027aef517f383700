// <button data-copy="#id">: copies the text of an element and says so.
import { toast } from "./toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.querySelector(button.dataset.copy);
  if (!source) return;
  const text = source.value ?? [...source.querySelectorAll("li")].map((item) => item.textContent.trim()).join("\n");
  try {
    await navigator.clipboard.writeText(text || source.textContent.trim());
    toast({ level: "success", text: button.dataset.copied });
  } catch {
    getSelection().selectAllChildren(source); // no clipboard without HTTPS: at least it is selected
  }
});
