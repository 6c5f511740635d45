// The days to come, one at a time: the slider chooses; without this file they stand one below the other.
"use strict";

const days = [...document.querySelectorAll(".day")];
const slide = document.getElementById("f-day");

function choose(place) {
  days.forEach((day, at) => { day.hidden = at !== place; });
  document.querySelectorAll(".load rect").forEach((bar, at) => bar.classList.toggle("chosen", at === place));
  const day = days[place];
  slide.setAttribute("aria-valuetext", day.dataset.label);
  document.getElementById("chosen").textContent = day.dataset.label;
}

if (slide && days.length) {
  slide.closest("[hidden]").hidden = false;
  document.getElementById("jump").hidden = true;
  slide.addEventListener("input", () => choose(Number(slide.value)));
  choose(0);
}
