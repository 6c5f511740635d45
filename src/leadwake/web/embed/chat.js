// Leadwake's chat, which leadwake.js loads where it is switched on. Your style sheets may set --leadwake-chat-colour,
// --leadwake-chat-ink, --leadwake-chat-right and --leadwake-chat-bottom; an element with data-leadwake-open-chat opens it.
(() => {
  "use strict";
  const lw = window.leadwake;
  if (!lw || lw.chat || !window.crypto || !Element.prototype.attachShadow) return;
  const es = lw.spanish, KEY = "leadwake:chat", MAX = 2000;
  const say = es ? {
    open: "Chatear con nosotros", close: "Cerrar", name: "Su nombre", contact: "Teléfono o correo electrónico",
    question: "Su pregunta", start: "Enviar", sending: "Enviando…", write: "Escriba un mensaje", talk: "Conversación",
    away: "No hay conexión; sus palabras quedan aquí y se envían en cuanto vuelva.", over: "Este chat ha terminado.",
    writing: "{} escribe…", end: "Terminar el chat", sure: "¿Terminar?", you: "Usted", optional: "(opcional)",
    privacy: "Cómo tratamos sus datos", unread: "{} sin leer", hello: "¿En qué podemos ayudarle?",
    wrong: { name: "Escriba su nombre.", contact: "Escriba un teléfono o un correo que funcione.", message: "Escriba su pregunta." },
  } : {
    open: "Chat with us", close: "Close", name: "Your name", contact: "Phone or e-mail",
    question: "Your question", start: "Send", sending: "Sending…", write: "Write a message", talk: "Conversation",
    away: "No connection; your words stay here and go as soon as it is back.", over: "This chat is over.",
    writing: "{} is writing…", end: "End chat", sure: "Really end it?", you: "You", optional: "(optional)",
    privacy: "How we handle your details", unread: "{} unread", hello: "How can we help?",
    wrong: { name: "Write your name.", contact: "Write a phone number or an e-mail address that works.", message: "Write your question." },
  };

  // ---- What this browser holds: the chat's id and secret, what was seen, what is still to be sent.
  let held = null, memory = null;
  const load = () => { try { return JSON.parse(localStorage.getItem(KEY)); } catch { return memory; } };
  const save = () => {
    memory = held;
    try { held ? localStorage.setItem(KEY, JSON.stringify(held)) : localStorage.removeItem(KEY); } catch { /* this page alone */ }
  };
  const token = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const uuid = () => [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte, at) => ((at === 6 ? byte & 15 | 64 : at === 8 ? byte & 63 | 128 : byte) + 256).toString(16).slice(1))
    .join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  // text/plain: no second request beforehand to ask whether this one is allowed
  const post = (path, given, options) => lw.ask(`/chat${path}`, { method: "POST", body: JSON.stringify(given), ...options });
  const ask = (what, given, options) => post(`/${held.id}/${what}`, { token: held.token, ...given }, options);

  // ---- What is shown.
  function make(tag, props = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (name in made && name !== "role") made[name] = value; else made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child != null));
    return made;
  }
  const icon = (path) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true" })) svg.setAttribute(name, value);
    const drawn = document.createElementNS("http://www.w3.org/2000/svg", "path");
    drawn.setAttribute("d", path);
    svg.append(drawn);
    return svg;
  };
  const host = make("leadwake-chat", { lang: es ? "es" : "en" }), root = host.attachShadow({ mode: "open" });
  const count = make("span", { className: "count", hidden: true });
  const launch = make("button", { className: "launch", type: "button", "aria-haspopup": "dialog", "aria-label": say.open },
    icon("M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-6 5v-5H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z"), count);
  const title = make("h2", { id: "title" }), who = make("p", { className: "who" });
  const shut = make("button", { className: "shut", type: "button", "aria-label": say.close }, "×");
  const note = make("p", { className: "note", role: "status" });
  const first = make("form", { className: "first", noValidate: true });
  const lines = make("ol"), log = make("div", { className: "log", role: "log", "aria-label": say.talk, tabIndex: 0, hidden: true }, lines);
  const box = make("textarea", { rows: 1, maxLength: MAX, placeholder: say.write, "aria-label": say.write, enterKeyHint: "send" });
  const go = make("button", { className: "go", "aria-label": say.start }, icon("M2 21 23 12 2 3v7l15 2-15 2z"));
  const talk = make("form", { className: "talk", hidden: true }, box, go);
  const end = make("button", { className: "end", type: "button", hidden: true }, say.end);
  const panel = make("div", { className: "panel", role: "dialog", "aria-modal": "true", "aria-labelledby": "title", hidden: true },
    make("header", {}, make("div", {}, title, who), shut), first, log, note, talk, end);
  root.append(launch, panel);
  lw.style(`
    :host{--accent:var(--leadwake-chat-colour,var(--own,#0b5c6b));--on:var(--leadwake-chat-ink,var(--own-ink,#fff));--back:#fff;--ink:#1c2024;--soft:#4d565e;--line:#c3cad0;--wash:#eef2f4;--bad:#a1161c;all:initial;font:16px/1.45 system-ui,sans-serif;color:var(--ink)}
    @media(prefers-color-scheme:dark){:host{--back:#171b1f;--ink:#eef1f3;--soft:#b3bcc4;--line:#4a545c;--wash:#252b30;--bad:#ff9b95}}
    *{box-sizing:border-box;font:inherit;color:inherit}[hidden]{display:none!important}
    button{cursor:pointer;border:0;background:none}svg{width:1.6rem;height:1.6rem;fill:currentColor;display:block;margin:auto}
    :focus-visible{outline:3px solid var(--ink);outline-offset:2px;box-shadow:0 0 0 2px var(--back)}
    .launch{position:fixed;right:calc(var(--leadwake-chat-right,1rem) + env(safe-area-inset-right));bottom:calc(var(--leadwake-chat-bottom,1rem) + env(safe-area-inset-bottom));width:3.5rem;height:3.5rem;border-radius:50%;background:var(--accent);color:var(--on);box-shadow:0 2px 10px #0005;z-index:2147483000}
    .count{position:absolute;top:-.3rem;right:-.3rem;min-width:1.5rem;border-radius:1rem;background:var(--bad);color:var(--back);font-size:.85rem;font-weight:600;line-height:1.5rem}
    .panel{position:fixed;right:calc(var(--leadwake-chat-right,1rem) + env(safe-area-inset-right));bottom:calc(var(--leadwake-chat-bottom,1rem) + env(safe-area-inset-bottom));width:23rem;max-height:min(38rem,calc(100vh - 2rem));display:flex;flex-direction:column;background:var(--back);border:1px solid var(--line);border-radius:1rem;box-shadow:0 8px 30px #0006;overflow:hidden;z-index:2147483000}
    header{display:flex;gap:.5rem;justify-content:space-between;padding:.8rem 1rem;background:var(--accent);color:var(--on)}header :focus-visible{outline-color:var(--on);box-shadow:none}
    h2{margin:0;font-weight:600;font-size:1.1rem;overflow-wrap:anywhere}.who{margin:.15rem 0 0;font-size:.9rem}.shut{flex:none;width:2.75rem;height:2.75rem;margin:-.3rem -.5rem 0 0;font-size:1.6rem;line-height:1}
    form{margin:0}.first{padding:1rem;display:grid;gap:.7rem;overflow:auto}.first p{margin:0}label{display:grid;gap:.2rem;font-size:.9rem;color:var(--soft)}
    input:not([type=checkbox]),textarea{width:100%;padding:.6rem .7rem;border:1px solid var(--soft);border-radius:.6rem;background:var(--back);color:var(--ink);font-size:1rem}textarea{resize:none}::placeholder{color:var(--soft);opacity:1}
    .box{grid-template-columns:auto 1fr;align-items:start;gap:.6rem;font-size:.85rem}input[type=checkbox]{width:1.25rem;height:1.25rem;margin:.1rem 0;accent-color:var(--accent)}
    .wrong,[aria-invalid=true]{border-color:var(--bad)!important}.bad{color:var(--bad);font-size:.85rem}
    .main{padding:.7rem 1rem;min-height:2.75rem;border-radius:.6rem;background:var(--accent);color:var(--on);font-weight:600}.main:disabled{opacity:.7}a{color:inherit;text-decoration:underline;overflow-wrap:anywhere}small{font-size:.85rem;color:var(--soft)}
    .log{flex:1;min-height:10rem;padding:1rem;overflow:auto;overscroll-behavior:contain}ol{margin:0;padding:0;list-style:none;display:flex;flex-direction:column;gap:.7rem}.log:focus-visible{outline-offset:-3px;box-shadow:none}
    li{max-width:85%;align-self:flex-start}li p{margin:0;padding:.5rem .8rem;border-radius:1rem 1rem 1rem .3rem;background:var(--wash);white-space:pre-wrap;overflow-wrap:anywhere}li small{display:block;margin:0 .3rem .1rem}
    li.you{align-self:flex-end}.you p{background:var(--accent);color:var(--on);border-radius:1rem 1rem .3rem 1rem}.you small{text-align:right}.wait p{opacity:.75}
    .note{margin:0;padding:0 1rem .5rem;font-size:.85rem;color:var(--soft)}.note:empty{display:none}
    .talk{display:flex;gap:.5rem;align-items:flex-end;padding:.6rem .8rem;border-top:1px solid var(--line)}.talk textarea{max-height:8rem;field-sizing:content}.go{flex:none;width:2.75rem;height:2.75rem;border-radius:.6rem;background:var(--accent);color:var(--on)}
    .end{align-self:center;padding:.4rem .8rem;min-height:2rem;margin-bottom:.3rem;font-size:.85rem;color:var(--soft);text-decoration:underline}
    @media(max-width:480px){.panel{top:0;right:0;bottom:auto;left:0;width:auto;height:var(--tall,100%);max-height:none;border:0;border-radius:0;padding-bottom:env(safe-area-inset-bottom)}.first{flex:1;align-content:start}}
    @media(prefers-reduced-motion:no-preference){.panel{animation:in .15s ease-out}@keyframes in{from{opacity:0;transform:translateY(.5rem)}}}
    @media print{:host{display:none}}`, root);

  // ---- The small form at the beginning.
  const fields = {
    name: make("input", { name: "name", autocomplete: "name", maxLength: 150 }),
    contact: make("input", { name: "contact", autocomplete: "tel", maxLength: 320 }),
    message: make("textarea", { name: "message", rows: 3, maxLength: MAX }),
  };
  const hello = make("p"), agree = make("input", { type: "checkbox" });
  const start = make("button", { className: "main" }, say.start);
  const labelled = (label, field) => make("label", {}, label, Object.assign(field, { required: true }),
    make("span", { className: "bad", id: `${field.name}-bad`, hidden: true }));

  function drawForm(look) {
    hello.textContent = look.greeting || say.hello;
    first.textContent = "";
    first.append(hello, labelled(say.name, fields.name), labelled(say.contact, fields.contact),
      labelled(say.question, fields.message));
    if (look.box) first.append(make("label", { className: "box" }, agree, make("span", {}, `${look.box.words} ${say.optional}`)));
    first.append(start);
    if (look.privacy) first.append(make("small", {}, make("a", { href: look.privacy, target: "_blank", rel: "noopener" }, say.privacy)));
  }

  function wrong(names) {
    for (const [name, field] of Object.entries(fields)) {
      const is = names.includes(name), said = field.nextSibling;
      field.setAttribute("aria-invalid", is);
      is ? field.setAttribute("aria-describedby", said.id) : field.removeAttribute("aria-describedby");
      said.hidden = !is;
      said.textContent = is ? say.wrong[name] : "";
    }
    const at = Object.keys(fields).find((name) => names.includes(name));
    if (at) fields[at].focus();
    return names.length > 0;
  }

  // Whose words stood beside the box, and how: what proves the tick.
  let look, draft, tickedAt = 0;
  agree.addEventListener("change", (event) => { tickedAt = agree.checked && event.isTrusted ? performance.now() : 0; });
  const shown = () => ({
    token: look.box.token, ticked_s: tickedAt ? (performance.now() - tickedAt) / 1000 : null, url: location.href.slice(0, 2000),
    screen: `${screen.width}x${screen.height}`, viewport: `${innerWidth}x${innerHeight}`, language: navigator.language,
    text: first.innerText.slice(0, 6000),
  });
  first.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (start.disabled || wrong(Object.keys(fields).filter((name) => !fields[name].value.trim()))) return;
    draft = draft || { id: uuid(), token: token() };
    const given = { ...draft, language: es ? "es" : "en", page: location.href.slice(0, 2000), visitor: lw.visitor() || "" };
    for (const name in fields) given[name] = fields[name].value.trim();
    if (look.box && agree.checked) Object.assign(given, { agreed: true, shown: shown() });
    start.disabled = true;
    start.textContent = say.sending;
    try {
      const answer = await stubborn(() => post("", given), 4);
      if (answer.status === 422) {
        draft = null; // other words are another question
        wrong(Object.keys((await answer.json()).errors || {}));
      } else if (answer.ok) {
        held = { ...draft, seen: 0, out: [] };
        draft = null;
        save();
        note.textContent = "";
        draw();
        box.focus();
      } else {
        if (answer.status === 409) draft = null;
        throw answer.status;
      }
    } catch { note.textContent = say.away; }
    start.disabled = false;
    start.textContent = say.start;
  });

  // The same again is the same: what failed on the way is simply sent once more.
  async function stubborn(send, tries) {
    for (let n = 0; ; n++) {
      try {
        const answer = await send();
        if (answer.status < 500 && answer.status !== 429 || n >= tries) return answer;
        await sleep(1000 * Math.min(30, answer.headers.get("Retry-After") || 2 ** n));
      } catch (error) {
        if (n >= tries) throw error;
        await sleep(1000 * Math.min(30, 2 ** n));
      }
    }
  }

  // ---- The conversation.
  let last = 0, touched = 0, pageTitle = null, ours = [];
  const isWatched = () => !panel.hidden && !document.hidden;

  function bubble(side, by, text, at) {
    const words = make("p");
    for (const part of text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/)) {
      words.append(/^https?:/.test(part) ? make("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part);
    }
    const clock = at.toLocaleTimeString(es ? "es" : "en-US", { hour: "numeric", minute: "2-digit" });
    return make("li", { className: side }, make("small", {}, `${by} · ${clock}`), words);
  }

  function add(line) {
    if (line.number <= last) return;
    last = line.number;
    const by = line.side === "you" ? say.you : line.by || look.business;
    const shown = bubble(line.side, by, line.text, new Date(line.at));
    const waiting = line.ref && lines.querySelector(`[data-ref="${CSS.escape(line.ref)}"]`);
    if (waiting) waiting.replaceWith(shown); else lines.insertBefore(shown, lines.querySelector(".wait"));
    if (line.side === "you") return;
    ours.push(line.number);
    touched = Date.now();
    if (document.hidden && line.number > held.seen) {
      if (pageTitle === null) pageTitle = document.title;
      document.title = `● ${pageTitle}`;
    }
  }

  function news(told) {
    if (!held) return;
    if (!told.open) return over();
    const isLow = log.scrollTop + log.clientHeight > log.scrollHeight - 80;
    told.lines.forEach(add);
    note.textContent = told.writing ? say.writing.replace("{}", told.writing) : "";
    if (told.lines.length && isLow) log.scrollTop = log.scrollHeight;
    look_();
  }

  // Whatever stands open on the screen has been seen; what does not is counted on the button.
  function look_() {
    if (!held) return;
    const unread = ours.filter((number) => number > held.seen).length;
    if (unread && isWatched()) {
      held.seen = last;
      save();
      stubborn(() => ask("seen", { upto: last }), 3).catch(() => {});
      return look_();
    }
    count.hidden = !unread;
    count.textContent = unread;
    launch.setAttribute("aria-label", unread ? `${say.open}, ${say.unread.replace("{}", unread)}` : say.open);
  }

  function write() {
    const text = box.value.trim();
    if (!text || !held) return;
    held.out.push({ ref: uuid(), text });
    save();
    box.value = "";
    box.focus();
    flush();
  }
  talk.addEventListener("submit", (event) => { event.preventDefault(); write(); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); write(); }
  });

  // One after the other, in the order in which they were written; what is not sent yet survives a change of the page.
  let isFlushing = false;
  async function flush() {
    for (const { ref, text } of held?.out || []) {
      if (lines.querySelector(`[data-ref="${ref}"]`)) continue;
      const shown = bubble("you", say.you, text, new Date());
      shown.classList.add("wait");
      shown.dataset.ref = ref;
      lines.append(shown);
      log.scrollTop = log.scrollHeight;
    }
    if (isFlushing) return;
    isFlushing = true;
    touched = Date.now();
    while (held?.out.length) {
      const one = held.out[0], away = setTimeout(() => { note.textContent = say.away; }, 4000);
      const answer = await stubborn(() => ask("messages", one), 1e6);
      clearTimeout(away);
      if (note.textContent === say.away) note.textContent = "";
      if (!held) break;
      if (answer.status === 404 || answer.status === 403) { over(); break; }
      held.out = held.out.filter((other) => other.ref !== one.ref);
      save();
      kick();
    }
    isFlushing = false;
  }

  // ---- What comes: as it comes, or asked for every few seconds where no stream gets through.
  let isFollowing = false, noStreamUntil = 0, kick = () => {};
  async function follow() {
    if (isFollowing) return;
    isFollowing = true;
    for (let failures = 0, pause = 3000; held;) {
      const before = last;
      try {
        const isStream = Date.now() > noStreamUntil;
        const answer = await (isStream ? streamed() : ask("lines", { after: last }));
        if (answer?.status === 404) { over(); break; }
        if (answer && !answer.ok) throw answer.status;
        if (answer) news(await answer.json());
        failures = 0;
        pause = last > before || Date.now() - touched < 60000 ? 3000 : Math.min(15000, pause * 1.5);
        if (isStream) pause = 500;
      } catch {
        pause = Math.min(15000, 1000 * 2 ** failures++) * (0.7 + Math.random() * 0.6);
      }
      await Promise.race([sleep(pause), new Promise((now) => { kick = now; })]);
      // in a tab that nobody has looked at for long, nothing is asked until somebody does
      if (document.hidden && Date.now() - touched > 6e5) await new Promise((now) => addEventListener("visibilitychange", now, { once: true }));
    }
    isFollowing = false;
  }

  // Nothing when it ended as streams do; the answer when it is none.
  async function streamed() {
    const abort = new AbortController();
    let timer = setTimeout(() => abort.abort(), 6000), isThrough = false;
    try {
      const answer = await ask("stream", { after: last }, { signal: abort.signal });
      if (answer.status === 503 || answer.status === 429) noStreamUntil = Date.now() + 60000; // no room for one more
      if (!answer.ok) return answer;
      const reader = answer.body.getReader(), text = new TextDecoder();
      for (let rest = ""; ;) {
        const { done, value } = await reader.read();
        if (done || !held) return null;
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), 30000);
        isThrough = true;
        const parts = (rest + text.decode(value, { stream: true })).split("\n\n");
        rest = parts.pop();
        for (const part of parts) if (part.startsWith("data: ")) news(JSON.parse(part.slice(6)));
      }
    } catch (error) {
      if (!isThrough) noStreamUntil = Date.now() + 60000; // something on the way holds streams back
      throw error;
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  }

  // ---- Open, close, begin, end.
  function draw() {
    first.hidden = !!held;
    log.hidden = talk.hidden = end.hidden = !held;
    if (held) { flush(); follow(); }
  }
  function over() {
    held = null;
    last = 0;
    ours = [];
    save();
    lines.textContent = "";
    draw();
    count.hidden = true;
    note.textContent = say.over;
  }
  const isSheet = matchMedia("(max-width:480px)");
  let scrolls = "";
  function open() {
    if (!panel.hidden) return;
    panel.hidden = false;
    launch.hidden = true;
    launch.setAttribute("aria-expanded", "true");
    if (isSheet.matches) {
      scrolls = document.documentElement.style.overflow;
      document.documentElement.style.overflow = "hidden";
    }
    (held ? box : fields.name.value ? fields.message : fields.name).focus();
    log.scrollTop = log.scrollHeight;
    look_();
  }
  function close() {
    panel.hidden = true;
    launch.hidden = false;
    launch.setAttribute("aria-expanded", "false");
    document.documentElement.style.overflow = scrolls;
    launch.focus();
  }
  launch.addEventListener("click", open);
  shut.addEventListener("click", close);
  end.addEventListener("click", () => {
    if (end.textContent === say.end) {
      end.textContent = say.sure;
      setTimeout(() => { end.textContent = say.end; }, 4000);
      return;
    }
    const gone = held;
    if (gone) stubborn(() => post(`/${gone.id}/end`, { token: gone.token }), 3).catch(() => {});
    end.textContent = say.end;
    over();
    fields.message.value = "";
    fields.name.focus();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); close(); }
    if (event.key !== "Tab") return;
    const stops = [...panel.querySelectorAll("button,input,textarea,a,[tabindex]")].filter((one) => one.offsetParent && !one.disabled);
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (root.activeElement === edge) { event.preventDefault(); (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus(); }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-leadwake-open-chat]")) { event.preventDefault(); open(); }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    if (pageTitle !== null) document.title = pageTitle;
    pageTitle = null;
    kick();
    look_();
  });
  // another tab of the same visitor
  addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    const there = load();
    if (!there && held) return over();
    if (there && !held) { held = there; draw(); }
    if (there && held) { held.seen = Math.max(held.seen, there.seen); look_(); }
  });
  visualViewport?.addEventListener("resize", () => panel.style.setProperty("--tall", `${visualViewport.height}px`));

  // White or black on the team's own colour, whichever is read more easily.
  function colour(hex) {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    host.style.setProperty("--own", hex);
    host.style.setProperty("--own-ink", 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff");
  }

  (async () => {
    const answer = await stubborn(() => lw.ask(`/chat/look?lang=${es ? "es" : "en"}`), 5);
    if (!answer.ok) return;
    look = await answer.json();
    title.textContent = look.business;
    who.textContent = look.answering;
    if (look.colour) colour(look.colour);
    drawForm(look);
    held = load();
    draw();
    document.body.append(host);
  })().catch(() => {});
  lw.chat = { open, close };
})();
