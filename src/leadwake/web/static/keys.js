// By keyboard: "/" finds, "g" and a letter goes, "j" and "k" walk down and up a list, Enter opens.
"use strict";

const PLACES = { n: "/", i: "/inbox", l: "/leads", t: "/team", p: "/proof" };
const CARDS = "[data-keys] > *, .cards > .card";
let going = 0;

function walk(by) {
  const cards = [...document.querySelectorAll(CARDS)];
  const now = cards.indexOf(document.querySelector(".chosen"));
  const next = cards[Math.max(0, Math.min(cards.length - 1, now + by))];
  if (!next) return;
  cards[now]?.classList.remove("chosen");
  next.classList.add("chosen");
  next.querySelector("a")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const gone = Date.now() - going < 1500;
  going = 0;
  if (event.key === "/") {
    event.preventDefault();
    const find = document.querySelector("input[type=search]");
    if (find) find.focus(); else location.assign("/leads#q");
  } else if (gone && PLACES[event.key] && document.querySelector(`.top a[href="${PLACES[event.key]}"]`)) location.assign(PLACES[event.key]);
  else if (event.key === "g") going = Date.now();
  else if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
});

if (location.hash === "#q") document.getElementById("q")?.focus();
