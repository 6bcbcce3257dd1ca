// Parts that the scripts of this folder share: a browser, accounts, e-mails, and forms as people fill them in.
//
// A scene is a test with a browser of its own. It fails when a page has an error, breaks its own policy (CSP), or asks another server for
// something, whatever else the scene looks at.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { watch } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";

const { BROWSE_MODULES, BROWSE_CHROMIUM, BROWSE_SCREENSHOTS, BROWSE_INBOX, BROWSE_URL } = process.env;

/** The address of the service. */
export const URL_OF_SERVICE = BROWSE_URL;
/** The password of every account that a scene makes. */
export const PASSWORD = process.env.BROWSE_PASSWORD;
/** A password that the rules accept and no account has. */
export const OTHER_PASSWORD = "nine purple elephants dance";

const require = createRequire(join(BROWSE_MODULES, "."));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// Chromium's sandbox works neither as root nor in most containers. These pages are trusted.
const browser = await require("playwright-core").chromium.launch({ executablePath: BROWSE_CHROMIUM, args: ["--no-sandbox"] });
after(() => browser.close());

/** The longest time for one step, in milliseconds. The machine may do much else. */
const PATIENCE = 60_000;

/** The number of presses of Tab that reach every element of the longest page. */
export const MOST_TABS = 400;

/** Makes a test whose pages are closed at its end. `play` gets a function that opens a person's browser: see `Person`. */
export function scene(name, play) {
  test(name, async () => {
    const people = [];
    try {
      await play(async (options) => {
        people.push(await Person.arrive(options));
        return people.at(-1);
      });
      for (const person of people) assert.deepEqual(person.wrong, [], "expected pages without errors");
    } catch (error) {
      await Promise.all(people.map((person, at) => person.remember(`${name} ${at + 1}`)));
      throw error;
    } finally {
      await Promise.all(people.map((person) => person.context.close()));
    }
  });
}

/** A browser without a past: no cookies, no cache. */
class Person {
  constructor(context, page) {
    this.context = context;
    this.page = page;
    /** The errors of all pages. */
    this.wrong = [];
    /** Requests to these origins are no fault. */
    this.origins = [BROWSE_URL];
  }

