// Serves an empty page on two origins, and calls the API from both in a headless browser. The first origin is in `cors_origins`: its page
// reads answers with their headers, changes an object with `If-Match`, and reads problems. The page of the second origin can do none of it.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

const { BROWSE_MODULES, BROWSE_CHROMIUM, BROWSE_URL, BROWSE_LISTED, BROWSE_OTHER } = process.env;
const { BROWSE_EMAIL, BROWSE_PASSWORD, BROWSE_USER } = process.env;
const { chromium } = createRequire(join(BROWSE_MODULES, "."))("playwright-core");

/** Serves an empty page at an address such as `127.0.0.1:4000`. */
function serve(address) {
  const [host, port] = address.split(":");
  const server = createServer((_, answer) => answer.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>"));
  return new Promise((resolve) => server.listen(Number(port), host, () => resolve(server)));
}

const servers = await Promise.all([BROWSE_LISTED, BROWSE_OTHER].map(serve));
// Chromium's sandbox does not work as root or in most containers. These pages are trusted.
const browser = await chromium.launch({ executablePath: BROWSE_CHROMIUM, args: ["--no-sandbox"] });

/** Opens the page of an origin. Returns a function that sends a request from it, and returns what the page can read. */
async function open(address) {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`http://${address}/`);
  return (method, path, { token, headers = {}, body } = {}) =>
    page.evaluate(
      async ([url, options]) => {
        try {
          const answer = await fetch(url, options);
          const text = await answer.text();
          const json = text && answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : null;
          return { status: answer.status, headers: Object.fromEntries(answer.headers), json };
        } catch (error) {
          return { refused: error.name };
        }
      },
      [
        BROWSE_URL + path,
        { method, headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) }, body },
      ],
    );
}

const form = { "content-type": "application/x-www-form-urlencoded" };
const json = { "content-type": "application/json" };
const credentials = new URLSearchParams({ username: BROWSE_EMAIL, password: BROWSE_PASSWORD }).toString();
const name = (full_name) => JSON.stringify({ full_name });

/** The page of the listed origin. Returns its access token, and the version of the user before the change. */
async function listed() {
  const send = await open(BROWSE_LISTED);
  const login = await send("POST", "/auth/login", { headers: form, body: credentials });
  assert.equal(login.status, 200);
  const token = login.json.access_token;

  const users = await send("GET", "/users/?total=true&limit=1", { token });
  assert.equal(users.status, 200);
  assert.equal(users.headers["x-total-count"], "2");
  assert.match(users.headers["link"], /rel="next"/);
  assert.match(users.headers["x-request-id"], /^[A-Za-z0-9._-]+$/);

  const path = `/users/${BROWSE_USER}`;
  const user = await send("GET", path, { token });
  const tag = user.headers["etag"];
  assert.ok(tag, "expected to read ETag");
  const known = await send("GET", path, { token, headers: { "if-none-match": tag } });
  assert.equal(known.status, 304);

  const change = { token, headers: { ...json, "if-match": tag }, body: name("Changed by the listed origin") };
  assert.equal((await send("PUT", path, change)).status, 200);
  const stale = await send("PUT", path, { ...change, body: name("Never") });
  assert.equal(stale.status, 412);
  assert.equal(stale.json.code, "precondition_failed");

  const anonymous = await send("GET", path);
  assert.equal(anonymous.status, 401);
  assert.equal(anonymous.json.code, "not_authenticated");
  assert.equal(anonymous.headers["www-authenticate"], 'Bearer realm="users"');
  const nowhere = await send("GET", "/nowhere");
  assert.equal(nowhere.json.code, "not_found");
  return token;
}

/** The page of the other origin. It has a good token, and reads nothing and changes nothing with it. */
async function other(token) {
  const send = await open(BROWSE_OTHER);
  for (const [method, path, options] of [
    ["GET", "/healthz", {}],
    ["GET", "/nowhere", {}],
    ["POST", "/auth/login", { headers: form, body: credentials }],
    ["GET", "/users/?total=true", { token }],
    ["PUT", `/users/${BROWSE_USER}`, { token, headers: json, body: name("Changed by the other origin") }],
  ]) {
    assert.deepEqual(await send(method, path, options), { refused: "TypeError" }, `${method} ${path}`);
  }
}

try {
  await other(await listed());
  console.log("seen to the end");
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
  servers.forEach((server) => server.close());
}
