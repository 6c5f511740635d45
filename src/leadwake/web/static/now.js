// The page "Now": buttons act without leaving it, a swipe puts off, and what is due turns up by itself.
"use strict";

const SWIPE = 90, UNDO_MS = 10000;

function tell(fresh) {
  const place = document.querySelector(".notices");
  place.replaceChildren(...fresh.querySelectorAll(".notice"));
  fade();
}

// "Undo" is offered for ten seconds.
function fade() {
  const shown = document.querySelector("[data-undo]");
  if (shown) setTimeout(() => { if (!shown.contains(document.activeElement)) shown.remove(); }, UNDO_MS);
}

async function act(form, body) {
  const answer = await fetch(form.action, { ...heads, method: "POST", body });
  if (!answer.ok) throw new Error(answer.status);
  tell(new DOMParser().parseFromString(await answer.text(), "text/html"));
  await refresh();
  tick();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-do]")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter)); // before its buttons are disabled, and missing
  const buttons = form.querySelectorAll("button"), next = form.closest(".waits")?.nextElementSibling;
  const place = form.contains(document.activeElement) ? next?.querySelector("h2 a") : null;
  for (const button of buttons) button.disabled = true;
  try {
    await act(form, body);
    if (place?.isConnected && document.activeElement === document.body) place.focus({ preventScroll: true });
  } catch {
    location.reload(); // what the server says, it says on the page
  }
});

// A swipe to the left does the first of what "More" offers: an hour's snooze, or passing on what is offered.
let touch = null;
const list = document.getElementById("waiting");
list.addEventListener("touchstart", (event) => {
  const card = event.target.closest(".waits");
  touch = card?.querySelector("[data-swipe]") ? { card, x: event.touches[0].clientX, y: event.touches[0].clientY } : null;
}, { passive: true });
list.addEventListener("touchmove", (event) => {
  if (!touch) return;
  const x = event.touches[0].clientX - touch.x, y = event.touches[0].clientY - touch.y;
  if (Math.abs(y) > Math.abs(x)) { touch.card.style.transform = ""; touch = null; return; }
  touch.card.style.transform = `translateX(${Math.min(0, x)}px)`;
}, { passive: true });
list.addEventListener("touchend", (event) => {
  if (!touch) return;
  const { card, x } = touch;
  touch = null;
  card.style.transform = "";
  if (x - event.changedTouches[0].clientX < SWIPE) return;
  card.classList.add("swiped");
  card.querySelector("[data-swipe]").requestSubmit(card.querySelector("[data-swipe] button"));
});

fade();
// what was put off comes back without anything having changed anywhere
setInterval(() => { if (!document.hidden) heard(null); }, 60000);
