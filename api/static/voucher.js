// A voucher on a phone: seconds left, and the six digits (with the picture that holds them) anew every
// half minute. Without a script the page says until when, and a link shows new digits.
"use strict";

const started = performance.now();
const since = () => Math.floor((performance.now() - started) / 1000);
const two = (n) => String(n).padStart(2, "0");

const left = document.querySelector("[data-seconds]");
if (left) {
  const all = Number(left.dataset.seconds);
  const clock = document.createElement("span");
  clock.className = "clock";
  clock.setAttribute("role", "timer");
  left.append(document.createElement("br"), clock);
  const tick = () => {
    const seconds = all - since();
    if (seconds < 0) return location.replace(location.pathname);
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor(seconds / 3600) % 24;
    const time = `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const said = days ? `${left.dataset.days.replace("{n}", days)} ${time}` : time;
    clock.textContent = left.dataset.say.replace("{left}", said);
    setTimeout(tick, 1000 - ((performance.now() - started) % 1000));
  };
  if (all > 0) tick();
}

const digits = document.querySelector("[data-digits]");
if (digits) {
  const picture = document.querySelector("[data-qr]");
  const address = picture.getAttribute("src");
  const link = document.querySelector(".fresh");
  let waiting = 0;
  const renew = async () => {
    clearTimeout(waiting);
    try {
      const answer = await fetch(digits.dataset.digits, { credentials: "same-origin", cache: "no-store" });
      // Used, given back or expired meanwhile: the page itself says which.
      if (!answer.ok) return location.replace(location.pathname);
      const found = await answer.json();
      digits.textContent = `${found.value.slice(0, 3)} ${found.value.slice(3)}`;
      picture.src = `${address}?${Date.now()}`;
      if (link) link.hidden = true;
      later(found.seconds_left);
    } catch {
      // No network: the digits shown may be old, so the link is offered again.
      if (link) link.hidden = false;
      later(5);
    }
  };
  const later = (seconds) => { waiting = setTimeout(renew, (seconds + 0.5) * 1000); };
  later(Number(digits.dataset.left));
  if (link) link.hidden = true;
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
}
