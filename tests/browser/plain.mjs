// The pages do their work when the browser runs no script. `story.mjs` tells the story without scripts, too.

import { FOR_ADMINISTRATORS, FOR_GUESTS, FOR_PEOPLE, assertFound, everyPage } from "./pages.mjs";
import { assert, call, login, newAccount, newAdministrator, scene } from "./stage.mjs";

const PLAIN = { javaScriptEnabled: false };

scene("every page is complete without scripts", async (arrive) => {
  const guest = await arrive(PLAIN);
  for (const path of FOR_GUESTS) {
    await guest.visit(path);
    await guest.page.locator("h1:visible").first().waitFor();
  }
  const person = await arrive(PLAIN);
  await person.signIn(await newAdministrator());
  const found = await everyPage(person, async () => {
    await person.page.locator("h1:visible").first().waitFor();
    const buttons = await person.page.locator("button[type=button]:visible").count();
    assert.equal(buttons, 0, `${person.path} shows a button that only a script can serve`);
  });
  assertFound(found, [...FOR_PEOPLE, ...FOR_ADMINISTRATORS]);
});

scene("profile and preferences are saved without scripts", async (arrive) => {
  const account = await newAccount();
  const person = await arrive(PLAIN);
  await person.signIn(account);
  await person.visit("/account/profile");
  assert.equal(await person.submit({ full_name: "Ada Lovelace", location: "London" }), 200);
  await person.visit("/account/preferences");
  assert.equal(await person.submit({ theme: "dark" }), 200);
  assert.equal(await person.page.locator("html").getAttribute("data-theme"), "dark");
  const profile = await call("GET", "/profile/", { token: await login(account) });
  assert.deepEqual([profile.full_name, profile.location, profile.preferences.theme], ["Ada Lovelace", "London", "dark"]);
});

scene("accounts are found and deactivated without scripts", async (arrive) => {
  const administrator = await newAdministrator();
  const account = await newAccount("lise.meitner");
  await newAccount("otto.hahn");
  const person = await arrive(PLAIN);
  await person.signIn(administrator);
  await person.visit("/console/accounts");
  assert.equal(await person.submit({ search: account.email }), 200);
  await person.sees(account.email);
  assert.equal(await person.page.getByText("otto.hahn").count(), 0);
  await person.press(person.page.locator(`a[href="/console/accounts/${account.id}"]`).first());
  await person.sees(account.email);

  await person.visit(`/console/accounts?search=${account.email}`);
  await person.page.locator(`[name="user_ids"][value="${account.id}"]`).check();
  assert.equal(await person.submit({ action: "deactivate" }), 200);
  assert.equal(await person.press(person.page.locator('main form[method="post"] button').first()), 200);
  const user = await call("GET", `/users/${account.id}`, { token: await login(administrator) });
  assert.equal(user.is_active, false);
});
