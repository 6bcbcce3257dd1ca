// Passkeys, with the authenticators that Chromium has for tests (the domain `WebAuthn` of its protocol). This service is at `localhost`.

import { PASSWORD, URL_OF_SERVICE, api, assert, call, code, login, newAccount, scene } from "./stage.mjs";

/** The same host with another port: another origin, for which browsers use the same passkeys. */
const OTHER_ORIGIN = "http://localhost:9";

/** How long a browser is watched in which nothing should happen, in milliseconds. */
const QUIET = 1_000;

/** What an authenticator of a phone or a computer can do. */
const PHONE = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };

scene("a passkey is added, signs in alone, is renamed and removed", async (arrive) => {
  const account = await newAccount();
  const elsewhere = await login(account);
  const person = await arrive();
  const phone = await authenticator(person, PHONE);
  await person.signIn(account);
  const codes = await add(person, "phone");
  assert.equal(codes.length, 10);
  assert.equal((await phone.passkeys()).length, 1);
  assert.equal((await api("GET", "/auth/me", { token: elsewhere })).status, 401, "expected the other session to end");

  await signOut(person);
  await person.visit("/account/export");
  assert.equal(person.path, "/account");
  assert.equal(await person.press(passkeyButton(person)), 200);
  assert.equal(person.path, "/account/export", "expected the page that was asked for");

  await person.visit("/account/security");
  await person.sees("phone");
  await person.page.locator("main table summary").click();
  assert.deepEqual(await person.broken(), []);
  const [{ id }] = await passkeysOf(person);
  assert.equal(await person.submit({ name: "laptop" }, { action: `/account/security/passkeys/${id}` }), 200);
  await person.sees("laptop");
  assert.equal(await person.press(person.page.locator(`form[action="/account/security/passkeys/${id}/remove"] button`)), 200);
  assert.deepEqual(await passkeysOf(person), []);

  // The authenticator still has it. The service does not.
  await signOut(person);
  await person.visit("/account");
  assert.equal(await person.press(passkeyButton(person)), 401);
  await phone.present(false);
  await person.page.locator('main [role="alert"]').waitFor();
  assert.deepEqual(await person.broken(), []);
  await person.signIn(account);
});

scene("a passkey is the second step after a password, also without user verification", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  // Chromium makes no passkey on a security key without a PIN.
  const key = await authenticator(person, { ...PHONE, hasUserVerification: false, isUserVerified: false });
  await person.signIn(account);
  const codes = await add(person, "key");
  await signOut(person);
  await begin(person, account, key);
  assert.deepEqual(await person.broken(), []);
  assert.equal(await person.press(passkeyButton(person)), 200);
  await person.page.getByText(account.email).first().waitFor();

  // Alone, it is not enough: the browser finds no authenticator that verifies its user.
  await signOut(person);
  await person.visit("/account");
  await passkeyButton(person).click();
  await person.page.locator('form[data-passkey] > [role="alert"]').waitFor();
  assert.equal(person.path, "/account");
  // If the page had not asked for the verification, the service would refuse the answer.
  const [{ credentialId }] = await key.passkeys();
  const id = Buffer.from(credentialId, "base64").toString("base64url");
  const unverified = { userVerification: "discouraged", allowCredentials: [{ type: "public-key", id }] };
  await assertRefused(await use(person, await options(), unverified));

  await begin(person, account, key);
  await person.page.locator("main details summary").click();
  assert.equal(await person.submit({ recovery_code: codes[0] }), 200);
});

scene("the browser offers passkeys beside the addresses that it fills in, once somebody is there", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  const phone = await authenticator(person, PHONE);
  await person.signIn(account);
  await add(person, "phone");
  await signOut(person);
  const asked = [];
  person.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await person.visit("/account/export");
  await person.page.waitForTimeout(QUIET);
  assert.ok(!asked.includes("/account/sign-in/passkey/options"), "expected no challenge for a page that nobody uses");
  // The authenticator of the test answers as if the person had chosen the passkey.
  await person.page.mouse.move(10, 10);
  await person.page.waitForURL(/\/account\/export$/);
  await person.page.locator('form[action="/account/sign-out"]').waitFor();

  // Who types a password meanwhile is not disturbed.
  await signOut(person);
  await begin(person, account, phone);
});

scene("a passkey confirms that it is still the same person", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await authenticator(person, PHONE);
  await person.signIn(account);
  await add(person, "phone");
  await person.visit("/account/confirm?next=/account/export");
  assert.deepEqual(await person.broken(), []);
  assert.equal(await person.press(passkeyButton(person)), 200);
  assert.equal(person.path, "/account/export");
});

