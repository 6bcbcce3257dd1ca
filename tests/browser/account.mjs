// The forms of the pages of an account: what they do, and what they say when the service refuses.

import {
  OTHER_PASSWORD, PASSWORD, address, api, assert, call, link, login, newAccount, newAdministrator, root, scene,
} from "./stage.mjs";

scene("sign-in: a wrong password and an unknown address are told alike", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  const told = [];
  for (const email of [account.email, address("nobody")]) {
    await person.visit("/account");
    assert.equal(await person.submit({ email, password: "not the password" }), 401);
    assert.equal(await person.page.locator('[name="email"]').inputValue(), email);
    assert.equal(await person.page.locator('[name="password"]').inputValue(), "", "expected no password in the page");
    told.push((await person.page.locator("main").innerText()).replaceAll(email, ""));
  }
  assert.equal(told[0], told[1]);
});

scene("sign-in: a deactivated account is told so after the right password only", async (arrive) => {
  const account = await newAccount();
  await call("PUT", `/users/${account.id}/deactivate`, { token: await login(root) });
  const person = await arrive();
  await person.visit("/account");
  assert.equal(await person.submit({ email: account.email, password: account.password }), 403);
  await person.sees(/deactivated|not active/i);
  assert.equal(await person.submit({ email: account.email, password: "not the password" }), 401);
});

scene("registration: the faults of each field are beside it", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.visit("/account/register");
  const broken = { email: "nobody@", password: "short", full_name: "x".repeat(300) };
  assert.equal(await person.submit(broken, { raw: true }), 422);
  for (const name of Object.keys(broken)) await person.assertInvalid(name);
  assert.equal(await person.page.locator('[name="password"]').inputValue(), "", "expected no password in the page");
  assert.deepEqual(await person.broken(), []);

  assert.equal(await person.submit({ email: account.email, password: PASSWORD, full_name: "" }), 409);
  await person.assertInvalid("email", /account/i);
  assert.equal(await person.submit({ email: address("new"), password: "password1234" }), 422);
  await person.assertInvalid("password", /common/i);
  assert.equal(await person.submit({ email: address("new"), password: PASSWORD }), 200);
});

scene("forgotten password: an unknown address is told the same", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  const told = [];
  for (const email of [account.email, address("nobody")]) {
    await person.visit("/account/forgot-password");
    assert.equal(await person.submit({ email }), 200);
    told.push((await person.page.locator("main").innerText()).replaceAll(email, ""));
  }
  assert.equal(told[0], told[1]);
  await link(account.email, "/reset-password");
});

scene("a link from an e-mail works once, and a wrong one is told", async (arrive) => {
  const account = await newAccount();
  const url = await link(account.email, "/verify-email");
  const person = await arrive();
  for (const status of [200, 410]) {
    // A visit that only differs in the fragment would load nothing.
    await person.visit("/account");
    await person.visit(url);
    assert.ok(!person.page.url().includes("token"), "expected no token in the address bar");
    assert.equal(await person.submit({}), status);
    assert.deepEqual(await person.broken(), []);
  }
  await call("POST", "/auth/password/forgot", { json: { email: account.email } });
  await person.visit(await link(account.email, "/reset-password"));
  assert.equal(await person.submit({ new_password: "short" }, { raw: true }), 422);
  await person.assertInvalid("new_password");
  assert.equal(await person.submit({ new_password: OTHER_PASSWORD }), 200);
  await login({ ...account, password: OTHER_PASSWORD });
});

