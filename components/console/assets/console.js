// Makes the pages more comfortable. Every page works without this file; attributes in the markup say what it may do:
//   form[data-search="ID"]         searches while the reader types, and replaces what the element ID holds
//   form or button[data-confirm]   asks before it sends; html[data-cancel] is the text of the other button
//   [data-theme-switch]            shows a theme at once: a select, or a group of radio buttons
//   button[data-copy="ID"]         copies the text of the element ID; [data-copied] is the text that it shows then
//   button[data-print]             prints the page
//   input[data-fragment="NAME"]    takes its value from the fragment of the address
//   input[data-all="NAME"]         ticks all boxes with that name in its form
//   input[data-reveal="ID"]        shows the password in the field ID
//   [data-script]                  is hidden without a script, because it does nothing without one
"use strict";

/** How long the reader must pause before a search starts, in milliseconds. */
const PAUSE = 250;

/** How long a form refuses a second click, in milliseconds. A download leaves the page and its forms as they are. */
const BUSY = 5_000;

/** How long a button says that it has copied, in milliseconds. */
const THANKS = 2_000;

const page = document.documentElement;

/** The region for screen readers. It exists from the start, because they read only changes of it. */
const news = document.createElement("p");
news.setAttribute("role", "status");
news.className = "hidden";
document.body.append(news);

/** The search that waits or runs. */
let search = { timer: 0, request: new AbortController() };

function stopSearch() {
  clearTimeout(search.timer);
  search.request.abort();
}

/** The address that the form would open, without the fields that are empty. A field may be called `action`, and hide that property. */
function addressOf(form) {
  const address = new URL(form.getAttribute("action") ?? location.pathname, location.href);
  const filled = [...new FormData(form)].filter(([, value]) => value !== "");
  address.search = new URLSearchParams(filled).toString();
  return address;
}

/** Replaces the results by those of the same page for what the form says now. */
async function showResults(form, signal) {
  const address = addressOf(form);
  const id = form.dataset.search;
  const results = document.getElementById(id);
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal, cache: "no-store" });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
    // The session has ended, or the service has a fault. The browser shows that better.
    if (!answer.ok || found === null) return location.assign(address);
    results.replaceChildren(...found.childNodes);
    history.replaceState(null, "", address);
    news.textContent = results.querySelector("caption, .empty")?.textContent ?? "";
    enhance(results);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
    else return;
  }
  results.removeAttribute("aria-busy");
}

function searchSoon(form) {
  stopSearch();
  const request = new AbortController();
  search = { request, timer: setTimeout(() => showResults(form, request.signal), PAUSE) };
}

/** Forms whose reader has said yes. */
const confirmed = new WeakSet();

/** Asks in a dialog, and sends the form when the reader says yes. */
function ask(form, button, question) {
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  text.id = "question";
  text.textContent = question;
  dialog.setAttribute("aria-labelledby", text.id);
  const answers = document.createElement("div");
  answers.className = "actions";
  const no = document.createElement("button");
  no.className = "quiet";
  no.textContent = page.dataset.cancel ?? "Cancel";
  const yes = document.createElement("button");
  yes.className = button.classList.contains("danger") ? "danger" : "";
  yes.textContent = button.textContent;
  for (const answer of [yes, no]) answer.type = "button";
  answers.append(yes, no);
  dialog.append(text, answers);
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", () => {
    dialog.close();
    confirmed.add(form);
    form.requestSubmit(button);
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    button.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  // A reader who presses Enter without reading changes nothing.
  no.focus();
}

/** Copies a text. Without the clipboard, which needs a secure context, it selects the text for the reader to copy. */
async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
  } catch {
    getSelection().selectAllChildren(source);
    return;
  }
  const before = button.textContent;
  button.textContent = news.textContent = button.dataset.copied ?? before;
  setTimeout(() => { button.textContent = before; }, THANKS);
}

/** Moves a secret from the address into its field. Afterwards it is in neither the address bar nor the history. */
function takeFragment() {
  const field = document.querySelector("[data-fragment]");
  const value = new URLSearchParams(location.hash.slice(1)).get(field?.dataset.fragment);
  if (!field || !value) return;
  field.value = value;
  // Nothing is left to paste.
  const frame = field.closest(".field");
  if (frame !== null) frame.hidden = true;
  history.replaceState(null, "", location.pathname + location.search);
}

/** The boxes that a box for all stands for. */
function boxesOf(all) {
  return [...(all.form?.elements ?? [])].filter((box) => box.type === "checkbox" && box.name === all.dataset.all && !box.disabled);
}

function showHowManyAreTicked() {
  for (const all of document.querySelectorAll("[data-all]")) {
    const boxes = boxesOf(all);
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }
}

/** Adds the reader's own time to every point in time, and looks at the boxes. */
function enhance(root) {
  showHowManyAreTicked();
  // The newest hours are at the end of a chart.
  for (const chart of root.querySelectorAll(".scroll:has(> .chart)")) chart.scrollLeft = chart.scrollWidth;
  for (const time of root.querySelectorAll("time[datetime]")) {
    const point = new Date(time.dateTime);
    if (!Number.isNaN(point.valueOf()) && time.dateTime.includes("T")) time.title ||= point.toLocaleString(page.lang);
  }
}

addEventListener("input", ({ target }) => {
  const form = target.form;
  if (form?.dataset.search) searchSoon(form);
});

addEventListener("change", ({ target }) => {
  if (target.name === "theme" && target.closest("[data-theme-switch]")) page.dataset.theme = target.value;
  if (target.dataset.all) for (const box of boxesOf(target)) box.checked = target.checked;
  if (target.dataset.reveal) document.getElementById(target.dataset.reveal).type = target.checked ? "text" : "password";
  if (target.type === "checkbox") showHowManyAreTicked();
});

addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-copy]");
  if (button !== null) copy(button);
  if (target.closest("button[data-print]") !== null) print();
});

addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  stopSearch();
  const question = submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && submitter && !confirmed.delete(form)) {
    event.preventDefault();
    return ask(form, submitter, question);
  }
  // A double click would send a change twice.
  if (form.ariaBusy === "true") return event.preventDefault();
  if (form.getAttribute("method")?.toLowerCase() !== "post") return;
  form.ariaBusy = "true";
  setTimeout(() => { form.ariaBusy = "false"; }, BUSY);
});

// When the reader opens another link in the same tab, only the fragment changes.
addEventListener("hashchange", takeFragment);

// A page that the browser kept whole may belong to somebody who has signed out since.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

takeFragment();
enhance(document);
page.dataset.ready = "";
