// An administrator's day: accounts, roles and permissions, and what the service refuses.

import {
  OTHER_PASSWORD, address, api, assert, call, link, login, newAccount, newAdministrator, root, scene,
} from "./stage.mjs";

scene("the overview shows figures and a chart", async (arrive) => {
  const person = await arrive();
  await person.signIn(await newAdministrator());
  assert.equal(await person.press(person.page.locator('a[href="/console"]').first()), 200);
  const { accounts } = await call("GET", "/users/statistics", { token: await login(root) });
  assert.match(await person.page.locator("main").innerText(), new RegExp(`\\b${accounts}\\b`));
  await person.page.locator("main svg").first().waitFor();
});

scene("accounts are found while the reader types", async (arrive) => {
  const account = await newAccount("marie.curie", { full_name: "Marie Curie" });
  await newAccount("pierre.curie", { full_name: "Pierre Curie" });
  const person = await arrive();
  await person.signIn(await newAdministrator());
  await person.visit("/console/accounts");
  const search = person.page.locator('main [name="search"]');
  await search.pressSequentially(account.email);
  await person.page.waitForURL(/search=marie/);
  const rows = person.page.locator('#results a[href^="/console/accounts/"]');
  await person.page.locator(`#results a[href="/console/accounts/${account.id}"]`).waitFor();
  assert.equal(await rows.count(), 1);
  assert.equal(await search.inputValue(), account.email, "expected the text to stay");
  assert.ok(await search.evaluate((it) => it === document.activeElement), "expected the focus to stay");
  assert.deepEqual(await person.broken(), []);

  // The address shows the same list to everybody who opens it, and the back button leads to the list before the search.
  await person.page.reload();
  assert.equal(await rows.count(), 1);
  await search.fill("nobody at all");
  await person.page.locator("#results .empty").waitFor();
  assert.deepEqual(await person.broken(), []);
});

scene("lists go on, page by page, and end", async (arrive) => {
  const name = `page${process.pid}`;
  for (let made = 0; made < 27; made += 1) await newAccount(name);
  const person = await arrive();
  await person.signIn(await newAdministrator());
  await person.visit(`/console/accounts?search=${name}`);
  const seen = new Set();
  for (let pages = 0; pages < 3; pages += 1) {
    for (const row of await person.page.locator('#results a[href^="/console/accounts/"]').all()) {
      seen.add(await row.getAttribute("href"));
    }
    const next = person.page.locator('a[rel="next"]');
    if ((await next.count()) === 0) break;
    assert.equal(await person.press(next), 200);
  }
  assert.equal(seen.size, 27);
});

scene("a person is invited, and chooses a password by the link", async (arrive) => {
  const email = address("invited");
  const person = await arrive();
  await person.signIn(await newAdministrator());
  await person.visit("/console/accounts/new");
  assert.equal(await person.submit({ email: "nobody@", full_name: "" }, { raw: true }), 422);
  await person.assertInvalid("email");
  assert.equal(await person.submit({ email: root.email, full_name: "" }), 409);
  await person.sees(/address/i);
  assert.equal(await person.submit({ email, full_name: "Emmy Noether" }), 200);
  assert.match(person.path, /^\/console\/accounts\/\d+$/);
  await person.sees("Emmy Noether");

  const guest = await arrive();
  await guest.visit(await link(email, "/reset-password"));
  assert.equal(await guest.submit({ new_password: OTHER_PASSWORD }), 200);
  await guest.signIn({ email, password: OTHER_PASSWORD });
});

scene("a program gets an account and a key, which is shown once", async (arrive) => {
  const person = await arrive();
  await person.signIn(await newAdministrator());
  await person.visit("/console/accounts/new?kind=service");
  assert.equal(await person.submit({ full_name: "Nightly report" }), 200);
  const account = person.path;
  assert.ok([200, 201].includes(await person.submit({ name: "Report" })));
  const key = /uk_[\w-]{43}/.exec(await person.page.locator("main").innerText())?.[0];
  assert.ok(key, "expected the key to be shown");
  assert.equal((await api("GET", "/auth/me", { token: key })).body.kind, "service");
  await person.visit(account);
  await person.sees("Report");
  assert.ok(!(await person.page.content()).includes(key), "expected the key to be shown once");
});