scene("profile: all fields are saved, cleared, and their faults told beside them", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/profile");
  const fields = {
    full_name: "Ada Lovelace",
    bio: "Notes.\nMany of them.",
    location: "London",
    website: "https://example.com/ada",
    avatar_url: "https://example.com/ada.png",
    phone_number: "+44 20 7946 0958",
    birth_date: "1915-12-10",
  };
  assert.equal(await person.submit(fields), 200);
  assert.deepEqual(await saved(account, fields), fields);
  for (const [name, value] of Object.entries(fields)) {
    assert.equal(await person.page.locator(`main [name="${name}"]`).inputValue(), value);
  }

  const broken = { bio: "x".repeat(2001), website: "nowhere", avatar_url: "ftp://example.com", phone_number: "call me", birth_date: "2099-01-01" };
  assert.equal(await person.submit(broken, { raw: true }), 422);
  for (const name of Object.keys(broken)) await person.assertInvalid(name);
  assert.equal(await person.page.locator('[name="website"]').inputValue(), "nowhere", "expected the text to be still there");
  assert.deepEqual(await person.broken(), []);
  assert.deepEqual(await saved(account, fields), fields, "expected nothing to change");

  await person.visit("/account/profile");
  const empty = Object.fromEntries(Object.keys(fields).map((name) => [name, ""]));
  assert.equal(await person.submit(empty), 200);
  assert.deepEqual(Object.values(await saved(account, fields)), Object.keys(fields).map(() => null));
});

scene("profile: a change in another tab is not overwritten unseen", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/profile");
  await call("PUT", "/profile/", { token: await login(account), json: { location: "Paris" } });
  const status = await person.submit({ location: "London" });
  assert.ok([409, 412].includes(status), `expected a refusal, not ${status}`);
  await person.sees(/Paris/);
  assert.equal((await saved(account, { location: "" })).location, "Paris");
  assert.equal(await person.submit({ location: "London" }), 200);
  assert.equal((await saved(account, { location: "" })).location, "London");
});

scene("preferences: the theme changes at once, and stays", async (arrive) => {
  const account = await newAccount();
  const person = await arrive({ colorScheme: "light" });
  await person.signIn(account);
  await person.visit("/account/preferences");
  const background = () => person.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  const field = person.page.locator('[name="theme"]').first();
  const isSelect = (await field.evaluate((it) => it.tagName)) === "SELECT";
  if (isSelect) await field.selectOption("dark");
  else await person.page.locator('[name="theme"][value="dark"]').check();
  await person.page.locator('html[data-theme="dark"]').waitFor({ state: "attached" });
  assert.notEqual(await background(), light, "expected other colours before the form is sent");
  assert.equal(await person.submit({ theme: "dark" }), 200);
  await person.visit("/account");
  assert.equal(await person.page.locator("html").getAttribute("data-theme"), "dark");

  await person.visit("/account/preferences");
  assert.equal(await person.submit({ timezone: "Mars/Olympus" }, { raw: true }), 422);
  await person.assertInvalid("timezone");
  assert.equal(await person.submit({ timezone: "Europe/Berlin", language: "de" }), 200);
  const { preferences } = await call("GET", "/profile/", { token: await login(account) });
  assert.deepEqual([preferences.theme, preferences.timezone, preferences.language], ["dark", "Europe/Berlin", "de"]);
});

scene("security: the password is changed, and each refusal told", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/security");
  for (const [current_password, new_password, status, name] of [
    ["not the password", OTHER_PASSWORD, 403, "current_password"],
    [PASSWORD, "short", 422, "new_password"],
    [PASSWORD, PASSWORD, 422, "new_password"],
  ]) {
    assert.equal(await person.submit({ current_password, new_password }, { raw: true }), status);
    await person.assertInvalid(name);
    const shown = await person.page.content();
    assert.ok(!shown.includes(PASSWORD) && !shown.includes(OTHER_PASSWORD), "expected no password in the page");
  }
  assert.deepEqual(await person.broken(), []);
  const before = await login(account);
  assert.equal(await person.submit({ current_password: PASSWORD, new_password: OTHER_PASSWORD }), 200);
  assert.equal((await api("GET", "/auth/me", { token: before })).status, 401, "expected other sessions to end");
  await person.visit("/account/security");
  assert.equal(person.path, "/account/security", "expected this session to stay");
  await login({ ...account, password: OTHER_PASSWORD });
});

