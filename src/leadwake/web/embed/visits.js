// Which pages somebody looks at and for how long. Nothing is sent or kept for who asks not to be tracked (Do Not Track,
// Global Privacy Control). No cookie; who comes back is known again only with consent, by an id of our own in this
// website's storage.
(() => {
  "use strict";
  const leadwake = window.leadwake;
  if (!leadwake || leadwake.visits) return;
  leadwake.visits = true;

  const KEY = "leadwake.visitor";
  const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const keep = (id) => { try { localStorage.setItem(KEY, id); } catch { /* as if it were not given */ } };
  const drop = () => { try { localStorage.removeItem(KEY); } catch { /* nothing there */ } };
  const asksNot = navigator.globalPrivacyControl || ["1", "yes"].includes(navigator.doNotTrack || window.doNotTrack);
  if (asksNot) { drop(); return; }

  const made = [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const known = stored();
  let agreed = leadwake.agreed !== undefined ? leadwake.agreed : !!known || leadwake.mode === "given";
  let refused = leadwake.agreed === false;
  let id = agreed && known || made;
  const counts = () => !refused && (agreed || leadwake.mode !== "required");
  leadwake.visitor = () => (counts() ? id : null);

  function tell(said) {
    // text, so that no question goes ahead of it; keepalive, so that it outlives the page; no cookies
    const body = JSON.stringify({ v: id, ...said }), to = "/visits";
    if ("keepalive" in Request.prototype) leadwake.ask(to, { method: "POST", body, keepalive: true }).catch(() => {});
    else navigator.sendBeacon(`${leadwake.base}/embed${to}`, body);
  }

  // The page in sight: since when, and whether its opening is still to be told.
  let page = "", seenFrom = null, isNew = true;
  const here = () => {
    const campaign = [...new URLSearchParams(location.search)].filter(([name]) => name.startsWith("utm_"));
    return location.pathname.slice(0, 200) + (campaign.length ? `?${new URLSearchParams(campaign)}`.slice(0, 200) : "");
  };

  function beat() {
    const seconds = seenFrom === null ? 0 : (performance.now() - seenFrom) / 1000;
    if (seenFrom !== null) seenFrom = performance.now();
    if (!counts() || !page || (!isNew && seconds < 1)) return;
    tell({ beats: [{ p: page, s: Math.round(seconds * 10) / 10, n: isNew }] });
    isNew = false;
  }

  function open() {
    if (here() === page) return;
    if (page) beat();
    page = here();
    isNew = true;
    seenFrom = document.visibilityState === "visible" ? performance.now() : null;
    if (seenFrom !== null) beat();
  }

  function look() {
    if (document.visibilityState === "visible") { seenFrom = performance.now(); if (isNew) beat(); }
    else { beat(); seenFrom = null; }
  }

  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", () => { beat(); seenFrom = null; });
  addEventListener("pageshow", (event) => { if (event.persisted) { page = ""; open(); } });
  // pages that change without loading
  if (window.navigation) navigation.addEventListener("currententrychange", open);
  else addEventListener("popstate", open);

  document.addEventListener("leadwake:consent", (event) => {
    const had = agreed && !refused;
    agreed = event.detail;
    refused = !agreed;
    if (agreed) { id = stored() || id; keep(id); if (isNew && seenFrom !== null) beat(); }
    else if (had) { tell({ forget: true }); }
    if (!agreed) { drop(); id = made; }
  });

  if (refused) drop();
  if (agreed) keep(id);
  if (document.prerendering) document.addEventListener("prerenderingchange", open, { once: true });
  else open();
})();
