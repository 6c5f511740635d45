// What form.js shows: its words in English and Spanish, its looks, and the fields of a form it makes.
(() => {
  "use strict";
  const leadwake = window.leadwake;
  if (!leadwake || leadwake.fields) return;

  const say = leadwake.spanish ? {
    name: "Nombre", phone: "Teléfono", email: "Correo electrónico", message: "¿En qué podemos ayudarle?",
    signature: "Firma: escriba su nombre completo", postal_code: "Código postal", send: "Enviar", bait: "Deje esto vacío",
    either: "Basta con uno de los dos: teléfono o correo.",
    noName: "Escriba su nombre.", noContact: "Escriba un teléfono o un correo electrónico.",
    badPhone: "Un número con su código de área, como 813 555 0142.", badEmail: "Una dirección como ana@example.com.",
    noSignature: "Escriba su nombre completo: es su firma.", wrong: "Revise lo marcado.",
    sending: "Enviando…", offline: "Sin conexión. Lo que escribió sigue aquí y se envía solo en cuanto vuelva.",
    again: "No pudo enviarse. Lo que escribió sigue aquí y se intenta otra vez enseguida.",
    edited: "Pulse Enviar cuando termine.", failed: "No pudo enviarse. Inténtelo más tarde o llámenos.",
    changed: "El texto junto a la casilla cambió. Léalo de nuevo.", thanks: "Gracias",
    text: "Recibirá un mensaje de texto en un minuto.", mail: "Recibirá un correo en un minuto.",
    later: "Tenemos su mensaje; le escribiremos en cuanto la hora lo permita.",
    person: "Tenemos su mensaje; una persona le responderá.",
  } : {
    name: "Name", phone: "Phone", email: "E-mail", message: "How can we help?",
    signature: "Signature: type your full name", postal_code: "ZIP code", send: "Send", bait: "Leave this empty",
    either: "One of the two is enough: phone or e-mail.",
    noName: "Write your name.", noContact: "Write a phone number or an e-mail address.",
    badPhone: "A number with its area code, such as 813 555 0142.", badEmail: "An address such as ana@example.com.",
    noSignature: "Type your full name: it is your signature.", wrong: "Please look at what is marked.",
    sending: "Sending…", offline: "No connection. What you wrote is kept here, and goes by itself once there is one.",
    again: "It did not go through. What you wrote is kept here, and it is tried again in a moment.",
    edited: "Press Send when you are done.", failed: "It could not be sent. Try again later, or call us.",
    changed: "The words beside the box have changed. Please read them again.", thanks: "Thank you",
    text: "You will have a text within a minute.", mail: "You will have an e-mail within a minute.",
    later: "We have your message, and a text follows as soon as the hour allows it.",
    person: "We have your message, and a person will answer you.",
  };
  const KINDS = { phone: "tel", email: "email" };
  const FILL = { name: "name", phone: "tel", email: "email", postal_code: "postal-code" };
  const RULES = `
:where(.leadwake-form) { display: grid; gap: var(--leadwake-gap, 1rem); max-width: var(--leadwake-width, 32rem); font: inherit; }
:where(.leadwake-form) :where(p) { margin: 0; }
:where(.leadwake-row) { display: grid; gap: .3rem; }
:where(.leadwake-row) :where(input, textarea) { box-sizing: border-box; width: 100%; min-height: 2.75rem; padding: .55rem .7rem; font: inherit; font-size: max(1em, 16px); color: inherit; background: var(--leadwake-field, transparent); border: 1px solid var(--leadwake-line, currentColor); border-radius: var(--leadwake-radius, .4rem); }
:where(.leadwake-consent) { display: grid; grid-template-columns: auto 1fr; gap: .3rem .7rem; align-items: start; font-size: .9em; }
:where(.leadwake-consent) :where(input) { width: 1.5rem; height: 1.5rem; margin: 0; }
:where(.leadwake-send) { justify-self: start; min-height: 2.75rem; padding: .55rem 1.4rem; font: inherit; font-weight: 600; cursor: pointer; color: var(--leadwake-on-accent, #fff); background: var(--leadwake-accent, #0b5563); border: 0; border-radius: var(--leadwake-radius, .4rem); }
:where(.leadwake-send[aria-disabled]) { opacity: .75; cursor: default; }
:where(.leadwake-hint) { font-size: .9em; }
:where(.leadwake-error) { color: var(--leadwake-error, light-dark(#b3261e, #ffb4ab)); font-size: .9em; grid-column: 1 / -1; }
:where([data-leadwake-wrong]) { outline: 2px solid var(--leadwake-error, #b3261e); outline-offset: 1px; }
`;
  let count = 0;
  const nextId = () => `leadwake-${++count}`;

  function make(tag, values, ...inside) {
    const made = Object.assign(document.createElement(tag), values);
    made.append(...inside);
    return made;
  }

  function row(name) {
    const id = nextId(), long = name === "message";
    const field = make(long ? "textarea" : "input", { id, name, ...(long ? { rows: 4 } : { type: KINDS[name] || "text" }) });
    if (FILL[name]) field.autocomplete = FILL[name];
    if (name === "name") field.required = true;
    const made = make("p", { className: "leadwake-row" }, make("label", { htmlFor: id, textContent: say[name] || name }), field);
    if (name === "email") {
      const hint = make("span", { className: "leadwake-hint", id: nextId(), textContent: say.either });
      field.setAttribute("aria-describedby", hint.id);
      made.append(hint);
    }
    return made;
  }

  function built(place) {
    const names = (place.dataset.fields || "name,phone,email,message").split(",").map((name) => name.trim()).filter(Boolean);
    const form = make("form", { className: "leadwake-form", method: "post" }, ...names.map(row));
    form.append(make("button", { className: "leadwake-send", textContent: place.dataset.send || say.send }));
    form.dataset.leadwake = place.dataset.leadwakeForm || "website";
    place.replaceChildren(form);
    return form;
  }

  // What is wrong stands beside its field, and is told with it.
  function marking(form) {
    function wrong(key, text) {
      const where = form.querySelector(`[name="${key}"]`);
      if (!where) return;
      const error = make("span", { className: "leadwake-error", id: nextId(), textContent: text });
      where.dataset.leadwakeWrong = where.getAttribute("aria-describedby") || "";
      where.setAttribute("aria-invalid", "true");
      where.setAttribute("aria-describedby", `${error.id} ${where.dataset.leadwakeWrong}`.trim());
      where.after(error);
    }

    function right() {
      form.querySelectorAll(".leadwake-error").forEach((error) => error.remove());
      form.querySelectorAll("[data-leadwake-wrong]").forEach((where) => {
        where.removeAttribute("aria-invalid");
        if (where.dataset.leadwakeWrong) where.setAttribute("aria-describedby", where.dataset.leadwakeWrong);
        else where.removeAttribute("aria-describedby");
        delete where.dataset.leadwakeWrong;
      });
    }

    const first = () => form.querySelector("[data-leadwake-wrong]");
    return { wrong, right, first };
  }

  leadwake.fields = { say, make, nextId, row, built, marking, dress: () => leadwake.style(RULES) };
})();
