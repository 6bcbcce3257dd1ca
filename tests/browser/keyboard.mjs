// People who use no mouse reach everything, see where they are, and get out again.

import { FOR_ADMINISTRATORS, FOR_GUESTS, FOR_PEOPLE, assertFound, everyPage } from "./pages.mjs";
import { MOST_TABS, assert, call, login, newAccount, newAdministrator, scene } from "./stage.mjs";

scene("the keyboard reaches every element of every page, and the focus shows", async (arrive) => {
  const guest = await arrive();
  for (const path of FOR_GUESTS) {
    await guest.visit(path);
    await assertReachable(guest.page);
  }
  const person = await arrive();
  await person.signIn(await newAdministrator());
  const found = await everyPage(person, () => assertReachable(person.page));
  assertFound(found, [...FOR_PEOPLE, ...FOR_ADMINISTRATORS]);
});

scene("the first key of a page skips the navigation", async (arrive) => {
  const person = await arrive();
  await person.signIn(await newAccount());
  await person.visit("/account/profile");
  await person.page.keyboard.press("Tab");
  await person.page.keyboard.press("Enter");
  const isInside = () => document.activeElement.closest("main") !== null || location.hash === `#${document.querySelector("main").id}`;
  await person.page.waitForFunction(isInside);
});

scene("someone signs in, changes the name, ends another session and signs out by keyboard only", async (arrive) => {
  const account = await newAccount();
  await login(account);
  const person = await arrive();
  await person.visit("/account");
  await type(person, "email", account.email);
  await type(person, "password", account.password);
  assert.equal(await person.key("Enter"), 200);

  await person.tabTo('a[href="/account/profile"]');
  assert.equal(await person.key("Enter"), 200);
  await type(person, "full_name", "Ada Lovelace");
  assert.equal(await person.key("Enter"), 200);
  assert.equal((await call("GET", "/auth/me", { token: await login(account) })).full_name, "Ada Lovelace");

  await person.tabTo('a[href="/account/sessions"]');
  assert.equal(await person.key("Enter"), 200);
  const others = person.page.locator('form[action^="/account/sessions/"][action$="/end"] button');
  const before = await others.count();
  await person.tabTo('form[action^="/account/sessions/"][action$="/end"] button');
  assert.equal(await person.key("Enter"), 200);
  assert.equal(await others.count(), before - 1);

  await person.tabTo('form[action="/account/sign-out"] button');
  assert.equal(await person.key("Space"), 200);
  await person.form({ email: "", password: "" }).waitFor();
});

scene("after a refusal the keyboard leads to the field that is wrong", async (arrive) => {
  const person = await arrive();
  await person.signIn(await newAccount());
  await person.visit("/account/profile");
  // The browser finds nothing wrong with it.
  await type(person, "phone_number", "call me");
  assert.equal(await person.key("Enter"), 422);
  await person.assertInvalid("phone_number");
  await person.tabTo('main [name="phone_number"]');
});

/** Tabs to a field and types a text in place of what it has. */
async function type(person, name, text) {
  await person.tabTo(`main [name="${name}"]`);
  await person.page.keyboard.press("Control+A");
  await person.page.keyboard.type(text);
}

/** Tabs through the page once, and compares what was reached with what can be used. */
async function assertReachable(page) {
  const usable = await page.evaluate(mark);
  const reached = new Set();
  for (let presses = 0; presses < MOST_TABS; presses += 1) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(where);
    // A date has stops for the day, the month, the year and the calendar, whose focus the browser shows itself.
    const isSame = here !== null && [...reached].at(-1) === here.at;
    if (here === null || (reached.has(here.at) && !isSame)) break;
    assert.ok(here.isVisible || isSame, `${page.url()}: the focus does not show on ${here.html}`);
    assert.ok(here.isInside, `${page.url()}: the focus is out of sight on ${here.html}`);
    reached.add(here.at);
  }
  const missed = usable.filter(({ at }) => !reached.has(at));
  assert.deepEqual(missed, [], `${page.url()}: cannot be reached by keyboard`);
}

/** In the page: numbers the elements that can be used. Of the choices of a group, the keyboard reaches one. */
function mark() {
  const groups = new Set();
  const isUsable = (element) => {
    if (element.disabled || element.type === "hidden" || element.getClientRects().length === 0) return false;
    if (element.type !== "radio") return true;
    const isFirst = !groups.has(element.name);
    groups.add(element.name);
    return isFirst;
  };
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter(isUsable);
  all.forEach((element, at) => { element.dataset.at = element.type === "radio" ? element.name : at; });
  return all.map((element) => ({ at: element.dataset.at, html: element.outerHTML.slice(0, 200) }));
}

/** In the page: the element that has the focus. */
function where() {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  const style = getComputedStyle(element);
  const around = getComputedStyle(element.parentElement);
  const shows = (it) => (it.outlineStyle !== "none" && it.outlineWidth !== "0px") || it.boxShadow !== "none";
  const { top, bottom, left, right } = element.getBoundingClientRect();
  return {
    at: element.type === "radio" ? element.name : element.dataset.at ?? element.outerHTML,
    html: element.outerHTML.slice(0, 200),
    isVisible: shows(style) || shows(around),
    isInside: bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
  };
}
