// The pages that links in e-mails lead to, by keyboard only. The token of a link stays in no address and in no history, and nothing happens
// before the reader wants it: programs that scan e-mails follow links, too.

import { OTHER_PASSWORD, PASSWORD, api, assert, call, link, login, newAccount, scene } from "./stage.mjs";

scene("a link verifies the address when the button is pressed, and not before", async (arrive) => {
  const account = await newAccount();
  const url = await link(account.email, "/verify-email");
  const person = await arrive();
  const sent = posts(person);
  await person.visit(url);
  await assertHidden(person, url);
  await person.page.waitForLoadState("networkidle");
  assert.deepEqual(sent, [], "expected nothing to happen before the button is pressed");
  assert.equal(await isVerified(account), false);
  await person.tabTo("main form button:not([type=button])");
  assert.equal(await person.key("Enter"), 200);
  assert.equal(await isVerified(account), true);
  await assertHidden(person, url);
  assert.deepEqual(await person.broken(), []);
  await person.picture("verified");

  const again = await arrive();
  await again.visit(url);
  await again.tabTo("main form button:not([type=button])");
  assert.equal(await again.key("Space"), 410);
  await again.page.getByRole("alert").first().waitFor();
  assert.deepEqual(await again.broken(), []);
});

scene("a link sets a password that follows the rules, once", async (arrive) => {
  const account = await newAccount();
  await call("POST", "/auth/password/forgot", { json: { email: account.email } });
  const url = await link(account.email, "/reset-password");
  const person = await arrive();
  const sent = posts(person);
  await person.visit(url);
  await assertHidden(person, url);
  await person.tabTo('[name="new_password"]');
  await person.page.keyboard.type("short");
  assert.equal(await person.key("Enter"), 422);
  await person.assertInvalid("new_password");
  await assertHidden(person, url, { isKept: true });
  assert.deepEqual(await person.broken(), []);

  await person.tabTo('[name="new_password"]');
  await person.page.keyboard.type(OTHER_PASSWORD);
  await person.tabTo("[data-reveal]");
  await person.page.keyboard.press("Space");
  assert.equal(await person.page.locator('[name="new_password"]').getAttribute("type"), "text");
  await person.tabTo("main form button:not([type=button])");
  assert.equal(await person.key("Enter"), 200);
  assert.equal(sent.length, 2);
  assert.ok(!(await person.page.content()).includes(OTHER_PASSWORD));
  await login({ ...account, password: OTHER_PASSWORD });
  assert.equal((await api("POST", "/auth/login", { form: { username: account.email, password: PASSWORD } })).status, 401);

  // The used link, in the same window, with another fragment only.
  await person.visit(url);
  await person.tabTo('[name="new_password"]');
  await person.page.keyboard.type(PASSWORD);
  assert.equal(await person.key("Enter"), 410);
  await person.page.locator('main a[href="/account/forgot-password"]').first().waitFor();
});

scene("two presses of the button are one request", async (arrive) => {
  const account = await newAccount();
  await call("POST", "/auth/password/forgot", { json: { email: account.email } });
  const person = await arrive();
  const sent = posts(person);
  await person.visit(await link(account.email, "/reset-password"));
  await person.page.locator('[name="new_password"]').fill(OTHER_PASSWORD);
  const loaded = person.page.waitForURL((url) => url.pathname === "/account");
  await person.page.locator("main form button:not([type=button])").first().dblclick();
  await loaded;
  assert.equal(sent.length, 1);
});

scene("another link in the same tab takes the place of the first", async (arrive) => {
  const person = await arrive();
  await person.visit("/account/verify-email#token=first-token");
  await person.page.evaluate(() => { location.hash = "token=second-token"; });
  await person.page.waitForFunction(() => document.querySelector("[data-fragment]").value === "second-token");
  assert.equal(new URL(person.page.url()).hash, "");
});

scene("the history leads back to a page without the token", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.visit(await link(account.email, "/verify-email"));
  await person.visit("/account");
  await person.page.goBack();
  assert.ok(!person.page.url().includes("#"), person.page.url());
  await person.page.reload();
  assert.equal(await person.page.locator("[data-fragment]").inputValue(), "");
  assert.ok(await person.page.locator("[data-fragment]").isVisible(), "expected a field to paste the link into");
});

/** The addresses to which the person's pages send something, as they are sent. */
function posts(person) {
  const sent = [];
  person.page.on("request", (request) => {
    if (request.method() !== "GET") sent.push(new URL(request.url()).pathname);
  });
  return sent;
}

/** The token is nowhere that a later reader of the screen or of the history finds it. A form that was refused keeps it. */
async function assertHidden({ page }, url, { isKept = false } = {}) {
  const token = new URL(url).hash.slice("#token=".length);
  assert.notEqual(token, "");
  assert.ok(!page.url().includes(token) && !page.url().includes("#"), page.url());
  if (isKept) return;
  assert.ok(!(await page.content()).includes(token), "expected no token in the page");
}

async function isVerified(account) {
  return (await call("GET", "/auth/me", { token: await login(account) })).email_verified;
}
