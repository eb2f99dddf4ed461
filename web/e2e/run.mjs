// Browser checks against a running server: node web/e2e/run.mjs http://127.0.0.1:8420 [query] [folder for pictures]
// Wants a store with at least a few articles; `siftwire demo` is one. CHROMIUM names another browser. With
// LOGIN=name:password of a moderator the moderation pages are checked too, and some comments decided and put back.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [base, query = "ransomware", pictures] = process.argv.slice(2);
if (!base) {
  console.error("usage: node run.mjs BASE-URL [QUERY] [PICTURES]");
  process.exit(2);
}
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const failures = [];
const seen = (name) => console.log(`ok   ${name}`);
const fail = (name, why) => { failures.push(name); console.error(`FAIL ${name}: ${why}`); };

async function check(name, run) {
  try {
    await run();
    seen(name);
  } catch (error) {
    fail(name, error.message);
  }
}

function must(condition, message) {
  if (!condition) throw new Error(message);
}

// Asks again until it is so. (Playwright's own waitForFunction needs eval, which our content policy forbids.)
async function until(isSo, message) {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    if (await isSo().catch(() => false)) return;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error(message);
}

// A page that fails the run on console errors, broken requests and violations of the content policy.
async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    // A browser reports the 400 of a wrong query and the 404 of a missing page as errors; those are asked for.
    if (message.type() === "error" && !/status of 40[049]/.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) {
      complaints.push(`asks another site: ${request.url()}`);
    }
  });
  return { page, context, complaints };
}

async function sampleOfPages() {
  const { page, context } = await open();
  await page.goto(base);
  // Rather one with a discussion.
  const discussed = page.locator("li.incident", { has: page.locator(".pulse", { hasText: "comment" }) });
  const plain = page.locator("li.incident", { has: page.locator('a[href^="/articles/"]') });
  const listed = await discussed.count() > 0 ? discussed : plain;
  const article = await listed.first().locator("a[data-item]").getAttribute("href");
  await page.goto(`${base}/incidents`);
  const incident = await page.getAttribute("li.incident a[data-item]", "href");
  await page.goto(`${base}${incident}`);
  const names = page.locator("a.tag, a.chip");
  const name = await names.count() > 0 ? await names.first().getAttribute("href") : "/incidents";
  await page.goto(`${base}/sources`);
  const source = await page.getAttribute("a[data-item]", "href");
  await context.close();
  const asked = encodeURIComponent(query);
  return {
    today: "/",
    search: `/search?q=${asked}`,
    dated: `/search?q=${asked}+after%3A2000&sort=date`,
    nothing: "/search?q=zzqqxx+lang%3Aen",
    wrong: "/search?q=leak+%28open",
    article,
    incidents: "/incidents",
    incident,
    name,
    grouped: `/search?q=${asked}&view=incidents`,
    sources: "/sources",
    exports: `/exports?q=${asked}&f=json-feed`,
    "exports-wrong": "/exports?q=leak+%28open",
    source,
    help: "/help",
    api: "/api",
    missing: "/no/such/page",
  };
}

