// The two clients from npm against a running server: node run.mjs http://127.0.0.1:PORT KEY
import assert from "node:assert/strict";
import dns from "node:dns";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Author, Blog, CheckResult, Client, Comment } from "@cedx/akismet";

const [base, key] = process.argv.slice(2);
const port = new URL(base).port;
const { blog, ham, scam, learn } = JSON.parse(await readFile(new URL("cases.json", import.meta.url)));

const step = async (name, work) => {
  await work();
  console.log(`ok   ${name}`);
};

// @cedx/akismet: everything at one address, the key in the body.
const cedx = (apiKey, options = {}) =>
  new Client(apiKey, new Blog({ url: blog, languages: ["en"], charset: "UTF-8" }), { baseUrl: base, ...options });
const comment = (content, author = {}) =>
  new Comment({
    author: new Author({ ipAddress: "192.0.2.10", name: "Petra", userAgent: "Mozilla/5.0", ...author }),
    content,
    context: ["gardening", "backups"],
    date: new Date("2025-03-02T10:04:00Z"),
    permalink: `${blog}/harbour/`,
    type: "comment",
  });

await step("@cedx/akismet verify-key", async () => {
  assert.equal(await cedx(key).verifyKey(), true);
  assert.equal(await cedx("nosuchkey123").verifyKey(), false);
});
await step("@cedx/akismet comment-check", async () => {
  const client = cedx(key);
  assert.equal(await client.checkComment(comment(ham)), CheckResult.ham);
  assert.notEqual(await client.checkComment(comment(scam)), CheckResult.ham);
  assert.notEqual(await client.checkComment(comment(ham, { name: "akismet-guaranteed-spam" })), CheckResult.ham);
  assert.notEqual(
    await client.checkComment(comment(ham, { email: "akismet-guaranteed-spam@example.com" })),
    CheckResult.ham,
  );
  assert.equal(await client.checkComment(comment(scam, { role: "administrator" })), CheckResult.ham);
});
await step("@cedx/akismet refuses a wrong key", () =>
  assert.rejects(cedx("nosuchkey123").checkComment(comment(ham))),
);
await step("@cedx/akismet in test mode teaches nothing", async () => {
  const client = cedx(key, { isTest: true });
  await client.submitSpam(comment(learn));
  assert.equal(await cedx(key).checkComment(comment(learn)), CheckResult.ham);
});
await step("@cedx/akismet submit-spam and submit-ham are learnt at once", async () => {
  const client = cedx(key);
  await client.submitSpam(comment(learn));
  assert.notEqual(await client.checkComment(comment(learn)), CheckResult.ham);
  await client.submitHam(comment(learn));
  assert.equal(await client.checkComment(comment(learn)), CheckResult.ham);
});

// akismet-api: the key as a label of the host, such as KEY.localhost, which not every machine resolves.
const lookup = dns.lookup;
dns.lookup = (host, options, done) => {
  if (!host.endsWith(".localhost")) return lookup(host, options, done);
  const [settings, answer] = typeof options === "function" ? [{}, options] : [options, done];
  const family = 4;
  return settings.all ? answer(null, [{ address: "127.0.0.1", family }]) : answer(null, "127.0.0.1", family);
};
const { AkismetClient } = createRequire(import.meta.url)("akismet-api");
const api = (apiKey) => new AkismetClient({ key: apiKey, blog, host: `localhost:${port}`, protocol: "http" });
const fields = (content, more = {}) => ({
  ip: "192.0.2.10",
  useragent: "Mozilla/5.0",
  name: "Petra",
  content,
  permalink: `${blog}/harbour/`,
  type: "comment",
  ...more,
});
await step("akismet-api verify-key", async () => {
  // verify-key goes to the host without a label.
  const client = api(key);
  client.rootEndpoint = `${base}/1.1/`;
  assert.equal(await client.verifyKey(), true);
  const wrong = api("nosuchkey123");
  wrong.rootEndpoint = `${base}/1.1/`;
  assert.equal(await wrong.verifyKey(), false);
});
await step("akismet-api comment-check", async () => {
  const client = api(key);
  assert.equal(await client.checkSpam(fields(ham)), false);
  assert.equal(await client.checkSpam(fields(scam)), true);
  assert.equal(await client.checkSpam(fields(ham, { name: "akismet-guaranteed-spam" })), true);
  assert.equal(await client.checkSpam(fields(scam, { honeypot: "filled by a robot" })), true);
  assert.equal(await client.checkSpam(fields(scam, { role: "administrator" })), false);
});
await step("akismet-api refuses a wrong key", () => assert.rejects(api("nosuchkey123").checkSpam(fields(ham))));
await step("akismet-api submit-spam and submit-ham", async () => {
  const client = api(key);
  await client.submitSpam(fields(learn));
  assert.equal(await client.checkSpam(fields(learn)), true);
  await client.submitHam(fields(learn));
  assert.equal(await client.checkSpam(fields(learn)), false);
});
