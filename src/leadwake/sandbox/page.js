// Keeps the page in step with the sandbox. Cards that did not change keep their nodes, so that what is typed or open stays.
"use strict";

(() => {
  const EVERY_MS = 10000;   // behaviours that run out change nothing else
  const SETTLE_MS = 1300;   // texts and mails are delivered about a second after they came
  let busy = false;
  let again = false;
  let settle = 0;

  function typing(node) {
    const field = node.querySelector("input[name=body]");
    return field !== null && (field === document.activeElement || field.value !== "");
  }

  // What a person has begun stays: then only the card's parts that they are not in are exchanged.
  function patch(old, fresh) {
    if (old.outerHTML === fresh.outerHTML) return;
    const chosen = [...old.querySelectorAll("select")].some((field) => !field.selectedOptions[0]?.defaultSelected);
    if (!(typing(old) || chosen || old.open || old.querySelector("details[open]") || old.contains(document.activeElement))) {
      old.replaceWith(fresh);
      return;
    }
    const parts = fresh.querySelectorAll("[data-part]");
    const held = old.querySelectorAll("[data-part]");
    if (parts.length !== held.length) return;       // another shape: at the next news, when they are done
    parts.forEach((part, i) => {
      if (part.outerHTML !== held[i].outerHTML && !held[i].contains(document.activeElement)) held[i].replaceWith(part);
    });
  }

  function merge(list, fresh) {
    const held = new Map([...list.children].map((node) => [node.dataset.key, node]));
    let place = null;
    for (const node of [...fresh.children]) {
      const old = held.get(node.dataset.key);
      if (old) {
        held.delete(node.dataset.key);
        const next = place ? place.nextElementSibling : list.firstElementChild;
        if (next !== old) list.insertBefore(old, next);
        patch(old, node);
        place = place ? place.nextElementSibling : list.firstElementChild;
      } else {
        if (list.dataset.seen) node.classList.add("new");
        list.insertBefore(node, place ? place.nextElementSibling : list.firstElementChild);
        place = node;
      }
    }
    for (const node of held.values()) node.remove();
    list.dataset.seen = "1";
  }

  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const list of document.querySelectorAll("[data-live]")) {
          const other = fresh.querySelector(`[data-live="${list.dataset.live}"]`);
          if (other) merge(list, other);
        }
        document.body.classList.remove("away");
      }
    } catch {
      document.body.classList.add("away");
    }
    busy = false;
    if (again) { again = false; setTimeout(refresh, 300); }
  }

  function news() {
    refresh();
    clearTimeout(settle);
    settle = setTimeout(refresh, SETTLE_MS);
  }

  for (const list of document.querySelectorAll("[data-live]")) list.dataset.seen = "1";
  const events = new EventSource("/events");
  events.onmessage = news;
  events.onopen = news;
  setInterval(() => { if (!document.hidden) refresh(); }, EVERY_MS);

  // Tabs without a new page.
  document.querySelector("nav").addEventListener("click", (event) => {
    const tab = event.target.closest("a");
    if (!tab || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    history.replaceState(null, "", tab.href);
    document.body.dataset.show = tab.dataset.key;
    for (const other of tab.parentElement.children) other.removeAttribute("aria-current");
    tab.setAttribute("aria-current", "page");
    scrollTo(0, 0);
  });
})();