  /** `options` are those of Playwright's `newContext`, such as `javaScriptEnabled`. */
  static async arrive(options = {}) {
    // Nothing is looked at while it moves.
    const usual = { baseURL: BROWSE_URL, viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" };
    const context = await browser.newContext({ ...usual, ...options });
    context.setDefaultTimeout(PATIENCE);
    const person = new Person(context);
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    context.on("page", (page) => person.#watch(page));
    person.page = await context.newPage();
    return person;
  }

  #watch(page) {
    page.on("console", (message) => {
      // A refusal is no fault of the page.
      const isRefusal = message.text().startsWith("Failed to load resource: the server responded with a status of 4");
      if (["error", "warning", "assert"].includes(message.type()) && !isRefusal) this.wrong.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.wrong.push(`error: ${error.message}`));
    page.on("dialog", async (dialog) => {
      this.wrong.push(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on("request", (request) => {
      const isOurs = request.url().startsWith("data:") || this.origins.includes(new URL(request.url()).origin);
      if (!isOurs) this.wrong.push(`request: ${request.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 500) this.wrong.push(`${response.status()}: ${response.url()}`);
    });
  }

  /** Opens a page, which must answer with this status. */
  async visit(path, status = 200) {
    const response = await this.page.goto(path);
    assert.equal(response.status(), status, path);
    return response;
  }

  /** Signs in with the form at `/account`. */
  async signIn(account) {
    await this.visit("/account");
    assert.equal(await this.submit({ email: account.email, password: account.password }), 200);
    await this.page.getByText(account.email).first().waitFor();
  }

  /** The form with these fields, and the action if there is one. Without an action, it is in the content of the page. */
  form(fields, action) {
    const names = Object.keys(fields).map((name) => `:has([name="${name}"])`);
    return this.page.locator(`${action ? `form[action="${action}"]` : "main form"}${names.join("")}`).first();
  }

  /**
   * Fills in the form that has these fields, and sends it with its button. `action` tells forms with the same fields apart. `raw` sends
   * what the browser itself would refuse. Returns the status of the page that follows.
   */
  async submit(fields, { action, raw = false } = {}) {
    const form = this.form(fields, action);
    if (raw) await form.evaluate(uncheck);
    for (const [name, value] of Object.entries(fields)) await fill(form.locator(`[name="${name}"]`), value);
    return this.press(form.locator("button:not([type=button])").first());
  }

  /**
   * Presses a button or a link that leads to a page, and confirms it where the page asks for that first. Returns the status of the page
   * that follows.
   */
  async press(locator) {
    const isAsked = await locator.evaluate((it) => {
      const question = it.dataset.confirm ?? it.form?.dataset.confirm;
      return question !== undefined && document.documentElement.dataset.ready !== undefined;
    });
    if (!isAsked) return this.#follow(() => locator.click());
    await locator.click();
    const dialog = this.page.locator("dialog[open]");
    await dialog.waitFor();
    return this.#follow(() => dialog.locator("button").first().click());
  }

  /** Presses a key that leads to a page, such as Enter in a form. Returns the status of that page. */
  async key(name) {
    return this.#follow(() => this.page.keyboard.press(name));
  }

  async #follow(act) {
    const isPage = (response) => {
      const isRedirect = response.status() >= 300 && response.status() < 400;
      return response.request().isNavigationRequest() && !isRedirect;
    };
    const [response] = await Promise.all([this.page.waitForResponse(isPage), this.page.waitForEvent("load"), act()]);
    return response.status();
  }

  /** Presses Tab until this element has the focus. */
  async tabTo(selector) {
    for (let presses = 0; presses < MOST_TABS; presses += 1) {
      if (await this.page.evaluate((it) => document.activeElement?.matches(it), selector)) return;
      await this.page.keyboard.press("Tab");
    }
    assert.fail(`${selector} cannot be reached by keyboard on ${this.page.url()}`);
  }

  /** Waits until the page shows this text. */
  async sees(text) {
    await this.page.locator("main").getByText(text).first().waitFor();
  }

  /** Asserts that this field is marked as invalid, and that its description says why. */
  async assertInvalid(name, why = /\S/) {
    const field = this.page.locator(`[name="${name}"][aria-invalid="true"]`).first();
    await field.waitFor();
    const ids = ((await field.getAttribute("aria-describedby")) ?? "").split(" ").filter(Boolean);
    const texts = await Promise.all(ids.map((id) => this.page.locator(`[id="${id}"]`).innerText()));
    assert.match(texts.join("\n"), why, `expected a description of ${name}`);
  }

  /** The path of the page. */
  get path() {
    return new URL(this.page.url()).pathname;
  }

  /** The rules that the page breaks as it is now, with the elements. */
  async broken() {
    // The page's policy has no say in the browser's own evaluation.
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run({ rules: { "target-size": { enabled: true } } }));
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  }

  /** Keeps a picture of the page in `target/screenshots`. */
  async picture(name) {
    await this.page.screenshot({ path: join(BROWSE_SCREENSHOTS, `${name}.png`), fullPage: true });
  }

  /** Keeps and tells what a failed scene showed last. */
  async remember(name) {
    for (const page of this.context.pages()) {
      const file = `failed ${name}`.replace(/[^\p{L}\p{N}]+/gu, "-");
      console.error(`${page.url()} is in target/screenshots/${file}.png; faults: ${JSON.stringify(this.wrong)}`);
      await page.screenshot({ path: join(BROWSE_SCREENSHOTS, `${file}.png`), fullPage: true, timeout: 10_000 }).catch(() => {});
    }
  }
}

/** In the page: keeps the browser from checking a form. */
function uncheck(form) {
  form.noValidate = true;
  for (const field of form.elements) field.removeAttribute("maxlength");
}

/** Fills in a field as a person does: a text, the value of a choice, or whether a box is ticked. */
async function fill(field, value) {
  const kind = await field.first().evaluate((it) => (it.tagName === "SELECT" ? "select" : it.type));
  if (kind === "select") await field.selectOption(value);
  else if (kind === "radio") await field.and(field.page().locator(`[value="${value}"]`)).check();
  else if (kind === "checkbox") await field.setChecked(value);
  else await field.fill(value);
}

/** An address that no other account has. */
let addresses = 0;
export function address(name) {
  addresses += 1;
  return `${name}.${process.pid}.${addresses}@example.com`;
}

/** Sends a request to the API. Returns the status, and the body if there is one. */
export async function api(method, path, { token, json, form } = {}) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  if (json) headers["content-type"] = "application/json";
  const body = json ? JSON.stringify(json) : form && new URLSearchParams(form);
  const answer = await fetch(BROWSE_URL + path, { method, headers, body });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
}

/** The same for a request that must succeed. Returns the body. */
export async function call(method, path, options) {
  const { status, body } = await api(method, path, options);
  assert.ok(status < 300, `${method} ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** Logs in through the API. Returns the access token. */
export async function login({ email, password }) {
  const { access_token: token } = await call("POST", "/auth/login", { form: { username: email, password } });
  return token;
}

/** The time in which an authenticator shows the same code, in milliseconds (RFC 6238). */
const STEP = 30_000;

/** The time that is left of a step at least when a code is made, in milliseconds. */
const MARGIN = 12_000;

/**
 * A code of an authenticator app with this secret in base32: that of now, or of so many steps later. The service takes a code that is a step
 * early or late, and each once, so three codes can be used in a step.
 */
export async function code(secret, steps = 0) {
  const left = STEP - (Date.now() % STEP);
  if (left < MARGIN) await new Promise((resolve) => setTimeout(resolve, left));
  const bits = [...secret.replaceAll(/\s/g, "")].map((it) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(it).toString(2).padStart(5, "0"));
  const key = Buffer.from(bits.join("").match(/.{8}/g).map((octet) => parseInt(octet, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP) + steps));
  const hash = createHmac("sha1", key).update(counter).digest();
  const number = hash.readUInt32BE(hash.at(-1) & 0xf) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** The administrator of the service. */
export const root = { email: process.env.BROWSE_ADMINISTRATOR, password: PASSWORD };

/** Makes an account through the API. */
export async function newAccount(name = "ada", fields = {}) {
  const account = { email: address(name), password: PASSWORD };
  const { id } = await call("POST", "/auth/register", { json: { ...account, ...fields } });
  return { ...account, id };
}

/** Makes an account of an administrator. */
export async function newAdministrator(name = "grace") {
  const account = await newAccount(name);
  await call("PUT", `/users/${account.id}/make-admin`, { token: await login(root) });
  return account;
}

/** The messages that were read. */
const read = new Set();

/** Waits for the next message to an address whose link contains `page`, and returns that link, at the service that this script uses. */
export async function link(to, page) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    // From here on, no message is missed.
    const changes = watch(BROWSE_INBOX, { signal: patience.signal })[Symbol.asyncIterator]();
    for (;;) {
      const change = changes.next();
      // The last one is not waited for.
      change.catch(() => {});
      const found = unread().find((message) => message.to === to && message.link.includes(page));
      if (found) {
        read.add(found.file);
        const { pathname, hash } = new URL(found.link);
        return BROWSE_URL + pathname + hash;
      }
      await change;
    }
  } catch (error) {
    throw error.name === "AbortError" ? new Error(`no message to ${to} with a link to ${page} came`) : error;
  } finally {
    clearTimeout(timer);
    patience.abort();
  }
}

function unread() {
  const files = readdirSync(BROWSE_INBOX).filter((file) => file.endsWith(".eml") && !read.has(file));
  return files.map((file) => ({ file, ...message(readFileSync(join(BROWSE_INBOX, file), "utf8")) }));
}

/** The recipient of a message (RFC 5322), and the link of its part in plain text. */
function message(raw) {
  const to = /^To: .*?([^\s<>]+@[^\s<>]+)/im.exec(raw)?.[1];
  const [, headers, text] = /(Content-Type: text\/plain[^]*?)\r?\n\r?\n([^]*?)(?:\r?\n--|$)/i.exec(raw) ?? ["", "", ""];
  // The header of the encoding may be before that of the type.
  const isQuoted = /quoted-printable/i.test(headers) || /quoted-printable\r?\nContent-Type: text\/plain/i.test(raw);
  const plain = isQuoted ? unquote(text) : text;
  return { to, link: /\S+#token=\S+/.exec(plain)?.[0] ?? "" };
}

/** Decodes quoted-printable (RFC 2045 section 6.7), as far as links need it. */
function unquote(text) {
  return text.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

mkdirSync(BROWSE_SCREENSHOTS, { recursive: true });
export { assert };
