// Leadwake on your own website: this loads the parts that are switched on for it, and shares with them what they need.
//   <script src="https://leads.example.com/embed/leadwake.js" defer></script>
// data-consent on it: "required" (nothing is measured before consent), "given" (a returning visitor is known again);
// without it, visits are counted and nothing is stored. Later: leadwake.consent(true) or leadwake.consent(false).
(() => {
  "use strict";
  if (window.leadwake) return;
  const tag = document.currentScript || document.querySelector('script[src*="/embed/leadwake.js"]');
  if (!tag) return;
  const base = tag.src.replace(/\/embed\/leadwake\.js.*$/, "");

  const leadwake = window.leadwake = {
    base,
    // "required", "given" or "": as the page says
    mode: tag.dataset.consent || "",
    // what the visitor said: true, false, or undefined while nobody asked
    agreed: undefined,
    // who is browsing, where visits are counted; the form and the chat send it along, so that a visit finds its lead
    visitor: () => null,
    spanish: /^es\b/i.test(document.documentElement.lang),

    consent(yes) {
      leadwake.agreed = !!yes;
      document.dispatchEvent(new CustomEvent("leadwake:consent", { detail: leadwake.agreed }));
    },

    // ask("/site"): of our own server, without cookies
    ask(path, options) {
      return fetch(`${base}/embed${path}`, { mode: "cors", credentials: "omit", ...options });
    },

    // Rules for what we add to the page: a strict style-src lets a constructed sheet be; the site's own rules win over
    // what stands in :where().
    style(rules, root = document) {
      try {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(rules);
        root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
      } catch {
        const style = document.createElement("style");
        style.textContent = rules;
        (root.head || root).append(style);
      }
    },
  };

  // a part's scripts run in this order
  const SCRIPTS = { form: ["form-fields", "form"] };

  function load(name) {
    const script = document.createElement("script");
    script.src = `${base}/embed/${name}.js`;
    script.async = false;
    if (tag.nonce) script.nonce = tag.nonce;
    document.head.append(script);
  }

  async function begin(tries) {
    try {
      const answer = await leadwake.ask("/site");
      if (answer.status === 403) return console.warn("Leadwake: add this website under Setup, Websites.");
      if (!answer.ok) throw new Error(answer.status);
      leadwake.parts = (await answer.json()).parts;
      leadwake.parts.forEach((part) => (SCRIPTS[part] || [part]).forEach(load));
    } catch {
      if (tries < 5) setTimeout(begin, 2000 * 2 ** tries, tries + 1);
    }
  }
  begin(0);
})();
