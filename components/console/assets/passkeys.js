// Makes and uses passkeys (WebAuthn level 3), for the pages that have a form with them:
//   form[data-passkey]           asks for a passkey before it is sent: "create" makes one, "get" uses one. A page has one at most. It is hidden at first
//   form[data-origins]           the origins at which the service accepts passkeys, with spaces between them: at others, the form stays away
//   form[data-elsewhere]         the text in its place at other origins, if there is to be one
//   [data-answer]                the field of that form that gets the answer of the browser, in JSON
//   form[data-options]           the options for the browser, in JSON
//   form[data-options-from]      the address that gives the options, if they are not in the page
//   form[data-conditional]       also offers passkeys among the addresses that the browser fills in (conditional mediation)
//   form[data-unsupported], [data-known], [data-failed]   the texts for what can go wrong
"use strict";
{
  /** How long the browser may offer passkeys with the same challenge, in milliseconds. The service forgets it after five minutes. */
  const OFFER = 270_000;

  /** The signs of a person at the page. Programs that fetch pages give none, so they cause no challenge. */
  const SIGNS = ["pointermove", "pointerdown", "keydown"];

  /** A refusal in the words of the service. */
  class Refused extends Error {}

  /** Forms that have their answer. */
  const answered = new WeakSet();

  /** The offer that waits for the person. A browser has one request at a time. */
  let offer = new AbortController();

  /** The octets of a text in base64url (RFC 4648 section 5). */
  function octets(text) {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (it) => it.charCodeAt(0));
  }

  /** Octets as a text in base64url without padding. */
  function written(buffer) {
    const text = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }

  /** The options of WebAuthn section 5.1 in JSON, as the browser takes them. Safari before 18.4 does not read JSON itself. */
  function read(options) {
    const named = (list) => list?.map((it) => ({ ...it, id: octets(it.id) }));
    const { challenge, user, excludeCredentials, allowCredentials } = options;
    return {
      ...options,
      challenge: octets(challenge),
      user: user && { ...user, id: octets(user.id) },
      excludeCredentials: named(excludeCredentials),
      allowCredentials: named(allowCredentials),
    };
  }

  /** The answer of the browser in JSON (`RegistrationResponseJSON` and `AuthenticationResponseJSON`). */
  function answer(credential) {
    const { id, rawId, type, authenticatorAttachment, response: given } = credential;
    const response = { clientDataJSON: written(given.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (given[name]) response[name] = written(given[name]);
    }
    if (given.getTransports) response.transports = given.getTransports();
    const clientExtensionResults = credential.getClientExtensionResults();
    return JSON.stringify({ id, rawId: written(rawId), type, response, authenticatorAttachment, clientExtensionResults });
  }

  /** The options of a form. `undefined` if the service wants something else first, and the browser is on its way to that page. */
  async function optionsOf(form, signal) {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    const response = await fetch(form.dataset.optionsFrom, { method: "POST", body, signal });
    if (response.redirected) return void location.assign(response.url);
    if (response.ok) return response.json();
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    throw new Refused(page.querySelector("main .alert")?.textContent ?? form.dataset.failed);
  }

  /** Shows what went wrong. Screen readers read it out. */
  function tell(form, text) {
    form.querySelector(":scope > .alert")?.remove();
    if (!text) return;
    const message = document.createElement("p");
    message.className = "alert";
    message.setAttribute("role", "alert");
    message.textContent = text;
    form.prepend(message);
  }

  function send(form, credential) {
    form.querySelector("[data-answer]").value = answer(credential);
    answered.add(form);
    form.requestSubmit();
  }

  /** Asks the person for a passkey, and sends the form with it. */
  async function ask(form) {
    offer.abort();
    tell(form, "");
    if (!globalThis.PublicKeyCredential) return tell(form, form.dataset.unsupported);
    form.ariaBusy = "true";
    try {
      const options = await optionsOf(form);
      if (options === undefined) return;
      const publicKey = read(options);
      const isNew = form.dataset.passkey === "create";
      const credential = await (isNew ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
      // A form that is busy is not sent.
      form.ariaBusy = "false";
      send(form, credential);
    } catch (error) {
      form.ariaBusy = "false";
      const isKnown = error.name === "InvalidStateError" && form.dataset.known;
      tell(form, error instanceof Refused ? error.message : isKnown || form.dataset.failed);
    }
  }

  /** Lets the browser offer passkeys beside the addresses that it fills in, until the person uses one or does something else. */
  async function wait(form) {
    const { signal } = offer = new AbortController();
    const timer = setTimeout(() => {
      offer.abort();
      offerSoon(form);
    }, OFFER);
    try {
      const options = await optionsOf(form, signal);
      if (options === undefined) return;
      send(form, await navigator.credentials.get({ mediation: "conditional", publicKey: read(options), signal }));
    } catch {
      // The person has not asked for this, so there is nothing to tell: the password and the button work.
    } finally {
      clearTimeout(timer);
    }
  }

  /** Offers passkeys at the first sign of a person. */
  function offerSoon(form) {
    const signs = new AbortController();
    const begin = () => {
      signs.abort();
      wait(form);
    };
    for (const sign of SIGNS) addEventListener(sign, begin, { signal: signs.signal, passive: true });
  }

  /** Offers passkeys beside the addresses that the browser fills in, if it can. */
  async function offerIfPossible(form) {
    if (await globalThis.PublicKeyCredential?.isConditionalMediationAvailable?.()) offerSoon(form);
  }

  /** Takes the form away: the service would refuse every passkey of a page at this origin. */
  function leave(form) {
    const { elsewhere } = form.dataset;
    if (!elsewhere) return form.remove();
    const hint = document.createElement("p");
    hint.className = "hint";
    hint.textContent = elsewhere;
    form.replaceWith(hint);
  }

  // Before all other listeners: for them, the form is sent only once it has its answer.
  addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.passkey) {
      // The page ends, and a request that waits would be told as an error.
      offer.abort();
      return;
    }
    if (answered.delete(form)) return;
    event.preventDefault();
    event.stopPropagation();
    if (form.ariaBusy !== "true") ask(form);
  }, true);

  const form = document.querySelector("form[data-passkey]");
  if (form.dataset.origins.split(" ").includes(location.origin)) {
    form.hidden = false;
    if ("conditional" in form.dataset) offerIfPossible(form);
  } else {
    leave(form);
  }
}
