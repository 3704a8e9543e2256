// A certificate's number stands behind the `#` of a QR code's address, which no server is sent:
// it goes into the field, and the button waits to be pressed.
"use strict";
const number = document.getElementById("f-number");
if (number && location.hash.length > 1 && !number.value) {
  number.value = decodeURIComponent(location.hash.slice(1));
  number.form.querySelector("button").focus();
}
