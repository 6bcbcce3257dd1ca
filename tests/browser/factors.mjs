// Authenticator apps and recovery codes: set up, used to sign in, replaced, and removed, with and without scripts. For passkeys, see
// `passkeys.mjs`.

import { PASSWORD, api, assert, call, code, login, newAccount, newAdministrator, scene } from "./stage.mjs";

for (const [locale, javaScriptEnabled] of [["en-GB", true], ["de-DE", true], ["en-GB", false]]) {
  const how = javaScriptEnabled ? "with scripts" : "without scripts";
  scene(`an app is set up, asked for, replaced by a recovery code, and removed: ${locale}, ${how}`, async (arrive) => {
    const account = await newAccount();
    const elsewhere = await login(account);
    const person = await arrive({ locale, javaScriptEnabled });
    await person.signIn(account);
    const { secret, codes } = await setUp(person);
    assert.equal(codes.length, 10);
    assert.equal(new Set(codes).size, 10);
    assert.equal((await api("GET", "/auth/me", { token: elsewhere })).status, 401, "expected the other session to end");
    await person.visit("/account/security");
    assert.equal(person.path, "/account/security", "expected this session to stay");
    const shown = await person.page.content();
    for (const it of [secret, ...codes]) assert.ok(!shown.includes(it), "expected the secret and the codes to be shown once");

    // The password alone opens nothing.
    await signOut(person);
    await begin(person, account);
    assert.ok(!(await person.page.context().cookies()).some(({ name }) => name === "session"), "expected no session yet");
    assert.equal(await person.submit({ code: "000000" }), 401);
    await person.assertInvalid("code");
    assert.equal(await person.submit({ code: await code(secret) }), 200);
    await person.page.getByText(account.email).first().waitFor();

    // The app is gone. A recovery code works once.
    await signOut(person);
    await begin(person, account);
    await person.page.locator("main details summary").click();
    assert.equal(await person.submit({ recovery_code: codes[0].toLowerCase() }), 200);
    await person.page.getByText(account.email).first().waitFor();
    await signOut(person);
    await begin(person, account);
    await person.page.locator("main details summary").click();
    assert.equal(await person.submit({ recovery_code: codes[0] }), 401);
    await person.assertInvalid("recovery_code");
    assert.equal(await person.submit({ recovery_code: codes[1] }), 200);

    // New codes end the old ones; without the app there is no second factor.
    await person.visit("/account/security");
    await person.sees(/\b8\b/);
    assert.equal(await person.press(button(person, "/account/security/recovery-codes")), 200);
    const fresh = await codesOf(person);
    assert.equal(fresh.filter((it) => codes.includes(it)).length, 0);
    await person.visit("/account/security");
    assert.equal(await person.press(button(person, "/account/security/totp/remove")), 200);
    await signOut(person);
    await person.signIn(account);
  });
}

scene("each page of the second factor is accessible in both themes", async (arrive) => {
  for (const colorScheme of ["light", "dark"]) {
    const account = await newAccount();
    const person = await arrive({ colorScheme, viewport: { width: 360, height: 740 } });
    const look = async (name) => {
      assert.deepEqual(await person.broken(), [], name);
      const width = await person.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 360, `${name} is ${width} pixels wide`);
      await person.picture(`factor-${name}.360.${colorScheme}`);
    };
    await person.signIn(account);
    await person.visit("/account/security");
    assert.equal(await person.press(button(person, "/account/security/totp")), 200);
    await look("set-up");
    const secret = (await person.page.locator("#secret").innerText()).replaceAll(/\s/g, "");
    assert.equal(await person.submit({ code: "000000" }), 422);
    await person.assertInvalid("code");
    await look("set-up-again");
    assert.equal(await person.submit({ code: await code(secret, -1) }), 200);
    await look("recovery-codes");
    await person.visit("/account/security");
    await look("security");
    await person.visit("/account/confirm?next=/account/export");
    await look("confirm");
    await signOut(person);
    await begin(person, account);
    await look("second-step");
    assert.equal(await person.submit({ code: "000000" }), 401);
    await look("second-step-again");
  }
});

scene("the picture of the set-up is read by the browser, and breaks no policy", async (arrive) => {
  const person = await arrive();
  await person.signIn(await newAccount());
  await person.visit("/account/security");
  assert.equal(await person.press(button(person, "/account/security/totp")), 200);
  const image = person.page.locator('main img[alt]');
  await image.waitFor();
  assert.ok(await image.evaluate((it) => it.complete && it.naturalWidth > 0), "expected a picture");
  const uri = await person.page.locator('a[href^="otpauth:"]').getAttribute("href");
  const secret = (await person.page.locator("#secret").innerText()).replaceAll(/\s/g, "");
  assert.equal(new URL(uri).searchParams.get("secret"), secret);
});

