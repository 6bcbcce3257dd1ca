// axe-core finds nothing on any page, in both themes and languages, and no page is wider than a small screen. Pictures of each page in
// both themes, at 360 and at 1280 pixels, stay in target/screenshots.

import { FOR_ADMINISTRATORS, FOR_GUESTS, FOR_PEOPLE, assertFound, everyPage, nameOf } from "./pages.mjs";
import { api, assert, call, login, newAccount, newAdministrator, scene } from "./stage.mjs";

const NARROW = { width: 360, height: 740 };
const WIDE = { width: 1280, height: 900 };
/** WCAG 2.2, success criterion 1.4.10: nothing is lost at this width, in pixels. */
const NARROWEST = 320;

for (const [locale, language] of [["en-GB", "en"], ["de-DE", "de"]]) {
  for (const theme of ["light", "dark"]) {
    scene(`guests find accessible pages: ${language}, ${theme}`, async (arrive) => {
      const guest = await arrive({ locale, colorScheme: theme });
      const faults = [];
      for (const path of FOR_GUESTS) {
        await guest.visit(path);
        faults.push(...(await look(guest, `guest-${nameOf(path)}`, { language, theme })));
      }
      assert.deepEqual(faults, []);
    });

    scene(`whoever is signed in finds accessible pages: ${language}, ${theme}`, async (arrive) => {
      const administrator = await newAdministrator();
      await furnish(administrator);
      // The browser prefers the other theme, so the preference is what counts.
      const colorScheme = theme === "light" ? "dark" : "light";
      const person = await arrive({ locale, colorScheme });
      await person.signIn(administrator);
      await call("PUT", "/profile/preferences", { token: await login(administrator), json: { theme } });
      const faults = [];
      const found = await everyPage(person, async (path) => {
        faults.push(...(await look(person, nameOf(path), { language, theme })));
      });
      assertFound(found, [...FOR_PEOPLE, ...FOR_ADMINISTRATORS]);
      assert.deepEqual(faults, []);
    });
  }
}

/** The faults of a page. Keeps pictures of it in English. */
async function look(person, name, { language, theme }) {
  const faults = [];
  const { page } = person;
  const found = await page.locator("html").getAttribute("lang");
  if (found !== language) faults.push(`${name}: expected the language ${language}, not ${found}`);
  if ((await page.title()).trim() === "") faults.push(`${name}: expected a title`);
  for (const [size, viewport] of [["wide", WIDE], ["narrow", NARROW]]) {
    await page.setViewportSize(viewport);
    const broken = await person.broken();
    faults.push(...broken.map((it) => `${name}, ${size}: ${it}`));
    if (found === "en") await person.picture(`${name}.${viewport.width}.${theme}`);
  }
  await page.setViewportSize({ ...NARROW, width: NARROWEST });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > NARROWEST) faults.push(`${name}: ${width} pixels wide on a screen of ${NARROWEST}`);
  await page.setViewportSize(WIDE);
  return faults;
}

/** Fills lists and fields, so that pages show what they can. */
async function furnish(administrator) {
  const token = await login(administrator);
  await call("PUT", "/profile/", {
    token,
    json: {
      full_name: "Grace Hopper",
      bio: "Compilers.\nAnd nanoseconds.",
      location: "Arlington",
      website: "https://example.com/grace",
      phone_number: "+49 30 1234567",
      birth_date: "1906-12-09",
    },
  });
  await call("POST", "/auth/api-keys", { token, json: { name: "Backup", permissions: ["accounts:read"] } });
  await newAccount("lise", { full_name: "Lise Meitner" });
  const permission = { name: "articles:write", description: "Writes articles", resource: "articles", action: "write" };
  const role = { name: "Editors", description: "Write and correct articles" };
  // Another scene may have made them.
  for (const [path, json] of [["/rbac/permissions", permission], ["/rbac/roles", role]]) {
    const { status, body } = await api("POST", path, { token, json });
    assert.ok(status === 201 || body.code === "name_taken", `${path}: ${status}`);
  }
}
