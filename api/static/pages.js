// What pages do better with a script, and do without it as well: a code behind a link's `#` goes into
// the till's field; a form that meets a dead network says what is true and asks again with its key.
"use strict";

const AGAIN_MS = 3000;
const ANSWER_MS = 20000;
const SCAN_GAP_MS = 300;
const SCAN_LENGTH_MIN = 6;
let under_way = false;
let timer = 0;

function codeOfAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1)).trim();
  } catch {
    return "";
  }
}

function begin() {
  const code = codeOfAddress();
  const field = document.getElementById("code");
  if (field && code && code !== "content") {
    field.value = code.replace("scanned=", "");
    history.replaceState(null, "", location.pathname);
    if (code.startsWith("scanned=")) field.form.requestSubmit();
  }
  for (const form of document.querySelectorAll("form[data-soon]")) {
    // The answer was that it is not known yet.
    form.dataset.tried = "yes";
    later(form, new URLSearchParams(new FormData(form)));
  }
  for (const link of document.querySelectorAll("a[data-with-code]")) {
    if (code) link.href = "/till#" + encodeURIComponent(code);
  }
  const here = document.querySelector(".areas.many [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.offsetWidth) / 2;
  const first = document.querySelector("[autofocus]");
  if (first) first.focus();
}

// Neither green nor red may stand there while it is not known, and only what was never sent is
// surely not taken.
function waiting(form, text) {
  const word = document.querySelector("h1");
  document.body.className = "answer waiting unsure";
  document.title = document.title.replace(word.textContent, word.dataset.waiting);
  word.textContent = word.dataset.waiting;
  for (const line of form.querySelectorAll(".calm")) line.hidden = Boolean(form.dataset.tried);
  show(form, text);
}

function show(form, text) {
  const line = form.querySelector(".net");
  line.textContent = text;
  line.hidden = false;
}

function become(html, address) {
  const page = new DOMParser().parseFromString(html, "text/html");
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.body.replaceWith(page.body);
  if (address) history.replaceState(null, "", address);
  window.scrollTo(0, 0);
  begin();
  document.dispatchEvent(new Event("page"));
}

async function ask(form, sent) {
  const takes = form.dataset.ask === "capture";
  clearTimeout(timer);
  if (takes && !navigator.onLine) {
    // Nothing was sent, unless an earlier try was.
    waiting(form, form.dataset.tried ? form.dataset.unknown : form.dataset.unsent);
    return later(form, sent);
  }
  under_way = true;
  try {
    if (takes) form.dataset.tried = "yes";
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(form.action, { method: "POST", body: sent, credentials: "same-origin", signal });
    const html = await answer.text();
    // Whoever stands before the server answers for it while it is away, and knows nothing.
    if (takes && answer.status >= 500 && !html.includes("data-field")) throw new TypeError("no answer of ours");
    under_way = false;
    become(html, answer.redirected ? answer.url : "");
  } catch {
    under_way = false;
    if (!takes) return release(form, form.dataset.look);
    waiting(form, form.dataset.unknown);
    later(form, sent);
  }
}

function release(form, text) {
  show(form, text);
  for (const button of form.querySelectorAll("button")) button.disabled = false;
}

function later(form, sent) {
  const button = form.querySelector("button.main");
  button.disabled = false;
  button.textContent = form.dataset.again;
  timer = setTimeout(() => { if (form.isConnected && !under_way) ask(form, sent); }, AGAIN_MS);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.ask) return;
  event.preventDefault();
  if (under_way) return;
  const sent = new URLSearchParams(new FormData(form, event.submitter || undefined));
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  if (form.dataset.asking) form.querySelector("button.main").textContent = form.dataset.asking;
  ask(form, sent);
});

// A scanner types a whole code within a moment and Enter behind it. On an answer nobody may have
// looked at yet, that must not press its button: what was scanned goes on to the field instead, and
// where a voucher waits to be confirmed it is dropped.
let scanned = "";
let last = 0;

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const now = performance.now();
  if (now - last > SCAN_GAP_MS) scanned = "";
  if (event.key.length === 1 && event.key !== " ") {
    scanned += event.key;
    last = now;
  } else if (event.key === "Enter" && scanned.length >= SCAN_LENGTH_MIN) {
    event.preventDefault();
    const code = scanned.slice(scanned.indexOf("#") + 1);
    scanned = "";
    const said = document.querySelector("[data-field]");
    const field = said ? said.dataset.field : "/till";
    if (!document.querySelector("form[data-ask=capture]")) location.assign(field + "#scanned=" + encodeURIComponent(code));
  }
});

// Copying needs a script, so without one its button stays away.
function offerCopies() {
  for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = !navigator.clipboard;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = button.dataset.copied;
});

// Work that goes on at the server: its part of the page is asked for again until it is done.
const FOLLOW_MS = 1500;

function follow() {
  for (const part of document.querySelectorAll("[data-follow][id]")) setTimeout(() => lookAgain(part), FOLLOW_MS);
}

async function lookAgain(part) {
  try {
    const answer = await fetch(part.dataset.follow, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (answer.ok && !fresh) return location.reload();
    if (fresh) part.replaceWith(fresh);
  } catch {
    // The network is away; what is done at the server goes on without us.
  }
  follow();
}

follow();
offerCopies();
window.addEventListener("hashchange", begin);
begin();
