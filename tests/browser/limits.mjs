// Limits of attempts, in words. This service allows three wrong passwords in ten minutes.

import { PASSWORD, assert, newAccount, scene } from "./stage.mjs";

for (const [locale, wait] of [["en-GB", /minute/i], ["de-DE", /Minute/]]) {
  scene(`who guesses passwords is told to wait: ${locale}`, async (arrive) => {
    const account = await newAccount();
    const person = await arrive({ locale });
    await person.visit("/account");
    const statuses = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      statuses.push(await person.submit({ email: account.email, password: "not the password" }));
    }
    assert.deepEqual(statuses, [401, 401, 401, 429]);
    await person.sees(wait);
    assert.equal(await person.page.locator('[name="email"]').inputValue(), account.email);
    assert.equal(await person.page.locator('[name="password"]').inputValue(), "");
    assert.equal(await person.submit({ email: account.email, password: PASSWORD }), 429, "expected the right password to wait, too");
    assert.deepEqual(await person.broken(), []);
  });
}