scene("security: the address is changed by the link that goes to the new one", async (arrive) => {
  const account = await newAccount();
  const taken = await newAccount("taken");
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/security");
  for (const [email, password, status, name] of [
    [address("new"), "not the password", 403, "password"],
    [taken.email, PASSWORD, 409, "email"],
    ["nobody@", PASSWORD, 422, "email"],
  ]) {
    assert.equal(await person.submit({ email, password }, { raw: true }), status);
    await person.assertInvalid(name);
  }
  const email = address("new");
  assert.equal(await person.submit({ email, password: PASSWORD }), 200);
  await person.visit(await link(email, "/verify-email"));
  assert.equal(await person.submit({}), 200);
  assert.equal((await call("GET", "/auth/me", { token: await login({ ...account, email }) })).email, email);
});

scene("security: the link to verify the address is sent again", async (arrive) => {
  const account = await newAccount();
  const first = await link(account.email, "/verify-email");
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/security");
  assert.equal(await person.submit({}, { action: "/account/security/verification" }), 200);
  const second = await link(account.email, "/verify-email");
  assert.notEqual(first, second);
});

scene("sessions: one is ended, then all others", async (arrive) => {
  const account = await newAccount();
  const tokens = [await login(account), await login(account), await login(account)];
  const person = await arrive({ userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" });
  await person.signIn(account);
  await person.visit("/account/sessions");
  await person.sees(/Firefox/);
  assert.ok(await person.page.locator("main time[datetime]").count() >= 4, "expected the time of each session");
  const newest = (await call("GET", "/auth/sessions", { token: tokens[2] })).find(({ is_current: isIt }) => isIt);
  assert.equal(await person.press(person.page.locator(`form[action*="/${newest.id}"] button`)), 200);
  assert.deepEqual(await statuses(tokens), [200, 200, 401]);
  const all = person.page.locator('form[action="/account/sessions/end-others"] button');
  assert.equal(await person.press(all), 200);
  assert.deepEqual(await statuses(tokens), [401, 401, 401]);
  assert.equal(await person.page.locator("main form button").count(), 0, "expected nothing left to end");
});

scene("API keys: one is made, shown once, and ended", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/api-keys");
  assert.equal(await person.submit({ name: "" }, { raw: true }), 422);
  await person.assertInvalid("name");
  assert.ok([200, 201].includes(await person.submit({ name: "Nightly report" })));
  const key = /uk_[\w-]{43}/.exec(await person.page.locator("main").innerText())?.[0];
  assert.ok(key, "expected the key to be shown");
  assert.equal((await api("GET", "/auth/me", { token: key })).status, 200);
  assert.deepEqual(await person.broken(), []);
  await person.visit("/account/api-keys");
  await person.sees("Nightly report");
  assert.ok(!(await person.page.content()).includes(key), "expected the key to be shown once");
  const end = person.page.locator('form[action*="/api-keys/"] button');
  assert.equal(await person.press(end.first()), 200);
  assert.equal((await api("GET", "/auth/me", { token: key })).status, 401);
});

scene("export: the file holds the account", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/export");
  const waiting = person.page.waitForEvent("download");
  await person.page.locator("main form button, main a[download]").first().click();
  const download = await waiting;
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  assert.ok(JSON.stringify(JSON.parse(Buffer.concat(chunks))).includes(account.email));
  assert.match(download.suggestedFilename(), /\.json$/);
});

scene("deletion: needs the password and a tick", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/delete");
  assert.equal(await person.submit({ password: PASSWORD }, { raw: true }), 422, "expected nothing without the tick");
  assert.equal(await person.submit({ password: "not the password", confirmation: true }), 403);
  await person.assertInvalid("password");
  assert.deepEqual(await person.broken(), []);
  assert.equal((await api("POST", "/auth/login", { form: { username: account.email, password: PASSWORD } })).status, 200);
  assert.equal(await person.submit({ password: PASSWORD, confirmation: true }), 200);
  await person.visit("/account");
  await person.form({ email: "", password: "" }).waitFor();
  assert.equal((await api("POST", "/auth/login", { form: { username: account.email, password: PASSWORD } })).status, 401);
});

/** These fields of the stored profile. */
async function saved(account, fields) {
  const profile = await call("GET", "/profile/", { token: await login(account) });
  return Object.fromEntries(Object.keys(fields).map((name) => [name, profile[name]]));
}

async function statuses(tokens) {
  return Promise.all(tokens.map(async (token) => (await api("GET", "/auth/me", { token })).status));
}
