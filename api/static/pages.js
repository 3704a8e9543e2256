// What pages do better with a script, and do without it as well: a code behind a link's `#` goes into
// the till's field; a form that meets a dead network says what is true and asks again with its key.
"use strict";

const AGAIN_MS = 3000;
const ANSWER_MS = 20000;
const SCAN_GAP_MS = 300;
const SCAN_LENGTH_MIN = 6;
// What a form sent when it was first sent: whatever was chosen since, its key stands for that.
const asked = new WeakMap();
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
    asked.set(form, contents(form));
    later(form);
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
  for (const line of form.querySelectorAll(".calm")) line.hidden = asked.has(form);
  show(form, text);
}

function show(form, text) {
  const line = form.querySelector(".net");
  line.textContent = text;
  line.hidden = false;
}

function become(page, address) {
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.body.replaceWith(page.body);
  if (address) history.replaceState(null, "", address);
  for (const script of page.querySelectorAll("script[src]")) fetchOnce(script.getAttribute("src"));
  window.scrollTo(0, 0);
  begin();
  document.dispatchEvent(new Event("page"));
}

function fetchOnce(address) {
  if (document.querySelector(`script[src="${CSS.escape(address)}"]`)) return;
  const script = document.createElement("script");
  script.src = address;
  document.head.append(script);
}

// A page of ours, whole. Whoever stands before the server may answer for it, and knows nothing.
function ourPage(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const ours = page.querySelector('link[rel=manifest][href^="/pages/"]');
  if (!ours || !html.trimEnd().endsWith("</html>")) throw new TypeError("no answer of ours");
  return page;
}

function contents(form, submitter) {
  return new URLSearchParams(new FormData(form, submitter || undefined));
}

async function answerTo(form, sent) {
  const patience = new AbortController();
  const over = setTimeout(() => patience.abort(), ANSWER_MS);
  under_way = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: sent, credentials: "same-origin", signal: patience.signal });
    return [answer, ourPage(await answer.text())];
  } finally {
    clearTimeout(over);
    under_way = false;
  }
}

async function look(form, sent) {
  try {
    const [answer, page] = await answerTo(form, sent);
    become(page, answer.redirected ? answer.url : "");
  } catch {
    show(form, form.dataset.look);
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
}

async function take(form) {
  clearTimeout(timer);
  const before = asked.has(form);
  if (!navigator.onLine) {
    // Nothing was sent, unless an earlier try was.
    waiting(form, before ? form.dataset.unknown : form.dataset.unsent);
    return later(form);
  }
  if (!before) asked.set(form, contents(form));
  for (const choice of form.querySelectorAll("select")) choice.disabled = true;
  try {
    const [answer, page] = await answerTo(form, asked.get(form));
    const decided = page.querySelector("[data-field]");
    if (!decided && answer.status >= 500) throw new TypeError("the server knows nothing yet");
    become(page, answer.redirected ? answer.url : "");
    if (decided) return;
    if (before || answer.redirected) undecided(form.dataset.open, form.dataset.lost);
    else undecided(form.dataset.not, form.dataset.never);
  } catch {
    waiting(form, form.dataset.unknown);
    later(form);
  }
}

// The answer was about something else, as when a sign-in had ended: what is known of the voucher is said there.
function undecided(word, text) {
  const title = document.querySelector("h1");
  let line = document.querySelector(".said .sentence");
  if (line) {
    document.title = document.title.replace(title.textContent, word);
    title.textContent = word;
  } else {
    line = document.createElement("p");
    line.className = "note waiting";
    line.setAttribute("role", "status");
    title.after(line);
  }
  line.textContent = text;
}

function later(form) {
  const button = form.querySelector("button.main");
  button.disabled = false;
  button.textContent = form.dataset.again;
  timer = setTimeout(() => { if (form.isConnected && !under_way) take(form); }, AGAIN_MS);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.ask) return;
  event.preventDefault();
  if (under_way) return;
  // What a disabled button says is not sent.
  const sent = contents(form, event.submitter);
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  if (form.dataset.ask !== "capture") return look(form, sent);
  form.querySelector("button.main").textContent = form.dataset.asking;
  take(form);
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
