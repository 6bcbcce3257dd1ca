// A service that asks for a verified address before a login.

import { PASSWORD, assert, link, newAccount, scene } from "./stage.mjs";

scene("who has not verified the address is told to look for the e-mail, and gets in after it", async (arrive) => {
  const account = await newAccount();
  // The refusal sends another link, which replaces this one.
  await link(account.email, "/verify-email");
  const person = await arrive();
  await person.visit("/account");
  assert.equal(await person.submit({ email: account.email, password: PASSWORD }), 403);
  await person.sees(/e-?mail/i);
  assert.deepEqual(await person.broken(), []);
  await person.visit(await link(account.email, "/verify-email"));
  assert.equal(await person.submit({}), 200);
  await person.signIn(account);
});

scene("a wrong password says nothing about the address", async (arrive) => {
  const account = await newAccount();
  const person = await arrive();
  await person.visit("/account");
  assert.equal(await person.submit({ email: account.email, password: "not the password" }), 401);
});