scene("a device makes one passkey for an account", async (arrive) => {
  const person = await arrive();
  const phone = await authenticator(person, PHONE);
  await person.signIn(await newAccount());
  await add(person, "phone");
  await person.visit("/account/security");
  const form = person.page.locator('form[data-passkey="create"]');
  await form.locator('[name="name"]').fill("again");
  await form.locator("button").click();
  await form.locator('[role="alert"]').waitFor();
  assert.equal((await phone.passkeys()).length, 1);
});

scene("who changes the mind stays on the page, and can try again", async (arrive) => {
  const person = await arrive();
  const phone = await authenticator(person, PHONE);
  await person.signIn(await newAccount());
  await add(person, "phone");
  await signOut(person);
  await person.visit("/account");
  await phone.verify(false);
  await passkeyButton(person).click();
  await person.page.locator('form[data-passkey] > [role="alert"]').waitFor();
  await phone.verify(true);
  assert.equal(await person.press(passkeyButton(person)), 200);
  assert.equal(person.path, "/account");
  await person.page.locator('form[action="/account/sign-out"]').waitFor();
});

scene("an answer for another origin is refused", async (arrive) => {
  const person = await arrive();
  await authenticator(person, PHONE);
  await person.signIn(await newAccount());
  await add(person, "phone");
  person.origins.push(OTHER_ORIGIN);
  // A proxy that passes the real options on to its victim.
  await person.context.route(`${OTHER_ORIGIN}/**`, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Users</title>" }));
  await person.visit(`${OTHER_ORIGIN}/account`);
  const assertion = await use(person, await options());
  assert.equal(clientData(assertion).origin, OTHER_ORIGIN);
  await assertRefused(assertion);

  // For an address, the browser itself refuses.
  const address = URL_OF_SERVICE.replace("localhost", "127.0.0.1");
  person.origins.push(address);
  await person.visit(`${address}/account`);
  await assert.rejects(use(person, await options()), /SecurityError|domain/);
});

scene("at an address where the service accepts no passkey, no page offers one", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await authenticator(person, PHONE);
  await person.signIn(account);
  const codes = await add(person, "phone");
  const elsewhere = await arrive();
  const address = URL_OF_SERVICE.replace("localhost", "127.0.0.1");
  elsewhere.origins.push(address);
  await elsewhere.visit(`${address}/account`);
  assert.equal(await passkeyButton(elsewhere).count(), 0);
  assert.equal(await elsewhere.submit({ email: account.email, password: PASSWORD }), 200);
  await elsewhere.sees(/Passkeys do not work at the address/);
  assert.equal(await passkeyButton(elsewhere).count(), 0);
  await elsewhere.page.locator("main details summary").click();
  assert.equal(await elsewhere.submit({ recovery_code: codes[0] }), 200);
  await elsewhere.visit(`${address}/account/security`);
  await elsewhere.sees(/Passkeys do not work at the address/);
  assert.equal(await elsewhere.page.locator("form[data-passkey]").count(), 0);
});

scene("an answer works once, and only for its challenge", async (arrive) => {
  const person = await arrive();
  await authenticator(person, PHONE);
  await person.signIn(await newAccount());
  await add(person, "phone");
  await person.visit("/account/profile");
  const assertion = await use(person, await options());
  const { access_token: token } = await call("POST", "/auth/passkeys/login", { json: { assertion } });
  assert.equal((await api("GET", "/auth/me", { token })).status, 200);
  const { amr, acr } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  assert.equal(acr, "2");
  assert.ok(amr.includes("mfa"), `expected two factors: ${amr}`);
  await assertRefused(assertion);

  const waiting = await options();
  await assertRefused(await use(person, { ...waiting, challenge: "A".repeat(43) }));
  const changed = await use(person, waiting);
  const data = { ...clientData(changed), challenge: (await options()).challenge };
  changed.response.clientDataJSON = Buffer.from(JSON.stringify(data)).toString("base64url");
  await assertRefused(changed);
});

scene("the passkey of one account does not answer for another", async (arrive) => {
  const [ada, eve] = [await newAccount("ada"), await newAccount("eve")];
  const [first, second] = [await arrive(), await arrive()];
  for (const [person, account] of [[first, ada], [second, eve]]) {
    await authenticator(person, PHONE);
    await person.signIn(account);
    await add(person, "phone");
    await person.visit("/account/profile");
  }
  // Eve knows Ada's password.
  const { body } = await api("POST", "/auth/login", { form: { username: ada.email, password: PASSWORD } });
  const { challenge, passkey_options: waiting } = body;
  const assertion = await use(second, { ...waiting, allowCredentials: [] });
  assert.equal((await api("POST", "/auth/login/factor", { json: { challenge, assertion } })).status, 401);
  const swapped = await use(first, waiting);
  swapped.response.signature = assertion.response.signature;
  assert.equal((await api("POST", "/auth/login/factor", { json: { challenge, assertion: swapped } })).status, 401);
  const right = await use(first, waiting);
  assert.equal((await api("POST", "/auth/login/factor", { json: { challenge, assertion: right } })).status, 200);
});

