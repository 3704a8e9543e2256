// What pages do better with a script, and do without it as well: a code behind a link's `#` goes into
// the till's field; a form that meets a dead network says what is true and asks again with its key.
"use strict";

const AGAIN_MS = 3000;
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
    field.value = code;
    history.replaceState(null, "", location.pathname);
  }
  for (const link of document.querySelectorAll("a[data-with-code]")) {
    if (code) link.href = "/till#" + encodeURIComponent(code);
  }
  const first = document.querySelector("[autofocus]");
  if (first) first.focus();
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
}

async function ask(form, sent) {
  const takes = form.dataset.ask === "capture";
  clearTimeout(timer);
  if (takes && !navigator.onLine) {
    // Nothing was sent, unless an earlier try was.
    show(form, form.dataset.tried ? form.dataset.unknown : form.dataset.unsent);
    return later(form, sent);
  }
  under_way = true;
  try {
    if (takes) form.dataset.tried = "yes";
    const answer = await fetch(form.action, { method: "POST", body: sent, credentials: "same-origin" });
    const html = await answer.text();
    under_way = false;
    become(html, answer.redirected ? answer.url : "");
  } catch {
    under_way = false;
    if (!takes) return release(form, form.dataset.look);
    show(form, form.dataset.unknown);
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

window.addEventListener("hashchange", begin);
begin();
