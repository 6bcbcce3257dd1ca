// Opens the pages that links in e-mails lead to in a headless browser, and uses them by keyboard only. Fails when a token stays in
// the address bar, when a page breaks its own policy or a rule of axe-core, or when a request goes to another server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { BROWSE_MODULES, BROWSE_CHROMIUM, BROWSE_SCREENSHOTS, BROWSE_URL } = process.env;
const { BROWSE_VERIFY, BROWSE_RESET, BROWSE_PASSWORD } = process.env;
const require = createRequire(join(BROWSE_MODULES, "."));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// Chromium's sandbox works neither as root nor in most containers. These pages are trusted.
const browser = await chromium.launch({ executablePath: BROWSE_CHROMIUM, args: ["--no-sandbox"] });

/** The errors of all pages. */
const wrong = [];

/** Opens a link in a context of its own. Collects the errors, and the requests to the API. */
async function open(link, options = {}) {
  const context = await browser.newContext({ viewport: { width: 800, height: 900 }, ...options });
  const page = await context.newPage();
  // The fuzzer may run at the same time.
  page.setDefaultTimeout(60_000);
  const calls = [];
  page.on("console", (message) => {
    // A refusal of the API is not a fault of the page.
    const isRefusal = message.text().startsWith("Failed to load resource: the server responded with a status of 4");
    if (["error", "warning", "assert"].includes(message.type()) && !isRefusal) wrong.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${BROWSE_URL}/`)) wrong.push(`request: ${request.url()}`);
    if (request.method() !== "GET") calls.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  const response = await page.goto(link);
  assert.equal(response.status(), 200, link);
  const close = async () => {
    await context.close();
    assert.deepEqual(wrong, [], link);
  };
  return { page, calls, close };
}

/** The rules that the page breaks as it is now, with the elements. */
async function broken(page) {
  // The page's policy has no say in the browser's own evaluation.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/** Presses Tab until this element has the focus. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 10; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((it) => document.activeElement?.matches(it), selector)) return;
  }
  assert.fail(`${selector} cannot be reached by keyboard`);
}

/** Waits until the outcome has this text. */
async function told(page, text) {
  await page.locator("#outcome", { hasText: text }).waitFor();
}

/** The token is nowhere that a later reader of the screen or of the history finds it. */
async function assertHidden(page, link) {
  const { origin, pathname, hash } = new URL(link);
  assert.notEqual(hash, "");
  assert.equal(await page.evaluate(() => location.href), origin + pathname);
  assert.equal(await page.evaluate(() => history.length), 2, "expected the blank page and this one");
  assert.ok(!(await page.content()).includes(hash.slice("#token=".length)));
}

/** The link verifies the address when the button is pressed, and not before. It works once. */
async function verify() {
  const { page, calls, close } = await open(BROWSE_VERIFY);
  await page.locator("form").waitFor();
  await assertHidden(page, BROWSE_VERIFY);
  assert.deepEqual(await broken(page), []);
  await page.waitForLoadState("networkidle");
  assert.deepEqual(calls, [], "expected nothing to happen before the button is pressed");
  await tabTo(page, "button");
  await page.keyboard.press("Enter");
  await told(page, "Your address is confirmed");
  assert.deepEqual(calls, ["POST /auth/email/verify"]);
  assert.ok(await page.locator("form").isHidden());
  assert.equal(await page.evaluate(() => document.activeElement.id), "outcome");
  assert.deepEqual(await broken(page), []);
  await page.screenshot({ path: join(BROWSE_SCREENSHOTS, "verify-email.png") });
  await close();

  const again = await open(BROWSE_VERIFY);
  await tabTo(again.page, "button");
  await again.page.keyboard.press("Space");
  await told(again.page, "This link does not work any more");
  await again.close();
}

/** The link sets a password that follows the rules. What the API says of another one is beside the field. */
async function reset() {
  const { page, calls, close } = await open(BROWSE_RESET);
  const field = page.locator("#new-password");
  await field.waitFor();
  await assertHidden(page, BROWSE_RESET);
  assert.deepEqual(await broken(page), []);
  await tabTo(page, "#new-password");
  await page.keyboard.type("short");
  await page.keyboard.press("Enter");
  await page.locator("#new-password-faults", { hasText: "The password must be 8 to 128 characters long." }).waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.equal(await page.evaluate(() => document.activeElement.id), "new-password");
  assert.deepEqual(await broken(page), []);
  await page.screenshot({ path: join(BROWSE_SCREENSHOTS, "reset-password.png") });

  await page.keyboard.press("Control+A");
  await page.keyboard.type(BROWSE_PASSWORD);
  await tabTo(page, "#visible");
  await page.keyboard.press("Space");
  assert.equal(await field.getAttribute("type"), "text");
  await tabTo(page, "button");
  // Two presses are one request.
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await told(page, "Your password is saved");
  assert.deepEqual(calls, ["POST /auth/password/reset", "POST /auth/password/reset"]);
  assert.equal(await field.inputValue(), "", "expected the password to be gone");
  assert.equal(await field.getAttribute("type"), "password");

  // Another link in the same window.
  await page.evaluate(() => { location.hash = "token=0000000000000000000000000000000000000000000"; });
  await field.waitFor();
  assert.equal(await page.evaluate(() => location.hash), "");
  await tabTo(page, "#new-password");
  await page.keyboard.type(BROWSE_PASSWORD);
  await page.keyboard.press("Enter");
  await told(page, "This link does not work any more");
  await close();
}

/** The history leads back to a page without the token. */
async function history() {
  const { page, close } = await open(BROWSE_RESET);
  await page.locator("form").waitFor();
  await page.goto(`${BROWSE_URL}/account/verify-email`);
  await told(page, "Open the link from your e-mail");
  assert.ok(await page.locator("form").isHidden());
  await page.goBack();
  assert.ok(!page.url().includes("#"), page.url());
  await page.reload();
  await told(page, "Open the link from your e-mail");
  await close();
}

/** A narrow screen in the dark, in another language. */
async function narrow() {
  for (const name of ["reset-password", "verify-email"]) {
    const options = { viewport: { width: 320, height: 640 }, colorScheme: "dark", locale: "de-DE" };
    const { page, close } = await open(`${BROWSE_URL}/account/${name}#token=x`, options);
    await page.locator("form").waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), `${name} is too wide`);
    assert.deepEqual(await broken(page), []);
    await page.screenshot({ path: join(BROWSE_SCREENSHOTS, `${name}.narrow.png`) });
    await close();
  }
}

