// How a session lasts in a browser, and how it ends. Access tokens of this service live for three seconds.

import { URL_OF_SERVICE, api, assert, call, login, newAccount, newAdministrator, scene } from "./stage.mjs";

/** The longest time to wait for a condition, and the time between two looks, in milliseconds. */
const PATIENCE = 30_000;
const PAUSE = 100;

scene("two tabs that renew the session at once both stay signed in", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  const other = await person.context.newPage();
  for (let round = 0; round < 3; round += 1) {
    await expiry(person);
    const answers = await Promise.all([person.page.goto("/account/profile"), other.goto("/account/sessions")]);
    assert.deepEqual(answers.map((answer) => answer.status()), [200, 200]);
    assert.equal(new URL(person.page.url()).pathname, "/account/profile");
    assert.equal(new URL(other.url()).pathname, "/account/sessions");
  }
  // The login of this line is the second session.
  const sessions = await call("GET", "/auth/sessions", { token: await login(account) });
  assert.equal(sessions.length, 2, "expected renewals, not more sessions");
});

scene("a form that was open for long is still accepted", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/profile");
  await expiry(person);
  assert.equal(await person.submit({ full_name: "Ada Lovelace" }), 200);
  const me = await call("GET", "/auth/me", { token: await login(account) });
  assert.equal(me.full_name, "Ada Lovelace");
});

scene("after signing out, the back button and the history show nothing", async (arrive) => {
  const account = await newAccount("ada", { full_name: "Ada Lovelace" });
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/profile");
  await person.visit("/account/sessions");
  assert.equal(await person.submit({}, { action: "/account/sign-out" }), 200);
  for (let steps = 0; steps < 3; steps += 1) {
    await person.page.goBack();
    await person.form({ email: "", password: "" }).waitFor();
    const shown = await person.page.content();
    assert.ok(!shown.includes(account.email) && !shown.includes("Ada Lovelace"), `${person.page.url()} shows the account`);
  }
});

scene("signing out in one tab signs the other out", async (arrive) => {
  const person = await arrive();
  await person.signIn(await newAccount());
  const other = await person.context.newPage();
  await other.goto("/account/profile");
  assert.equal(await person.submit({}, { action: "/account/sign-out" }), 200);
  await other.reload();
  assert.equal(new URL(other.url()).pathname, "/account");
});

scene("no script can read a token, and no page holds one", async (arrive) => {
  const person = await arrive();
  await person.signIn(await newAccount());
  const cookies = await person.context.cookies();
  const [session, csrf] = ["session", "csrf"].map((name) => cookies.find((cookie) => cookie.name === name));
  assert.deepEqual([session.httpOnly, session.sameSite, session.path], [true, "Lax", "/"]);
  assert.deepEqual([csrf.httpOnly, csrf.sameSite, csrf.path], [true, "Lax", "/"]);
  const readable = await person.page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]);
  assert.deepEqual(readable, ["", 0, 0]);
  const shown = await person.page.content();
  for (const token of session.value.match(/[\w-]{20,}/g)) assert.ok(!shown.includes(token));
});

scene("an account that is deactivated is signed out at the next page", async (arrive) => {
  const account = await newAccount();
  const administrator = await newAdministrator();
  const person = await arrive();
  await person.signIn(account);
  await call("PUT", `/users/${account.id}/deactivate`, { token: await login(administrator) });
  await person.visit("/account/profile", 200);
  assert.equal(person.path, "/account");
  await person.form({ email: "", password: "" }).waitFor();
});

scene("a session that was ended elsewhere cannot be renewed", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  await call("DELETE", "/auth/sessions", { token: await login(account) });
  await expiry(person);
  await person.visit("/account/profile");
  assert.equal(person.path, "/account");
  assert.ok(!(await person.context.cookies()).some(({ name }) => name === "session"), "expected the cookie to be gone");
});

scene("who signs in gets to the page that was asked for, if it is ours", async (arrive) => {
  const administrator = await newAdministrator();
  const person = await arrive();
  await person.visit("/console/accounts");
  assert.equal(person.path, "/account");
  await person.submit({ email: administrator.email, password: administrator.password });
  assert.equal(person.path, "/console/accounts");
  for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"]) {
    const other = await arrive();
    await other.visit(`/account?next=${encodeURIComponent(next)}`);
    await other.submit({ email: administrator.email, password: administrator.password });
    assert.equal(new URL(other.page.url()).origin, URL_OF_SERVICE, next);
  }
});

scene("whoever may not administrate sees so, and is sent nowhere", async (arrive) => {
  const person = await arrive();
  await person.signIn(await newAccount());
  for (const path of ["/console", "/console/accounts", "/console/roles"]) {
    await person.visit(path, 403);
    assert.equal(person.path, path);
  }
  await person.visit("/account");
  assert.equal(await person.page.locator('a[href^="/console"]').count(), 0, "expected no link to what is refused");
});

scene("a form on another site changes nothing", async (arrive) => {
  const account = await newAccount("ada", { full_name: "Ada Lovelace" });
  const person = await arrive();
  await person.signIn(account);
  person.origins.push("http://evil.example");
  const body = `<!doctype html><title>Win</title><form method="post" action="${URL_OF_SERVICE}/account/profile">
    <input name="full_name" value="Changed"><input name="csrf_token" value="guessed"><button>Win</button></form>`;
  await person.context.route("http://evil.example/**", (route) => route.fulfill({ contentType: "text/html", body }));
  await person.visit("http://evil.example/");
  assert.equal(await person.press(person.page.locator("button")), 403);
  const me = await call("GET", "/auth/me", { token: await login(account) });
  assert.equal(me.full_name, "Ada Lovelace");
  await person.visit("/account/profile");
  assert.equal(person.path, "/account/profile", "expected the person to be still signed in");
});

/** Waits until the API no longer takes the access token of the browser's cookie. */
async function expiry(person) {
  const cookie = (await person.context.cookies()).find(({ name }) => name === "session");
  const token = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(cookie.value)?.[0];
  assert.ok(token, "expected an access token in the cookie");
  const deadline = Date.now() + PATIENCE;
  while ((await api("GET", "/auth/me", { token })).status !== 401) {
    assert.ok(Date.now() < deadline, "expected the access token to expire");
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
