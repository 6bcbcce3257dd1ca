// Text that would be markup or a script elsewhere stays text on every page that shows it. Scenes fail anyhow when a page opens a dialog,
// asks another server for something, or tries to run what its policy forbids.

import { everyPage } from "./pages.mjs";
import { assert, call, login, newAccount, newAdministrator, scene } from "./stage.mjs";

/** Breaks out of text, attributes, scripts, comments and styles. */
const MARKUP = `"'><img src=x onerror=alert(1)></textarea></title></script><script>alert(2)</script><!--`;
/** The part of it that fits where only fifty characters are allowed. */
const SHORT = `"'><img src=x onerror=alert(3)>`;
/** Reverses the order of what follows, and hides it. */
const DIRECTION = "\u202Egnp.exe\u2066";

scene("hostile text of profiles, roles, permissions, keys and devices stays text", async (arrive) => {
  const administrator = await newAdministrator();
  const victim = await newAccount("victim", { full_name: `${MARKUP}${DIRECTION}` });
  await fillEverything(administrator);
  await fillEverything(victim);

  const person = await arrive({ userAgent: MARKUP });
  await person.signIn(administrator);
  let shown = 0;
  const pages = await everyPage(person, async (path) => {
    assert.deepEqual(await planted(person.page), [], path);
    if ((await person.page.locator("body").innerText()).includes("onerror=alert")) shown += 1;
  });
  assert.ok(shown >= 6, `expected the text on many of ${pages.length} pages, and saw it on ${shown}`);
  // Of each kind, the pages show the first object only.
  for (const path of [`/console/accounts/${victim.id}`, `/console/accounts?search=${encodeURIComponent(MARKUP.slice(0, 30))}`]) {
    await person.visit(path);
    await person.page.getByText("onerror=alert(1)").first().waitFor();
    assert.deepEqual(await planted(person.page), [], path);
  }
});

scene("hostile text that a form refuses is shown again as text", async (arrive) => {
  const guest = await arrive();
  await guest.visit("/account");
  assert.notEqual(await guest.submit({ email: `a${SHORT}@example.com`, password: MARKUP }, { raw: true }), 200);
  assert.deepEqual(await planted(guest.page), []);
  assert.ok(!(await guest.page.content()).includes("alert(2)"), "expected no password in a page");

  const person = await arrive();
  await person.signIn(await newAdministrator());
  await person.visit("/account/profile");
  const fields = { full_name: MARKUP, location: MARKUP.repeat(10), bio: MARKUP.repeat(30), phone_number: MARKUP };
  assert.equal(await person.submit(fields, { raw: true }), 422);
  assert.equal(await person.page.locator('[name="location"]').inputValue(), fields.location);
  assert.equal(await person.page.locator('[name="phone_number"]').inputValue(), MARKUP);
  assert.deepEqual(await planted(person.page), []);
});

scene("hostile queries stay text", async (arrive) => {
  const person = await arrive();
  await person.signIn(await newAdministrator());
  const query = encodeURIComponent(MARKUP);
  const names = ["search", "after", "done", "next", "is_active", "kind", "cursor", "resource", "action"];
  for (const path of ["/account", "/account/profile", "/console/accounts", "/console/roles", "/console/check"]) {
    const response = await person.page.goto(`${path}?${names.map((name) => `${name}=${query}`).join("&")}`);
    assert.ok(response.status() < 500, path);
    assert.deepEqual(await planted(person.page), [], path);
  }
  await person.page.goto(`/console/accounts/${query}`);
  assert.deepEqual(await planted(person.page), []);
});

/** Fills every field that takes free text. */
async function fillEverything(account) {
  const token = await login(account);
  const url = `https://example.com/?q=${MARKUP.replaceAll(" ", "%20")}`;
  const profile = { full_name: `${MARKUP}${DIRECTION}`, bio: MARKUP, location: `${MARKUP}${DIRECTION}`, website: url, avatar_url: url };
  await call("PUT", "/profile/", { token, json: profile });
  await call("PUT", "/profile/preferences", { token, json: { [MARKUP]: MARKUP, timezone: "Europe/Berlin" } });
  await call("POST", "/auth/api-keys", { token, json: { name: SHORT } });
  if (account.email.startsWith("victim")) return;
  const permission = { name: SHORT, description: MARKUP, resource: "articles", action: "write" };
  const { id } = await call("POST", "/rbac/permissions", { token, json: permission });
  const role = { name: SHORT, description: `${MARKUP}${DIRECTION}`, permission_ids: [id] };
  const made = await call("POST", "/rbac/roles", { token, json: role });
  await call("POST", `/rbac/users/${account.id}/roles`, { token, json: { role_ids: [made.id] } });
  await call("POST", "/users/", { token, json: { kind: "service", full_name: MARKUP } });
}

/** Elements and attributes that only hostile text can have made. */
async function planted(page) {
  return page.evaluate(() => {
    const elements = [...document.querySelectorAll("*")];
    const handlers = elements.filter((it) => it.getAttributeNames().some((name) => name.startsWith("on")));
    const scripts = elements.filter((it) => it.tagName === "SCRIPT" && (!it.src || new URL(it.src).origin !== location.origin));
    const places = elements.filter((it) => it.tagName !== "LINK");
    const links = places.filter((it) => /^\s*(javascript|data|vbscript):/i.test(it.getAttribute("href") ?? it.getAttribute("action") ?? ""));
    const pictures = [...document.querySelectorAll('img[src="x"]')];
    return [...handlers, ...scripts, ...links, ...pictures].map((it) => it.outerHTML.slice(0, 200));
  });
}
