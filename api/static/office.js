// The page of a commit that is under way asks again until it is over. Without this a link does.
const underWay = document.querySelector("[data-refresh]");

async function askAgain() {
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (answer.ok) {
      const html = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = html.querySelector("[data-refresh]");
      if (!next) {
        location.reload();
        return;
      }
      underWay.replaceChildren(...next.childNodes);
    }
  } catch {
    // The network is away; what was committed goes on without us.
  }
  setTimeout(askAgain, 2000);
}

if (underWay) setTimeout(askAgain, 2000);
