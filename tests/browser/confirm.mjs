// A service in which every login seems to be eleven minutes old.

import { PASSWORD, assert, newAccount, scene } from "./stage.mjs";

scene("who signed in a while ago confirms it, comes back, and presses the button again", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/export");
  const save = () => person.page.locator("main form button").first();
  assert.equal(await person.press(save()), 200);
  assert.equal(person.path, "/account/confirm");
  await person.picture("account-confirm");
  assert.deepEqual(await person.broken(), []);
  assert.equal(await person.submit({ password: "not the password" }), 403);
  await person.assertInvalid("password");
  assert.equal(await person.page.locator('[name="password"]').inputValue(), "", "expected no password in the page");
  assert.equal(await person.submit({ password: PASSWORD }), 200);
  assert.equal(person.path, "/account/export");
  await person.sees(/press the button again/i);
  assert.deepEqual(await person.broken(), []);
  const waiting = person.page.waitForEvent("download");
  await save().click();
  assert.match((await waiting).suggestedFilename(), /\.json$/);
});

scene("who does not want to confirm goes back, and nothing has happened", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.signIn(account);
  await person.visit("/account/api-keys");
  assert.equal(await person.submit({ name: "Nightly report" }), 200);
  assert.equal(person.path, "/account/confirm");
  assert.equal(await person.press(person.page.locator('main a[href="/account/api-keys"]')), 200);
  assert.equal(await person.page.locator('form[action*="/api-keys/"]').count(), 0);
});