scene("an app and a passkey are both offered, the app first", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  const phone = await authenticator(person, PHONE);
  await person.signIn(account);
  await add(person, "phone");
  await person.visit("/account/security");
  assert.equal(await person.press(person.page.locator('form[action="/account/security/totp"] button')), 200);
  const secret = (await person.page.locator("#secret").innerText()).replaceAll(/\s/g, "");
  assert.equal(await person.submit({ code: await code(secret, -1) }), 200);
  await signOut(person);
  await begin(person, account, phone);
  await person.form({ code: "" }).waitFor();
  assert.equal(await person.submit({ code: "000000" }), 401);
  // The way to the passkey survives a wrong code.
  await person.page.locator("main details summary").click();
  assert.deepEqual(await person.broken(), []);
  assert.equal(await person.press(passkeyButton(person)), 200);
  await person.page.getByText(account.email).first().waitFor();
});

scene("without scripts, the page says that passkeys need one, and the other ways work", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await authenticator(person, PHONE);
  await person.signIn(account);
  const codes = await add(person, "phone");
  const plain = await arrive({ javaScriptEnabled: false });
  await plain.visit("/account");
  assert.equal(await plain.page.locator("form[data-passkey]:visible").count(), 0);
  assert.equal(await plain.submit({ email: account.email, password: PASSWORD }), 200);
  await plain.sees(/JavaScript/);
  await plain.page.locator("main details summary").click();
  assert.equal(await plain.submit({ recovery_code: codes[0] }), 200);
  await plain.visit("/account/security");
  await plain.sees(/JavaScript/);
  assert.equal(await plain.page.locator("form[data-passkey]:visible").count(), 0);
});

/** Gives the browser of a person an authenticator. */
async function authenticator(person, abilities) {
  const tools = await person.context.newCDPSession(person.page);
  await tools.send("WebAuthn.enable", { enableUI: false });
  const options = { ...abilities, automaticPresenceSimulation: true };
  const { authenticatorId } = await tools.send("WebAuthn.addVirtualAuthenticator", { options });
  return {
    passkeys: async () => (await tools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    // Without it, a request waits. Otherwise, it is answered at once, also one that the browser would only offer.
    present: (enabled) => tools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
    verify: (isUserVerified) => tools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

/** Adds a passkey at the page of the account. Returns the recovery codes that it shows. */
async function add(person, name) {
  await person.visit("/account/security");
  const form = person.page.locator('form[data-passkey="create"]');
  await form.locator('[name="name"]').fill(name);
  assert.equal(await person.press(form.locator("button")), 200);
  return (await person.page.locator("#codes").innerText()).trim().split("\n");
}

async function signOut(person) {
  assert.equal(await person.submit({}, { action: "/account/sign-out" }), 200);
}

/** Enters the password, which leads to the second step. Meanwhile, the authenticator waits. */
async function begin(person, { email }, authenticator) {
  await authenticator.present(false);
  await person.visit("/account");
  assert.equal(await person.submit({ email, password: PASSWORD }), 200);
  await authenticator.present(true);
  await person.page.locator('main form[action="/account/sign-in/factor"]').first().waitFor({ state: "attached" });
}

function passkeyButton(person) {
  return person.page.locator('main form[data-passkey="get"] button');
}

/** The ids of the passkeys that the page lists. */
async function passkeysOf(person) {
  const forms = await person.page.locator('form[action^="/account/security/passkeys/"][action$="/remove"]').all();
  return Promise.all(forms.map(async (form) => ({ id: (await form.getAttribute("action")).split("/").at(-2) })));
}

/** The options for a login by a passkey alone. */
async function options() {
  return call("POST", "/auth/passkeys/login/options");
}

/** In the browser: uses a passkey, whatever page is open. Returns the answer in JSON. */
async function use(person, options, changed = {}) {
  return person.page.evaluate(async (json) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  }, { ...options, ...changed });
}

function clientData(assertion) {
  return JSON.parse(Buffer.from(assertion.response.clientDataJSON, "base64url"));
}

/** The service refuses an answer to the options for a login, and says no more than for any other. */
async function assertRefused(assertion) {
  const { status, body } = await api("POST", "/auth/passkeys/login", { json: { assertion } });
  assert.deepEqual([status, body.code], [401, "invalid_credentials"]);
}
