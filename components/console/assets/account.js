// Takes the token out of the link, and sends it to the API when the reader submits the form. The page holds the route and all texts.
"use strict";

const form = document.querySelector("form");
const outcome = document.getElementById("outcome");
const password = document.getElementById("new-password");
const visible = document.getElementById("visible");
const faults = document.getElementById("new-password-faults");

/** How long an answer may take, in milliseconds. */
const PATIENCE = 30_000;

/** The token of the link that was opened last. */
let token = "";

/** Takes the token out of the address bar and out of the history, where others could read it. */
function begin() {
  const fragment = location.hash.slice(1);
  if (fragment === "" && token !== "") return;
  token = new URLSearchParams(fragment).get("token") ?? "";
  history.replaceState(null, "", location.pathname + location.search);
  outcome.replaceChildren();
  correct([]);
  form.hidden = token === "";
  if (token === "") tell("incomplete");
}

/** Shows the page's text for an outcome. Screen readers read it out. */
function tell(name) {
  const text = document.querySelector(`template[data-outcome="${name}"]`);
  outcome.replaceChildren(text.content.cloneNode(true));
}

/** Shows the text of a final outcome, and hides the form. */
function end(name) {
  token = "";
  form.reset();
  form.hidden = true;
  showOrHidePassword();
  tell(name);
  // The button that had the focus is hidden now.
  outcome.focus();
}

/** Shows the messages of the API beside the field instead of the previous ones. */
function correct(messages) {
  if (password === null) return;
  faults.replaceChildren(...messages.map((message) => {
    const line = document.createElement("span");
    line.lang = "en";
    // The messages of the API do not name their field.
    line.textContent = `${faults.dataset.subject} ${message}.`;
    return line;
  }));
  password.setAttribute("aria-invalid", String(messages.length > 0));
  if (messages.length > 0) password.focus();
}

/** Shows the password when the reader wants to see it. */
function showOrHidePassword() {
  if (password !== null) password.type = visible.checked ? "text" : "password";
}

/** The problem document of an answer; an empty object when there is none. */
async function problem(answer) {
  try {
    return await answer.json();
  } catch {
    return {};
  }
}

/** Tells how the API answered. */
async function show(answer) {
  switch (answer.status) {
    case 204:
      return end("done");
    case 409:
      return end("taken");
    case 410:
      return end("ended");
    case 422: {
      const { errors = [] } = await problem(answer);
      const ofField = errors.filter(({ pointer }) => pointer === "/new_password");
      // The error is about the token: it is malformed.
      if (ofField.length === 0) return end("ended");
      return correct(ofField.map(({ message }) => message));
    }
    case 429:
      return tell("later");
    default:
      return tell("failed");
  }
}

async function send() {
  const body = { token };
  if (password !== null) body.new_password = password.value;
  outcome.replaceChildren();
  correct([]);
  let answer;
  try {
    answer = await fetch(form.dataset.route, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return tell("failed");
  }
  return show(answer);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  // A double click would send two requests, and the second one would find a used link.
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    await send();
  } finally {
    form.ariaBusy = "false";
  }
});

visible?.addEventListener("change", showOrHidePassword);

// When the reader opens another link in the same tab, only the hash changes.
addEventListener("hashchange", begin);

begin();