scene("one account is deactivated, activated, made administrator, changed and deleted", async (arrive) => {
  const account = await newAccount("subject");
  const token = () => login(root);
  const person = await arrive();
  await person.signIn(await newAdministrator());
  const user = async () => (await call("GET", `/users/${account.id}`, { token: await token() }));

  await act(person, account, "deactivate");
  assert.equal((await user()).is_active, false);
  await act(person, account, "activate");
  assert.equal((await user()).is_active, true);
  await act(person, account, "make-admin");
  assert.equal((await user()).is_admin, true);
  await act(person, account, "remove-admin");
  assert.equal((await user()).is_admin, false);
  await act(person, account, "password-reset");
  await link(account.email, "/reset-password");
  const session = await login(account);
  await act(person, account, "sessions");
  assert.equal((await api("GET", "/auth/me", { token: session })).status, 401);

  await person.visit(`/console/accounts/${account.id}`);
  assert.equal(await person.submit({ email: root.email, full_name: "Sofia" }), 409);
  await person.sees(/address/i);
  assert.equal(await person.submit({ email: account.email, full_name: "Sofia Kowalewskaja" }), 200);
  assert.equal((await user()).full_name, "Sofia Kowalewskaja");

  await act(person, account, "delete");
  assert.equal((await api("GET", `/users/${account.id}`, { token: await token() })).status, 404);
  await person.visit(`/console/accounts/${account.id}`, 404);
});

scene("what nobody may do to the own account is refused in words", async (arrive) => {
  const administrator = await newAdministrator();
  const person = await arrive();
  await person.signIn(administrator);
  for (const action of ["deactivate", "remove-admin", "delete"]) {
    // The page of the account does not offer it. People who know the address are told why.
    await person.visit(`/console/accounts/${administrator.id}`);
    assert.equal(await person.page.locator(`a[href$="/${action}"]`).count(), 0, action);
    await person.visit(`/console/accounts/${administrator.id}/${action}`);
    const form = person.page.locator('main form[method="post"]');
    assert.equal(await person.press(form.locator("button").first()), 409, action);
    await person.sees(/own account/i);
    assert.deepEqual(await person.broken(), []);
  }
  const user = await call("GET", `/users/${administrator.id}`, { token: await login(root) });
  assert.deepEqual([user.is_active, user.is_admin], [true, true]);
});

scene("several accounts are changed at once, after a page that says what will happen", async (arrive) => {
  const accounts = [await newAccount("bulk"), await newAccount("bulk")];
  const person = await arrive();
  await person.signIn(await newAdministrator());
  await person.visit(`/console/accounts?search=bulk.${process.pid}`);
  assert.equal(await person.submit({ action: "deactivate" }), 422, "expected to be asked for accounts");
  await person.visit(`/console/accounts?search=bulk.${process.pid}`);
  await person.page.locator('[data-all="user_ids"]').check();
  for (const { id } of accounts) {
    assert.ok(await person.page.locator(`[name="user_ids"][value="${id}"]`).isChecked(), "expected one box to tick all");
  }
  assert.equal(await person.submit({ action: "deactivate" }), 200);
  for (const { email } of accounts) await person.sees(email);
  assert.equal((await call("GET", `/users/${accounts[0].id}`, { token: await login(root) })).is_active, true);
  assert.deepEqual(await person.broken(), []);
  assert.equal(await person.press(person.page.locator('main form[method="post"] button').first()), 200);
  for (const { id } of accounts) {
    assert.equal((await call("GET", `/users/${id}`, { token: await login(root) })).is_active, false);
  }
  assert.deepEqual(await person.broken(), []);
});

