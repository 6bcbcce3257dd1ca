// Opens the documentation pages in a headless browser and calls the API from them. Fails if a page has an error, if the console shows an
// error or a warning, or if a request goes to another server.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const { BROWSE_MODULES, BROWSE_CHROMIUM, BROWSE_SCREENSHOTS, BROWSE_URL, BROWSE_EMAIL, BROWSE_PASSWORD } = process.env;
const { chromium } = createRequire(join(BROWSE_MODULES, "."))("playwright-core");

// Chromium's sandbox does not work as root or in most containers. These pages are trusted.
const browser = await chromium.launch({ executablePath: BROWSE_CHROMIUM, args: ["--no-sandbox"] });

/** The errors of all pages. */
const wrong = [];

/** Opens a page and collects its errors. */
async function open(path) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
  // The fuzzer may run at the same time, so the browser may be slow.
  page.setDefaultTimeout(60_000);
  page.on("console", (message) => {
    if (["error", "warning", "assert"].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("request", (request) => {
    // ReDoc's worker has a blob address.
    const url = request.url().replace(/^blob:/, "");
    const isLocal = url.startsWith(`${BROWSE_URL}/`) || url.startsWith("data:");
    if (!isLocal) wrong.push(`request: ${request.url()}`);
  });
  page.on("requestfailed", (request) => wrong.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  const response = await page.goto(BROWSE_URL + path);
  assert.equal(response.status(), 200, path);
  const close = async () => {
    // Wait for requests in flight, because they may still fail.
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: join(BROWSE_SCREENSHOTS, `${path.slice(1)}.png`) });
    await page.close();
    assert.deepEqual(wrong, [], path);
  };
  return { page, close };
}

/** Swagger UI: logs in with the form, calls `GET /auth/me`, and checks the account. */
async function docs() {
  const { page, close } = await open("/docs");
  await page.locator(".opblock").first().waitFor();
  await page.locator(".btn.authorize").click();
  const form = page.locator(".modal-ux .auth-container", { hasText: "OAuth2, password" });
  await form.locator("#oauth_username").fill(BROWSE_EMAIL);
  await form.locator("#oauth_password").fill(BROWSE_PASSWORD);
  await form.locator("button.authorize").click();
  await form.locator("button", { hasText: "Logout" }).waitFor();
  await page.locator(".modal-ux .btn-done").first().click();

  const operation = page.locator("#operations-auth-getMe");
  await operation.locator(".opblock-summary-control").click();
  await operation.locator(".try-out__btn").click();
  await operation.locator(".execute").click();
  const answer = operation.locator(".live-responses-table tr.response");
  await answer.waitFor();
  assert.match(await answer.locator(".response-col_status").innerText(), /^200/);
  const account = JSON.parse(await answer.locator(".highlight-code code, .microlight").first().innerText());
  assert.equal(account.email, BROWSE_EMAIL);
  await operation.scrollIntoViewIfNeeded();
  await close();
}

/** ReDoc: checks that every operation is present. */
async function redoc() {
  const { page, close } = await open("/redoc");
  await page.locator("h1").first().waitFor();
  for (const { operationId, summary } of await operations()) {
    const section = page.locator(`[id$="operation/${operationId}"]`).first();
    await section.waitFor({ state: "attached" });
    assert.ok((await section.innerText()).includes(summary), operationId);
  }
  await close();
}

/** The operations of the document. */
async function operations() {
  const document = await (await fetch(`${BROWSE_URL}/openapi.json`)).json();
  return Object.values(document.paths).flatMap((path) => Object.values(path)).filter((one) => one.operationId);
}

try {
  await docs();
  await redoc();
  console.log("seen to the end");
} catch (error) {
  console.error(error, wrong);
  process.exitCode = 1;
} finally {
  await browser.close();
}
