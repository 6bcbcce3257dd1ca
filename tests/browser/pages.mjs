// Every page, found by its link. A scene that looks at every page thereby looks at new ones, too.

import { assert } from "./stage.mjs";

/** The pages for people who are not signed in. Links in e-mails lead to the last two. */
export const FOR_GUESTS = [
  "/",
  "/account",
  "/account/register",
  "/account/forgot-password",
  "/account/reset-password",
  "/account/verify-email",
];

/** The pages that everybody who is signed in finds by links from `/account`. */
export const FOR_PEOPLE = [
  "/account",
  "/account/profile",
  "/account/preferences",
  "/account/security",
  "/account/sessions",
  "/account/api-keys",
  "/account/export",
  "/account/delete",
];

/** The pages that an administrator finds by links from `/account`, where `{id}` is a number. */
export const FOR_ADMINISTRATORS = [
  "/console",
  "/console/accounts",
  "/console/accounts/new",
  "/console/accounts/{id}",
  "/console/roles",
  "/console/permissions",
  "/console/check",
  "/console/api",
];

/** The largest number of pages with different addresses. More of them mean that an address does not stand for a page. */
const MOST = 60;

/** The address of a page without what differs between objects of a kind. */
function pattern(path) {
  return path.replace(/\/$/, "").replace(/\/\d+(?=\/|$)/g, "/{id}");
}

/**
 * Follows the links of a person who is signed in, from `/account` on. Calls `look` with the address of each page when the browser shows
 * it. Of pages that differ in an id or in the query only the first is shown. Returns the patterns of all addresses.
 */
export async function everyPage(person, look) {
  const waiting = ["/account"];
  const seen = new Set(waiting);
  while (waiting.length > 0) {
    const path = waiting.shift();
    await person.visit(path);
    for (const link of await links(person.page)) {
      if (seen.has(pattern(link))) continue;
      seen.add(pattern(link));
      waiting.push(link);
    }
    await look(path);
    assert.ok(seen.size <= MOST, `expected at most ${MOST} kinds of pages: ${[...seen].join(" ")}`);
  }
  return [...seen];
}

/** The paths of the links to pages of the console, without queries. */
async function links(page) {
  const paths = await page.locator("a[href]").evaluateAll((links) => {
    const ours = links.filter((link) => link.origin === location.origin && !link.hasAttribute("download"));
    return ours.map((link) => link.pathname);
  });
  return paths.filter((path) => /^\/(account|console)(\/|$)/.test(path) && !/\.\w+$/.test(path));
}

/** Asserts that pages were found. */
export function assertFound(found, expected) {
  const missing = expected.filter((path) => !found.includes(path));
  assert.deepEqual(missing, [], `expected links to these pages; there are links to ${found.join(" ")}`);
}

/** The name of a page's picture. */
export function nameOf(path) {
  return pattern(path).replace(/[/{}]+/g, "-").replace(/^-|-$/g, "") || "start";
}
