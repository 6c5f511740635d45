// The editor of a sequence: a problem's line is found in the text at a tap, and Ctrl+Enter checks.
"use strict";

const text = document.getElementById("f-source");

function show(number) {
  const lines = text.value.split("\n").slice(0, number);
  const end = lines.join("\n").length;
  text.focus();
  text.setSelectionRange(end - lines[lines.length - 1].length, end);
  const height = parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, (number - 4) * height);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  show(Number(link.dataset.line));
  text.scrollIntoView({ block: "start" });
});

text?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) text.form.requestSubmit();
});