scene("a role is made, gets permissions in the matrix, is given, and ends", async (arrive) => {
  const account = await newAccount("writer");
  const [role, permission] = [`Writers ${process.pid}`, `essays:write ${process.pid}`];
  const person = await arrive();
  await person.signIn(await newAdministrator());

  await person.visit("/console/permissions");
  assert.equal(await person.submit({ name: "", resource: "Not a name", action: "write" }, { raw: true }), 422);
  assert.equal(await person.submit({ name: permission, resource: "essays", action: "write" }), 200);

  await person.visit("/console/roles");
  assert.equal(await person.submit({ name: role, description: "Write essays" }), 200);
  await person.visit("/console/roles");
  assert.equal(await person.submit({ name: role.toUpperCase(), description: "" }), 409, "expected the name to be taken");
  await person.sees(/name/i);

  const token = await login(root);
  const roles = await call("GET", `/rbac/roles?limit=1000`, { token });
  const permissions = await call("GET", `/rbac/permissions?limit=1000`, { token });
  const { id } = roles.find(({ name }) => name === role);
  const cell = `${id}-${permissions.find(({ name }) => name === permission).id}`;
  await person.visit("/console/permissions");
  await person.page.locator(`[name="grants"][value="${cell}"]`).check();
  const matrix = person.page.locator('main form:has([name="grants"])').first();
  assert.equal(await person.press(matrix.locator("button:not([type=reset])").first()), 200);
  assert.deepEqual((await call("GET", `/rbac/roles/${id}`, { token })).permissions.map(({ name }) => name), [permission]);

  const allowed = async () => (await call("POST", "/rbac/check-permission", {
    token: await login(root), json: { resource: "essays", action: "write", user_id: account.id },
  })).allowed;
  assert.equal(await allowed(), false);
  await person.visit(`/console/accounts/${account.id}`);
  const giving = person.page.locator('main form:has(select option)').filter({ has: person.page.locator(`option[value="${id}"]`) });
  await giving.first().locator("select").selectOption(String(id));
  assert.equal(await person.press(giving.first().locator("button").first()), 200);
  assert.equal(await allowed(), true);

  await person.visit(`/console/roles/${id}`);
  await person.page.locator(`a[href="/console/accounts/${account.id}"]`).first().waitFor();
});

scene("who may only read accounts reads them, and is refused the rest", async (arrive) => {
  const reader = await newAccount("reader");
  const subject = await newAccount("subject");
  await grant(reader, "accounts", "read");
  const person = await arrive();
  await person.signIn(reader);
  await person.visit("/console/accounts");
  await person.visit(`/console/accounts/${subject.id}`);
  await person.sees(subject.email);
  assert.equal(await person.page.locator('main form[method="post"]').count(), 0, "expected nothing to change");
  const refused = ["/console/accounts/new", `/console/accounts/${subject.id}/deactivate`, "/console/roles", "/console/permissions"];
  for (const path of refused) {
    await person.visit(path, 403);
    assert.equal(await person.page.locator('main form[method="post"]').count(), 0, path);
    assert.equal(await person.page.locator(`nav a[href="${path}"]`).count(), 0, `${path}: expected no link to what is refused`);
  }
  // The API refuses the form of people who send it anyhow.
  const csrf_token = await person.page.locator('[name="csrf_token"]').first().inputValue();
  const form = { csrf_token };
  const answer = await person.context.request.post(`/console/accounts/${subject.id}/deactivate`, { form });
  assert.equal(answer.status(), 403);
  const user = await call("GET", `/users/${subject.id}`, { token: await login(root) });
  assert.equal(user.is_active, true);
});

/** Does something to an account: by its link on the page of the account, and the button of the page that says what will happen. */
async function act(person, account, action) {
  const path = `/console/accounts/${account.id}`;
  await person.visit(path);
  assert.equal(await person.press(person.page.locator(`a[href="${path}/${action}"]`).first()), 200, action);
  assert.deepEqual(await person.broken(), [], action);
  assert.equal(await person.press(person.page.locator('main form[method="post"] button').first()), 200, action);
}

/** Gives an account one permission, by a role of its own. */
async function grant(account, resource, action) {
  const token = await login(root);
  const known = await call("GET", "/rbac/permissions?limit=1000", { token });
  const found = known.find((it) => it.resource === resource && it.action === action);
  const json = { name: `${resource}:${action}`, resource, action };
  const permission = found ?? (await call("POST", "/rbac/permissions", { token, json }));
  const role = await call("POST", "/rbac/roles", {
    token, json: { name: `${resource} ${action} ${account.id}`, permission_ids: [permission.id] },
  });
  await call("POST", `/rbac/users/${account.id}/roles`, { token, json: { role_ids: [role.id] } });
}
