// A lead's page: seconds until a letter goes, what a text costs, snippets without a reload, the thread at its end.
"use strict";

addEventListener("DOMContentLoaded", () => {
  const composer = document.getElementById("composer");
  const words = document.getElementById("words");
  const dock = document.getElementById("dock");
  const speed = Number(document.body.dataset.speed || 1);

  // The thread begins at its end, and stays there while one is there. The dock sticks: the thread's end is measured.
  const latest = document.getElementById("latest");
  const below = () => latest.getBoundingClientRect().top + dock.offsetHeight + (innerHeight - dock.getBoundingClientRect().bottom) - innerHeight;
  const toEnd = () => scrollBy(0, Math.max(0, below()));
  let isAtEnd = !document.querySelector("[data-past]") && (!location.hash || location.hash === "#latest");
  if (isAtEnd && !document.querySelector("[role=alert]:not(#held, .banner)")) requestAnimationFrame(toEnd);
  addEventListener("scroll", () => { isAtEnd = Math.abs(below()) < 60; }, { passive: true });

  function count() {
    for (const said of document.querySelectorAll("[data-until]")) {
      const left = Math.max(0, Math.ceil((Date.parse(said.dataset.until) - now()) / 1000 / speed));
      const noun = said.textContent.split(" ")[0];
      const shown = left ? `${noun} goes in ${left} s` : `${noun} goes now`;
      if (said.textContent !== shown) said.textContent = shown;
    }
  }
  setInterval(count, 250);
  count();

  // 3GPP TS 23.038, as the server counts: 160 or 153 a part; 70 or 67 with any other character.
  const basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
  const extended = "\f^{}\\[~]|€";
  const plain = { "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "…": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " " };
  function segments(text) {
    const said = [...[...text.trim()].map((c) => plain[c] ?? c).join("")];
    const isGsm = said.every((c) => basic.includes(c) || extended.includes(c));
    const widths = said.map((c) => (isGsm ? (extended.includes(c) ? 2 : 1) : c.length));
    const [alone, part] = isGsm ? [160, 153] : [70, 67];
    const units = widths.reduce((sum, width) => sum + width, 0);
    if (units <= alone) return units ? 1 : 0;
    let parts = 1, room = part;
    for (const width of widths) { if (width > room) { parts += 1; room = part; } room -= width; }
    return parts;
  }
  function cost() {
    const parts = segments(words.value);
    document.getElementById("cost").textContent = parts ? `${parts} segment${parts === 1 ? "" : "s"}, about ${(parts * Number(composer.dataset.cents)).toFixed(1)} ¢` : "";
    if (!CSS.supports("field-sizing", "content")) { words.style.height = "auto"; words.style.height = `${words.scrollHeight + 2}px`; }
  }
  words.addEventListener("input", cost);

  composer.querySelector("[data-insert]")?.addEventListener("click", async (event) => {
    event.preventDefault();
    const chosen = document.getElementById("snippet");
    const answer = await fetch(chosen.dataset.words + chosen.value, heads).catch(() => null);
    if (!answer?.ok) { composer.requestSubmit(event.target); return; }
    const before = words.value.trim();
    words.value = (before ? `${before} ` : "") + await answer.text();
    words.focus();
    cost();
  });

  // One tap, one letter: the server holds to that too.
  composer.addEventListener("submit", () => setTimeout(() => { for (const button of composer.querySelectorAll("button")) button.disabled = true; }));
  addEventListener("pageshow", () => { for (const button of composer.querySelectorAll("button")) button.disabled = false; });

  addEventListener("keydown", (event) => {
    if (event.target === words && event.key === "Enter" && (event.ctrlKey || event.metaKey)) composer.querySelector(".send").click();
    if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "r") { event.preventDefault(); words.focus(); }
  });
  if (location.hash === "#composer" || composer.querySelector("[aria-invalid]")) words.focus();

  new MutationObserver(() => { count(); if (isAtEnd) toEnd(); }).observe(dock.parentElement, { childList: true });
});