/** Failures after which the reader can try again: too many attempts, a fault, no network. */
async function failures() {
  const { page, calls, close } = await open(`${BROWSE_URL}/account/verify-email#token=x`);
  for (const [answer, text] of [
    [{ status: 429, headers: { "Retry-After": "60" } }, "Too many attempts"],
    [{ status: 409, contentType: "application/problem+json", body: "{}" }, "belongs to another account"],
  ]) {
    await page.route("**/auth/email/verify", (route) => route.fulfill(answer));
    await page.evaluate(() => { location.hash = "token=x"; });
    await tabTo(page, "button");
    await page.keyboard.press("Enter");
    await told(page, text);
    await page.unroute("**/auth/email/verify");
  }
  await page.evaluate(() => { location.hash = "token=x"; });
  await page.locator("form").waitFor();
  await page.context().setOffline(true);
  await tabTo(page, "button");
  await page.keyboard.press("Enter");
  await told(page, "That did not work");
  assert.ok(await page.locator("form").isVisible(), "expected another try");
  assert.equal(calls.length, 3);
  // Chromium reports the failed request.
  assert.deepEqual(wrong.splice(0).filter((it) => !it.includes("ERR_INTERNET_DISCONNECTED")), []);
  await close();
}

try {
  await verify();
  await reset();
  await history();
  await narrow();
  await failures();
  console.log("seen to the end");
} catch (error) {
  console.error(error, wrong);
  process.exitCode = 1;
} finally {
  await browser.close();
}
