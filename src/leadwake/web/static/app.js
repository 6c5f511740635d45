// What a page does by itself: clocks tick, leads arrive, cards change. Everything else works without this file.
"use strict";

const page = document.querySelector("main")?.dataset ?? {};
const heads = { headers: { "X-Fragment": "1" }, credentials: "same-origin" };
const zero = Date.parse(document.body.dataset.now);
const began = performance.now();

// Business time, as the server's clock has it: this device's may be wrong.
const now = () => zero + (performance.now() - began) * Number(document.body.dataset.speed || 1);

function lasted(seconds) {
  const s = Math.max(0, seconds);
  if (s < 9.95) return `${s.toFixed(1)} s`;
  const whole = Math.round(s);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min` + (whole % 60 ? ` ${whole % 60} s` : "");
  if (whole < 172800) {
    const minutes = Math.floor((whole % 3600) / 60);
    return `${Math.floor(whole / 3600)} h` + (minutes ? ` ${minutes} min` : "");
  }
  return `${Math.floor(whole / 86400)} days`;
}

function tick() {
  for (const clock of document.querySelectorAll("[data-since]")) {
    const shown = lasted((now() - Date.parse(clock.dataset.since)) / 1000);
    if (clock.textContent !== shown) clock.textContent = shown;
    if (clock.dataset.due) clock.closest(".card").classList.toggle("late", Date.parse(clock.dataset.due) <= now());
  }
}

async function read(url) {
  const answer = await fetch(url, heads);
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// The old element gives way to the new one; whoever had the focus in it keeps it, and what was unfolded stays so.
function replace(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  const place = old.contains(document.activeElement) ? [...old.querySelectorAll("a, button, input, summary")].indexOf(document.activeElement) : -1;
  const open = [...old.querySelectorAll("details")].map((part) => part.open);
  old.replaceWith(fresh);
  [...fresh.querySelectorAll("details")].forEach((part, n) => { if (open[n]) part.open = true; });
  if (place >= 0) fresh.querySelectorAll("a, button, input, summary")[place]?.focus();
}

// What the page itself did to a card, its clock, what is unfolded, who is chosen, is no news: the fresh one has it too.
function likened(fresh, old) {
  for (const clock of fresh.querySelectorAll("[data-since]")) {
    const known = old.querySelector(`[data-since="${clock.dataset.since}"]`);
    if (known) clock.textContent = known.textContent;
  }
  const open = [...old.querySelectorAll("details")].map((part) => part.open);
  fresh.querySelectorAll("details").forEach((part, n) => { part.open = open[n] ?? false; });
  for (const name of ["new", "chosen", "late"]) fresh.classList.toggle(name, old.classList.contains(name));
  return fresh;
}

// A ranked list: whoever is in both stays the same element, so that nothing moves from under a thumb.
function rerank(old, fresh) {
  const focused = document.activeElement, count = fresh.childElementCount;
  [...fresh.children].forEach((other, n) => {
    const known = document.getElementById(other.id);
    if (old.children[n] !== known || !known) old.insertBefore(known ?? other, old.children[n] ?? null);
    if (known) replace(known, likened(other, known)); else other.classList.add("new");
  });
  while (old.children.length > count) old.lastElementChild.remove();
  if (old.contains(focused)) focused.focus();
}

async function refresh() {
  const fresh = await read(location.href);
  for (const part of document.querySelectorAll("[data-live][id]")) {
    const other = fresh.getElementById(part.id);
    if (other) { if ("keyed" in part.dataset) rerank(part, other); else replace(part, other); }
  }
  poll();
}

async function refreshCard(id) {
  const fresh = (await read(`/leads/${id}/card`)).querySelector(".card");
  const old = document.getElementById(`lead-${id}`);
  if (old) return replace(old, fresh);
  const list = document.getElementById("cards");
  list.querySelector(".empty")?.remove();
  fresh.classList.add("new");
  list.prepend(fresh);
  document.getElementById("announce").textContent = `New lead: ${fresh.dataset.name}`;
  while (list.children.length > 40) list.lastElementChild.remove();
}

// News is gathered for a moment and then fetched once, one fetch after the other.
const news = { ids: new Set(), all: false, timer: 0, busy: false, fetched: 0 };

function heard(ids) {
  if (ids) ids.forEach((id) => news.ids.add(id)); else news.all = true;
  // a whole page is fetched anew at most once a second, however busy the office is
  const rest = page.lead || page.page === "leads" ? 120 : Math.max(120, news.fetched + 1000 - performance.now());
  news.timer ||= setTimeout(follow, rest);
}

async function follow() {
  if (news.busy) { news.timer = setTimeout(follow, 120); return; }
  const { all } = news, ids = [...news.ids];
  Object.assign(news, { ids: new Set(), all: false, timer: 0, busy: true });
  try {
    if (page.lead) { if (all || ids.includes(page.lead)) await refresh(); }
    else if (all || ids.length > 6 || page.page !== "leads") { await refresh(); news.fetched = performance.now(); }
    else {
      for (const id of ids) {
        if ("arrivals" in page || document.getElementById(`lead-${id}`)) await refreshCard(id).catch(() => {});
      }
      replace(document.getElementById("strip"), (await read("/strip")).getElementById("strip"));
    }
    tick();
  } catch { /* the next news, or the next connection, tries again */ }
  news.busy = false;
}

function watch() {
  // since: what was told while this page was on its way is made up for at once
  const stream = new EventSource(`/events?since=${document.body.dataset.news}`);
  let was = false;
  stream.addEventListener("open", () => { if (was) heard(null); was = true; document.body.classList.remove("away"); });
  stream.addEventListener("refresh", () => heard(null));
  stream.addEventListener("leads", (event) => heard(event.data.split(",")));
  stream.addEventListener("error", () => {
    document.body.classList.toggle("away", stream.readyState === EventSource.CLOSED);
    if (stream.readyState !== EventSource.CLOSED) return;
    setTimeout(async () => { watch(); heard(null); }, 3000);
  });
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

// While a test message is on its way.
function poll() {
  if (document.querySelector("[data-poll]")) setTimeout(() => refresh().catch(() => setTimeout(poll, 2000)), 700);
}

// Forms whose effect shows by itself: the page stays as it is.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-quiet]")) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: "" });
    if (!answer.ok || location.pathname !== "/leads") location.assign("/leads");
  } catch { form.submit(); }
  button.disabled = false;
});

// Templates show as they will arrive while they are written.
const editor = document.querySelector("[data-previews]");
let typing = 0;
editor?.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(async () => {
    const body = new URLSearchParams(new FormData(editor));
    const answer = await fetch(editor.dataset.previews, { ...heads, method: "POST", body }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of fresh.querySelectorAll("[data-for]")) {
      editor.querySelector(`[data-preview="${part.dataset.for}"]`)?.replaceChildren(...part.childNodes);
    }
  }, 350);
});

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}

setInterval(() => { if (!document.hidden) tick(); }, 100);
if (document.querySelector("[data-page]")) watch();
poll();
