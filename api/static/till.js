// What a till does with a script: reads codes with the camera, and counts the seconds until a holder
// may use the next voucher. What reads pictures is fetched only when the camera is switched on.
"use strict";

const LOOK_MS = 120;
let stream = null;

function countDown() {
  for (const form of document.querySelectorAll("form[data-wait]")) {
    const button = form.querySelector("button.main");
    const until = performance.now() + Number(form.dataset.wait) * 1000;
    const after = button.textContent;
    delete form.dataset.wait;
    const tick = () => {
      if (!form.isConnected) return;
      const left = Math.ceil((until - performance.now()) / 1000);
      button.disabled = left > 0;
      button.textContent = left > 0 ? form.dataset.left.replace("{n}", left) : after;
      if (left > 0) setTimeout(tick, 250);
      else button.focus();
    };
    tick();
  }
}

// The browser's own reader where it knows these codes, else the one that comes with the page.
async function reader(box) {
  const formats = ["qr_code"];
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes(formats[0])) {
    return new BarcodeDetector({ formats });
  }
  if (!window.BarcodeDetectionAPI) await fetched(box.dataset.detector);
  BarcodeDetectionAPI.prepareZXingModule({ overrides: { locateFile: () => box.dataset.wasm } });
  return new BarcodeDetectionAPI.BarcodeDetector({ formats });
}

function fetched(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
}

function stop(box) {
  for (const track of stream ? stream.getTracks() : []) track.stop();
  stream = null;
  box.querySelector(".finder").hidden = true;
  box.querySelector("[data-start]").hidden = false;
}

async function start(box) {
  const line = box.querySelector(".net");
  const video = box.querySelector("video");
  line.hidden = true;
  box.querySelector("[data-start]").hidden = true;
  try {
    if (!navigator.mediaDevices) throw new DOMException("", "NotFoundError");
    const taken = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    stream = taken;
    video.srcObject = taken;
    box.querySelector(".finder").hidden = false;
    box.querySelector("[data-stop]").focus();
    await video.play();
    await read(box, video, taken);
  } catch (error) {
    stop(box);
    const why = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing" };
    line.textContent = box.dataset[why[error.name] || "failed"];
    line.hidden = false;
    box.querySelector("[data-start]").focus();
  }
}

// Until it reads something, is stopped or gone.
async function read(box, video, taken) {
  const eye = await reader(box);
  while (stream === taken && box.isConnected) {
    const [found] = video.readyState >= 2 ? await eye.detect(video) : [];
    if (found && found.rawValue && stream === taken) {
      stop(box);
      const field = document.getElementById("code");
      field.value = found.rawValue;
      return field.form.requestSubmit();
    }
    await new Promise((later) => setTimeout(later, LOOK_MS));
  }
}

function prepare() {
  countDown();
  for (const box of document.querySelectorAll("[data-detector]")) box.hidden = false;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-detector]");
  if (!box) return;
  if (event.target.closest("[data-start]")) start(box);
  if (event.target.closest("[data-stop]")) {
    stop(box);
    document.getElementById("code").focus();
  }
});
window.addEventListener("pagehide", () => {
  for (const box of document.querySelectorAll("[data-detector]")) stop(box);
});
document.addEventListener("page", prepare);
prepare();
