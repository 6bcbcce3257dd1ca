// The story of a person who was never told how: every step is a link, a field or a button that the page before shows.

import { OTHER_PASSWORD, PASSWORD, address, api, assert, link, scene } from "./stage.mjs";

for (const [locale, javaScriptEnabled] of [["en-GB", true], ["de-DE", true], ["en-GB", false]]) {
  const how = javaScriptEnabled ? "with scripts" : "without scripts";
  scene(`someone signs up, forgets the password, comes back, ends another session and leaves: ${locale}, ${how}`, async (arrive) => {
    const options = { locale, javaScriptEnabled };
    const person = await arrive(options);
    const email = address("ada");

    // Signs up.
    await person.visit("/");
    await follow(person, "/account");
    await follow(person, "/account/register");
    assert.equal(await person.submit({ email, password: PASSWORD, full_name: "Ada Lovelace" }), 200);
    await use(person, await link(email, "/verify-email"), { javaScriptEnabled });
    assert.equal(await isVerified({ email, password: PASSWORD }), true);

    // Signs in, looks around, and goes.
    await signIn(person, { email, password: PASSWORD });
    assert.equal(await person.submit({}, { action: "/account/sign-out" }), 200);
    await person.form({ email: "", password: "" }).waitFor();

    // Comes back without the password.
    assert.notEqual(await signInFrom(person, { email, password: "what was it again" }), 200);
    await follow(person, "/account/forgot-password");
    assert.equal(await person.submit({ email }), 200);
    await use(person, await link(email, "/reset-password"), { javaScriptEnabled, new_password: OTHER_PASSWORD });
    await signIn(person, { email, password: OTHER_PASSWORD });

    // Has signed in elsewhere, and ends that.
    const elsewhere = await arrive(options);
    await elsewhere.visit("/account");
    await signIn(elsewhere, { email, password: OTHER_PASSWORD });
    await follow(person, "/account/sessions");
    assert.equal(await person.press(others(person).first()), 200);
    assert.equal(await others(person).count(), 0, "expected the other session to be gone");
    await elsewhere.visit("/account");
    await elsewhere.form({ email: "", password: "" }).waitFor();

    // Leaves for good.
    await follow(person, "/account/delete");
    assert.equal(await person.submit({ password: OTHER_PASSWORD, confirmation: true }), 200);
    await person.visit("/account");
    const status = await signInFrom(person, { email, password: OTHER_PASSWORD });
    assert.equal(status, 401, "expected the account to be gone");
  });
}

/** Follows a link of the page. */
async function follow(person, href) {
  assert.equal(await person.press(person.page.locator(`a[href="${href}"]:visible`).first()), 200, href);
}

/** Opens the link of an e-mail and does what the page asks for. */
async function use(person, url, { javaScriptEnabled, ...fields }) {
  await person.visit(url);
  // Without scripts, a person pastes the link.
  if (!javaScriptEnabled) fields.token = url;
  assert.equal(await person.submit(fields), 200);
}

/** Signs in where the page is, or where its link to the form leads. */
async function signIn(person, { email, password }) {
  if (!(await person.form({ email, password }).isVisible())) await person.visit("/account");
  assert.equal(await signInFrom(person, { email, password }), 200);
  await person.page.getByText(email).first().waitFor();
}

async function signInFrom(person, { email, password }) {
  return person.submit({ email, password });
}

/** The buttons that end one session of another browser. */
function others(person) {
  return person.page.locator('form[action^="/account/sessions/"][action$="/end"] button');
}

async function isVerified({ email, password }) {
  const { body } = await api("POST", "/auth/login", { form: { username: email, password } });
  return (await api("GET", "/auth/me", { token: body.access_token })).body.email_verified;
}
