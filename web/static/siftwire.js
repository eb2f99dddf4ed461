// Single keys for readers who like them: / j k o ?, and those shown on buttons.
// Moderation pages are swapped in place, so that keys typed quickly act one after the other. All pages work
// without this file.
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

// A checkbox takes single keys only for its own space bar.
function isField(target) {
  return isTyping(target) && !target.matches("[type=checkbox], [type=radio]");
}

function act(key) {
  const target = document.querySelector(`[data-key="${key}"]`);
  if (target) target.click();
  else if (Object.hasOwn(KEYS, key)) KEYS[key]();
}

function hasMeaning(key) {
  if (Object.hasOwn(KEYS, key)) return true;
  return /^[a-z]$/.test(key) && document.querySelector(`[data-moderation], [data-key="${key}"]`) !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (isField(event.target) || !keysAreOn() || !hasMeaning(event.key)) return;
  event.preventDefault();
  if (swapping) waiting.push(event.key);
  else act(event.key);
});

// Swapping: the page that a link or form leads to, put in place of this one.

let swapping = false;
// What is shown; the address may be ahead of it after a step back.
let shown = location.pathname + location.search;
const waiting = [];

function isWide() {
  return matchMedia("(min-width: 64rem)").matches;
}

async function swap(address, options) {
  swapping = true;
  let answer;
  try {
    answer = await fetch(address, { ...options, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.querySelector("main");
    if (!main) throw new Error("no page");
    document.querySelector("main").replaceWith(main);
    document.title = page.title;
  } catch {
    location.reload();
    return;
  }
  // A refusal keeps the address: it belongs to the form, not to a page.
  if (answer.ok && answer.url !== location.href) history.pushState(null, "", answer.url);
  shown = location.pathname + location.search;
  prepare();
  document.querySelector("[aria-current=true] a")?.focus({ preventScroll: false });
  swapping = false;
  if (waiting.length > 0) act(waiting.shift());
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[data-swap]") : null;
  if (!link || event.ctrlKey || event.shiftKey || event.metaKey || event.button !== 0 || !isWide()) return;
  event.preventDefault();
  swap(link.href.split("#")[0]);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-swap]") || !isWide()) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  swap(form.getAttribute("action"), { method: "POST", body });
});

addEventListener("popstate", () => {
  if (location.pathname + location.search !== shown) location.reload();
});

// How many comments are ticked, and all at once: only with this script.
function prepare() {
  const label = document.querySelector("[data-ticked]");
  if (!label) return;
  const boxes = [...document.querySelectorAll('input[name="pick"]')];
  const count = () => { label.textContent = `${boxes.filter((box) => box.checked).length} ticked:`; };
  for (const box of boxes) box.addEventListener("change", count);
  const all = document.querySelector("[data-tick-all]");
  all.hidden = false;
  all.addEventListener("click", () => {
    const on = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = on;
    count();
  });
  count();
}

prepare();

const box = document.querySelector("[data-keys]");
if (box) {
  box.checked = keysAreOn();
  box.addEventListener("change", () => setKeys(box.checked));
  document.querySelector("[data-keys-switch]").hidden = false;
}

// Copies the field that a button names; where the browser does not let scripts copy, the text is at least chosen.
async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  let done = false;
  try {
    await navigator.clipboard.writeText(field.value);
    done = true;
  } catch { /* no permission, or no https */ }
  const said = button.querySelector("[data-said]");
  said.setAttribute("role", "status");
  said.textContent = done ? "Copied" : "Press Ctrl+C";
  setTimeout(() => { said.textContent = "Copy"; }, 2500);
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (button) copy(button);
});
