// A form that Leadwake answers: <div data-leadwake-form="NAME"></div>, or a form of the page's own,
// <form data-leadwake="NAME" action="https://leads.example.com/forms/NAME" method="post">, which works without this, too.
// What is typed stays in the page until we have it. leadwake:sent on the form says that we do.
(() => {
  "use strict";
  const leadwake = window.leadwake;
  if (!leadwake || leadwake.forms) return;

  const { say, make, nextId, row, built, marking, dress } = leadwake.fields;
  let styled = false;
  const now = () => performance.now() / 1000;
  const anId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");

  function bring(form) {
    const name = form.dataset.leadwake || (/\/forms\/([\w-]+)/.exec(form.action) || [])[1] || "website";
    const status = make("p", { className: "leadwake-status" });
    status.setAttribute("role", "status");
    const state = { id: anId(), busy: false, timer: 0, tries: 0, ticked: null, token: "", from: now(), wait: 1.6 };
    const field = (key) => form.querySelector(`[name="${key}"]`);
    const value = (key) => (field(key) ? field(key).value.trim() : "");
    const button = form.querySelector('button:not([type="button"]), [type="submit"]');
    const before = (element) => (button ? (button.closest("form > *") || button).before(element) : form.append(element));
    const marks = marking(form);
    let words, box;

    async function define() {
      const answer = await leadwake.ask(`/forms/${encodeURIComponent(name)}`);
      if (!answer.ok) throw new Error(answer.status);
      const told = await answer.json();
      Object.assign(state, { token: told.token, from: now(), wait: told.wait_s + .1 });
      if (told.signature && !field("signature")) before(row("signature"));
      if (!told.wording) return;
      box = field("sms_consent");
      if (!box) {
        box = make("input", { type: "checkbox", id: nextId(), name: "sms_consent", value: "yes", autocomplete: "off" });
        words = make("label", { htmlFor: box.id });
        before(make("p", { className: "leadwake-consent" }, box, words));
      }
      if (words && words.textContent !== told.wording) {
        if (words.textContent) { box.checked = false; state.ticked = null; status.textContent = say.changed; }
        words.textContent = told.wording;
      }
    }

    function check() {
      marks.right();
      const phone = value("phone"), email = value("email");
      if (field("name") && !value("name")) marks.wrong("name", say.noName);
      if (!phone && !email) marks.wrong(field("phone") ? "phone" : "email", say.noContact);
      if (phone && phone.replace(/\D/g, "").length < 10) marks.wrong("phone", say.badPhone);
      if (email && !/^\S+@\S+\.\S+$/.test(email)) marks.wrong("email", say.badEmail);
      if (box && box.checked && field("signature") && !value("signature")) marks.wrong("signature", say.noSignature);
      return first();
    }

    function first() {
      const where = marks.first();
      if (where) { status.textContent = say.wrong; where.focus(); }
      return !where;
    }

    function body() {
      const fields = {};
      for (const [key, given] of new FormData(form)) {
        if (typeof given === "string") fields[key] = key in fields ? [].concat(fields[key], given) : given;
      }
      const ticked = box && box.checked;
      return JSON.stringify({ id: state.id, fields, visitor: leadwake.visitor(), shown: {
        token: state.token, ticked_s: ticked && state.ticked !== null ? now() - state.ticked : null,
        pre_ticked: !!box && (box.defaultChecked || (ticked && state.ticked === null)), url: location.href,
        screen: `${screen.width}x${screen.height}@${devicePixelRatio}`, viewport: `${innerWidth}x${innerHeight}`,
        language: navigator.language, text: form.innerText.replace(say.bait, "").trim().slice(0, 6000) } });
    }

    function busy(is) {
      state.busy = is;
      if (!button) return;
      if (is) button.setAttribute("aria-disabled", "true"); else button.removeAttribute("aria-disabled");
    }

    function settle(timer) { clearTimeout(state.timer); state.timer = timer; }

    async function send() {
      settle(0);
      const sent = body(); // with what was in sight, before anything changes
      busy(true);
      status.textContent = say.sending;
      let answer = null;
      try {
        // no sooner than a person could have filled it in
        await new Promise((go) => setTimeout(go, Math.max(0, state.wait - (now() - state.from)) * 1000));
        const cut = new AbortController(), late = setTimeout(() => cut.abort(), 20000);
        answer = await leadwake.ask(`/forms/${encodeURIComponent(name)}`, {
          method: "POST", headers: { "Content-Type": "application/json" }, body: sent, signal: cut.signal });
        clearTimeout(late);
      } catch { /* no answer: tried again */ }
      if (!answer || answer.status >= 500 || answer.status === 429) return later(answer);
      const told = await answer.json().catch(() => ({}));
      busy(false);
      state.id = anId();
      if (answer.ok) return thank(told.answered_by);
      status.textContent = say.failed;
      for (const key of Object.keys(told.errors || {})) marks.wrong(key, key === "name" ? say.noName : say.noContact);
      first();
    }

    function later(answer) {
      const asked = answer ? Number(answer.headers.get("Retry-After")) : 0;
      const wait = Math.min(60, Math.max(asked || 0, 2 * 2 ** state.tries++));
      status.textContent = navigator.onLine ? say.again : say.offline;
      settle(setTimeout(send, wait * 1000));
    }

    function thank(by) {
      const next = value("redirect_to");
      form.dispatchEvent(new CustomEvent("leadwake:sent", { bubbles: true, detail: { form: name, answered_by: by } }));
      if (next && new URL(next, location).origin === location.origin) return location.assign(next);
      const called = (value("name") || value("first_name")).split(/\s+/)[0];
      const thanks = make("p", { className: "leadwake-thanks", tabIndex: -1,
        textContent: `${say.thanks}${called ? `, ${called}` : ""}. ${{ text: say.text, email: say.mail, later: say.later }[by] || say.person}` });
      thanks.setAttribute("role", "status");
      form.reset();
      form.replaceWith(thanks);
      thanks.focus();
    }

    form.noValidate = true;
    form.append(status);
    if (!field("website_url")) {
      const bait = make("input", { name: "website_url", tabIndex: -1, autocomplete: "off" });
      const hidden = make("p", {}, make("label", {}, say.bait, bait));
      hidden.setAttribute("aria-hidden", "true");
      hidden.style.cssText = "position:absolute;left:-9999px";
      form.append(hidden);
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (state.busy && !state.timer) return;
      if (check()) send();
    });
    form.addEventListener("input", () => {
      if (state.busy && !state.timer) return;
      state.id = anId();
      if (state.timer) { settle(0); busy(false); status.textContent = say.edited; }
    });
    form.addEventListener("change", (event) => {
      if (event.target.name === "sms_consent") state.ticked = event.target.checked && event.isTrusted ? now() : null;
    });
    form.addEventListener("focusin", () => { if (now() - state.from > 3600) define().catch(() => {}); });
    addEventListener("online", () => { if (state.timer) send(); });
    addEventListener("beforeunload", (event) => { if (state.timer) event.preventDefault(); });
    const begin = (tries) => define().catch(() => { if (tries < 6) setTimeout(begin, 1000 * 2 ** tries, tries + 1); });
    begin(0);
  }

  const known = new WeakSet();
  leadwake.forms = () => {
    document.querySelectorAll("[data-leadwake-form], form[data-leadwake]").forEach((place) => {
      if (known.has(place)) return;
      known.add(place);
      if (!styled) { dress(); styled = true; }
      const form = place.matches("form") ? place : built(place);
      known.add(form);
      bring(form);
    });
  };
  leadwake.forms();
  let due = 0;
  new MutationObserver(() => { due = due || setTimeout(() => { due = 0; leadwake.forms(); }, 50); })
    .observe(document.documentElement, { childList: true, subtree: true });
})();
