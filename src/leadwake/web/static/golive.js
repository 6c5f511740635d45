// The steps show by themselves what came in: a form, a report, an approval. Without this file: load the page again.
"use strict";

if (document.querySelector("main[data-golive]")) {
  // since: what was told while this page was on its way is made up for at once
  let due = 0;
  const soon = () => { due ||= setTimeout(() => { due = 0; refresh().then(tick).catch(() => {}); }, 250); };
  const stream = new EventSource(`/events?since=${document.body.dataset.news}`);
  stream.addEventListener("leads", soon);
  stream.addEventListener("refresh", soon);
  addEventListener("pagehide", () => stream.close());
}

// A link to a step opens it.
function unfold() {
  const step = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = step && step.querySelector("details");
  if (part) { part.open = true; step.scrollIntoView(); }
}
addEventListener("hashchange", unfold);
unfold();
