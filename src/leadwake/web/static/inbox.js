// The inbox by keyboard: j and k move, Enter opens, r answers, e is done.
"use strict";

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  const links = [...document.querySelectorAll(".thread-line h2 a")];
  const here = links.findIndex((link) => link.closest(".thread-line").contains(document.activeElement));
  const go = (place) => links[Math.min(Math.max(place, 0), links.length - 1)]?.focus();
  switch (event.key) {
    case "j": go(here + 1); break;
    case "k": go(here < 0 ? 0 : here - 1); break;
    case "r": if (here >= 0) location.assign(links[here].href.replace(/#.*/, "#composer")); break;
    case "e": if (here >= 0) links[here].closest(".thread-line").querySelector("form")?.requestSubmit(); break;
    default: return;
  }
  event.preventDefault();
});
