// Passkeys. Without a script or a browser that knows them their buttons stay away. With both, a press
// asks the server what to ask for, lets the browser ask, and sends what came of it as a form.
"use strict";

const WHY = {
  NotAllowedError: "none",
  AbortError: "none",
  InvalidStateError: "again",
  SecurityError: "elsewhere",
  NotSupportedError: "unable",
  ConstraintError: "unable",
};

function bytesOf(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
}

function textOf(buffer) {
  const bare = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return bare.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

async function made(options) {
  options.challenge = bytesOf(options.challenge);
  options.user.id = bytesOf(options.user.id);
  for (const each of options.excludeCredentials) each.id = bytesOf(each.id);
  const { rawId, response } = await navigator.credentials.create({ publicKey: options });
  return { id: rawId, client_data: response.clientDataJSON, attestation: response.attestationObject };
}

async function shown(options) {
  options.challenge = bytesOf(options.challenge);
  const { rawId, response } = await navigator.credentials.get({ publicKey: options });
  return {
    id: rawId,
    client_data: response.clientDataJSON,
    data: response.authenticatorData,
    signature: response.signature,
    handle: response.userHandle || new ArrayBuffer(0),
  };
}

async function press(form, button) {
  const line = form.querySelector(".net");
  line.hidden = true;
  button.disabled = true;
  try {
    const sent = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.dataset.options, { method: "POST", body: sent, credentials: "same-origin" });
    // The server's own page says why not: signed out, signed in too long ago, another address.
    if (!answer.ok) return form.submit();
    const said = await (form.dataset.passkey === "make" ? made : shown)(await answer.json());
    for (const [name, value] of Object.entries(said)) form.elements[name].value = textOf(value);
    form.submit();
  } catch (error) {
    line.textContent = form.dataset[WHY[error.name]] || form.dataset.failed;
    line.hidden = false;
    button.disabled = false;
    button.focus();
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  const button = form.querySelector("button");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!button.disabled) press(form, button);
  });
  // Back from the next page, the button is there again.
  window.addEventListener("pageshow", () => { button.disabled = false; });
}