scene("the second step needs no mouse, and leads to the page that was asked for", async (arrive) => {
  const account = await newAccount();
  const setter = await arrive();
  await setter.signIn(account);
  const { secret } = await setUp(setter);
  const person = await arrive();
  await person.visit("/account/export");
  await person.tabTo('main [name="email"]');
  await person.page.keyboard.type(account.email);
  await person.tabTo('main [name="password"]');
  await person.page.keyboard.type(account.password);
  assert.equal(await person.key("Enter"), 200);
  await person.tabTo('main [name="code"]');
  const digits = await code(secret);
  await person.page.keyboard.type(`${digits.slice(0, 3)} ${digits.slice(3)}`);
  assert.equal(await person.key("Enter"), 200);
  assert.equal(person.path, "/account/export");
});

scene("what needs a fresh session asks for the second factor", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  const { secret } = await setUp(person);
  await person.visit("/account/confirm?next=/account/export");
  assert.equal(await person.page.locator('main [type="password"]').count(), 0, "expected no password to be enough");
  assert.equal(await person.submit({ code: "000000" }), 401);
  await person.assertInvalid("code");
  assert.equal(await person.submit({ code: await code(secret) }), 200);
  assert.equal(person.path, "/account/export");
});

scene("five wrong codes end the sign-in", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  const { secret } = await setUp(person);
  await signOut(person);
  await begin(person, account);
  for (let guesses = 0; guesses < 5; guesses += 1) assert.equal(await person.submit({ code: "000000" }), 401);
  assert.equal(await person.submit({ code: await code(secret) }), 401, "expected the right code to come too late");
  await person.press(person.page.locator('main a[href="/account"]'));
  assert.equal(await person.submit({ email: account.email, password: account.password }), 200);
  assert.equal(await person.submit({ code: await code(secret) }), 200);
  await person.page.getByText(account.email).first().waitFor();
});

scene("an administrator removes the factors of somebody who has lost them", async (arrive) => {
  const account = await newAccount();
  const owner = await arrive();
  await owner.signIn(account);
  await setUp(owner);
  const person = await arrive();
  await person.signIn(await newAdministrator());
  await person.visit(`/console/accounts/${account.id}`);
  assert.equal(await person.press(person.page.locator(`a[href="/console/accounts/${account.id}/factors"]`)), 200);
  assert.deepEqual(await person.broken(), []);
  assert.equal(await person.press(button(person, `/console/accounts/${account.id}/factors`)), 200);
  assert.equal(person.path, `/console/accounts/${account.id}`);
  await owner.visit("/account/profile");
  assert.equal(owner.path, "/account", "expected the sessions to end");
  await owner.signIn(account);
});

scene("a role that wants a second factor says so, and counts only with one", async (arrive) => {
  const administrator = await newAdministrator();
  const person = await arrive();
  await person.signIn(administrator);
  await person.visit("/console/roles");
  const name = `Auditors ${process.pid}`;
  assert.equal(await person.submit({ name, description: "", requires_second_factor: true }), 200);
  await person.page.locator('[name="requires_second_factor"]:checked').waitFor();
  const token = await login(administrator);
  const roles = await call("GET", "/rbac/roles", { token });
  const role = roles.find((it) => it.name === name);
  assert.equal(role.requires_second_factor, true);

  const account = await newAccount();
  const reading = await call("POST", "/rbac/permissions", { token, json: { name: "accounts:read", resource: "accounts", action: "read" } });
  await call("PUT", `/rbac/roles/${role.id}`, { token, json: { permission_ids: [reading.id] } });
  await call("POST", `/rbac/users/${account.id}/roles`, { token, json: { role_ids: [role.id] } });
  const holder = await arrive();
  await holder.signIn(account);
  await holder.visit("/console/accounts", 403);
  await setUp(holder);
  await holder.visit("/console/accounts");
});

/** Signs out. */
async function signOut(person) {
  assert.equal(await person.submit({}, { action: "/account/sign-out" }), 200);
}

/** Enters the password, which leads to the second step. */
async function begin(person, { email }) {
  await person.visit("/account");
  assert.equal(await person.submit({ email, password: PASSWORD }), 200);
  await person.form({ code: "" }).waitFor();
}

/** Sets up an app at the page of the account. Returns its secret in base32, and the recovery codes. */
async function setUp(person) {
  await person.visit("/account/security");
  assert.equal(await person.press(button(person, "/account/security/totp")), 200);
  const secret = (await person.page.locator("#secret").innerText()).replaceAll(/\s/g, "");
  // An early code, so that the next one can be used at once.
  assert.equal(await person.submit({ code: await code(secret, -1) }), 200);
  return { secret, codes: await codesOf(person) };
}

/** The recovery codes that the page shows. */
async function codesOf(person) {
  return (await person.page.locator("#codes").innerText()).trim().split("\n");
}

function button(person, action) {
  return person.page.locator(`main form[action="${action}"] button`);
}
