// Single keys for readers who like them: / j k o ?. Pages work without this file.
// Keys never act inside fields or with a modifier, and can be switched off on the help page.
"use strict";

const SETTING = "siftwire-keys";

function keysAreOn() {
  try { return localStorage.getItem(SETTING) !== "off"; } catch { return true; }
}

function setKeys(on) {
  try { localStorage.setItem(SETTING, on ? "on" : "off"); } catch { /* storage is blocked: on */ }
}

function isTyping(target) {
  return target instanceof Element && target.closest("input, select, textarea, [contenteditable]") !== null;
}

function focusSearch() {
  const field = document.querySelector("[data-seek]");
  if (!field) return;
  field.focus();
  field.select();
}

function step(by) {
  const items = [...document.querySelectorAll("[data-item]")];
  if (items.length === 0) return;
  const here = items.indexOf(document.activeElement);
  const next = here < 0 ? (by > 0 ? 0 : items.length - 1) : here + by;
  items[Math.min(Math.max(next, 0), items.length - 1)].focus();
}

function open() {
  const chosen = document.activeElement;
  const link = chosen && chosen.matches("[data-item]") ? chosen : document.querySelector("[data-original]");
  if (link) link.click();
}

const KEYS = {
  "/": focusSearch,
  "j": () => step(1),
  "k": () => step(-1),
  "o": open,
  "?": () => location.assign("/help#keys"),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (isTyping(event.target) || !keysAreOn() || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

const box = document.querySelector("[data-keys]");
if (box) {
  box.checked = keysAreOn();
  box.addEventListener("change", () => setKeys(box.checked));
  document.querySelector("[data-keys-switch]").hidden = false;
}