// Logs in once; all other contexts take over the cookie.
async function logIn(name, password) {
  const { page, context } = await open();
  await page.goto(`${base}/login?back=%2Fmoderation`);
  await page.fill("#name", name);
  await page.fill("#password", password);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${base}/moderation`);
  const state = await context.storageState();
  await context.close();
  return state;
}

const pages = await sampleOfPages();
pages.login = "/login";

const [name, password] = (process.env.LOGIN ?? "").split(":");
let moderator;
if (name && password) {
  await check("log in", async () => { moderator = await logIn(name, password); });
}
if (moderator) {
  Object.assign(pages, {
    queue: "/moderation?state=spam",
    comment: "/moderation?state=spam#comment",
    context: "/moderation?state=spam#context",
    "all-of-it": "/moderation/all?state=spam",
    campaigns: "/moderation/campaigns",
    journal: "/moderation/journal",
    sites: "/moderation/sites",
    policy: "/moderation/sites/1",
    audit: "/moderation/audit",
    account: "/account",
  });
}
const BEHIND_LOGIN = /^\/(moderation|account)/;

for (const [name, path] of Object.entries(pages)) {
  for (const theme of ["light", "dark"]) {
    for (const width of [1280, 360]) {
      await check(`${name}, ${theme}, ${width} px`, async () => {
        const { page, context, complaints } = await open({
          viewport: { width, height: 800 },
          colorScheme: theme,
          ...(BEHIND_LOGIN.test(path) ? { storageState: moderator } : {}),
        });
        const answer = await page.goto(base + path);
        must(answer.status() < 500, `answers ${answer.status()}`);
        await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
        const spill = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (pictures) await page.screenshot({ path: `${pictures}/${name}-${theme}-${width}.png`, fullPage: true });
        must(spill <= 0, `scrolls ${spill} px to the side`);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        must(violations.length === 0, violations.map((found) =>
          `${found.id} (${found.nodes.map((node) => node.target).slice(0, 3).join("; ")})`).join(", "));
        must(complaints.length === 0, complaints.join("; "));
        await context.close();
      });
    }
  }
}

await check("search by keyboard alone", async () => {
  const { page, context, complaints } = await open();
  await page.goto(base);
  await page.keyboard.press("/");
  await page.keyboard.type(query);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/search\?q=/);
  await page.keyboard.press("j");
  const first = await page.evaluate(() => document.activeElement.getAttribute("href"));
  must(first?.startsWith("/articles/"), "j does not reach the first hit");
  await page.keyboard.press("o");
  await page.waitForURL(/\/articles\/\d+/);
  must(await page.locator("h1").innerText(), "the article has a title");
  must(complaints.length === 0, complaints.join("; "));
  await context.close();
});

await check("keys stay silent in fields and when switched off", async () => {
  const { page, context } = await open();
  await page.goto(`${base}/search`);
  await page.focus("#q");
  await page.keyboard.type("j/o?");
  must(await page.inputValue("#q") === "j/o?", "a key acted inside the field");
  await page.goto(`${base}/help`);
  await page.uncheck("[data-keys]");
  await page.goto(base);
  await page.keyboard.press("/");
  const focused = await page.evaluate(() => document.activeElement.tagName);
  must(focused !== "INPUT", "a key acted though switched off");
  await context.close();
});

await check("a facet narrows, its chip widens again", async () => {
  const { page, context } = await open();
  await page.goto(`${base}${pages.search}`);
  const total = () => page.locator("#res").innerText().then((text) => parseInt(text.replaceAll(",", ""), 10));
  const before = await total();
  await page.locator(".facet a").first().click();
  await page.waitForSelector(".chip.on");
  const narrowed = await total();
  must(narrowed >= 1 && narrowed <= before, `${before} became ${narrowed}`);
  await page.locator(".chip.on").first().click();
  await page.waitForSelector(".chip.on", { state: "detached" });
  must(await total() === before, "removing the filter does not restore the search");
  await context.close();
});

await check("all of it without scripts", async () => {
  const { page, context } = await open({ javaScriptEnabled: false });
  await page.goto(base);
  await page.fill("#q0", query);
  await page.locator(".masthead .seek button").click();
  await page.waitForURL(/\/search\?q=/);
  await page.fill("#d1", "2000-01-01");
  await page.locator('form[aria-label="Dates"] button').click();
  must(new URL(page.url()).searchParams.get("q").includes("after:2000-01-01"), "the date field does nothing");
  await page.locator("a[data-item]").first().click();
  await page.waitForURL(/\/articles\/\d+/);
  await page.selectOption("#theme", "dark");
  await page.locator('form[aria-label="Theme"] button').click();
  must(await page.getAttribute("html", "data-theme") === "dark", "the theme is not kept");
  must(/\/articles\/\d+/.test(page.url()), "the theme form leaves the page");
  await context.close();
});

if (moderator) {
  const spam = `${base}/moderation?state=spam`;
  const counted = async (page, queue) => {
    const chip = await page.locator(".chip", { hasText: queue }).first().innerText();
    return parseInt(chip.replace(/\D/g, ""), 10);
  };
  const chosen = (page) => page.locator(".queue [aria-current] input").getAttribute("value");

  await check("decide and undo by keys, typed quickly", async () => {
    const { page, context, complaints } = await open({ storageState: moderator });
    await page.goto(spam);
    const before = { spam: await counted(page, "Spam"), approved: await counted(page, "Approved") };
    const first = await chosen(page);
    await page.keyboard.press("j");
    await until(async () => await chosen(page) !== first, "j does not reach the next comment");
    // Two decisions without waiting: each is about another comment.
    await page.keyboard.press("a");
    await page.keyboard.press("a");
    await until(async () => await counted(page, "Approved") === before.approved + 2, "two keys, two decisions");
    must(await counted(page, "Spam") === before.spam - 2, "two comments left the spam queue");
    await page.keyboard.press("u");
    await page.keyboard.press("u");
    await until(async () => await counted(page, "Approved") === before.approved, "two keys, two undone");
    must(await counted(page, "Spam") === before.spam, "undo puts both back");
    must(complaints.length === 0, complaints.join("; "));
    await context.close();
  });

  await check("moderation keys stay silent in fields and when switched off", async () => {
    const { page, context } = await open({ storageState: moderator });
    await page.goto(spam);
    const before = await counted(page, "Spam");
    await page.focus("#qq");
    await page.keyboard.type("asdu");
    must(await page.inputValue("#qq") === "asdu", "a key acted inside the field");
    await page.goto(`${base}/help`);
    await page.uncheck("[data-keys]");
    await page.goto(spam);
    await page.keyboard.press("a");
    await page.keyboard.press("d");
    await page.goto(spam);
    must(await counted(page, "Spam") === before, "a key acted though switched off");
    await context.close();
  });

  await check("a page that is out of date overwrites nothing", async () => {
    const { page: one, context: first } = await open({ storageState: moderator });
    const { page: other, context: second } = await open({ storageState: moderator });
    await one.goto(spam);
    await other.goto(spam);
    const before = await counted(one, "Approved");
    await one.locator('[data-key="a"]').click();
    await until(async () => await counted(one, "Approved") === before + 1, "approved");
    await other.locator('[data-key="d"]').click();
    await other.waitForSelector("text=Somebody was faster");
    await one.locator('[data-key="u"]').click();
    await until(async () => await counted(one, "Approved") === before, "taken back");
    await first.close();
    await second.close();
  });

  await check("moderation on a phone without scripts", async () => {
    const { page, context } = await open({
      storageState: moderator, javaScriptEnabled: false, viewport: { width: 360, height: 740 },
    });
    await page.goto(spam);
    const before = await counted(page, "Spam");
    must(!(await page.locator("#comment").isVisible()), "one pane at a time");
    await page.locator(".queue a").first().click();
    must(await page.locator("#comment").isVisible(), "the comment is shown");
    await page.locator('#comment button[value="deleted"]').click();
    must(await counted(page, "Spam") === before - 1, "the comment left the queue");
    await page.locator('.bulk [data-key="u"]').click();
    must(await counted(page, "Spam") === before, "undo puts it back");
    await page.locator('input[name="pick"]').nth(0).check();
    await page.locator('input[name="pick"]').nth(1).check();
    await page.locator('#bulk button[value="deleted"]').click();
    must(await counted(page, "Spam") === before - 2, "both left the queue");
    await page.locator('.bulk [data-key="u"]').click();
    must(await counted(page, "Spam") === before, "undo puts both back");
    await context.close();
  });
}

await browser.close();
console.log(failures.length === 0 ? "all checks passed" : `${failures.length} checks failed`);
process.exit(failures.length === 0 ? 0 : 1);
