// A service that takes no registrations.

import { PASSWORD, assert, root, scene } from "./stage.mjs";

scene("who wants to register is told that registration is closed", async (arrive) => {
  const person = await arrive();
  await person.visit("/account");
  assert.equal(await person.page.locator('a[href="/account/register"]').count(), 0, "expected no link to what is closed");
  await person.visit("/account/register");
  assert.equal(await person.page.locator("main form").count(), 0);
  await person.sees(/no registration/i);
  assert.deepEqual(await person.broken(), []);
});

scene("administrators still sign in", async (arrive) => {
  const person = await arrive();
  await person.signIn(root);
  await person.visit("/console");
});

scene("the last administrator stays, and is told why", async (arrive) => {
  const person = await arrive();
  await person.signIn(root);
  await person.visit("/account/delete");
  assert.equal(await person.submit({ password: PASSWORD, confirmation: true }), 409);
  await person.sees(/administrator/i);
  await person.visit("/account");
  await person.page.getByText(root.email).first().waitFor();
});
