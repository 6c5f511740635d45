"""The HTML that a team pastes into its website, so that whoever fills it in is a lead here."""

from __future__ import annotations

from html import escape

from leadwake.domain.registered_form import RegisteredForm
from leadwake.intake.form import HONEYPOT
from leadwake.workflows import heard

_FIELDS = (
    ("name", "Name", "text", "name"),
    ("phone", "Phone", "tel", "tel"),
    ("email", "E-mail", "email", "email"),
)


def html(base: str, form: RegisteredForm | None = None) -> str:
    """
    A form that posts to us. base: scheme and host that browsers reach us at.

    form: a registered one, with its name and the exact wording somebody vouched for; None: a form that asks for no
    consent beyond an answer. The hidden field is bait for robots.
    """
    name = form.name if form else heard.FORM
    lines = [f'<form action="{escape(base)}/forms/{escape(name)}" method="post">']
    for field, label, kind, fill in _FIELDS:
        required = " required" if field == "name" else ""
        lines.append(
            f'  <p><label>{label} <input name="{field}" type="{kind}" autocomplete="{fill}"{required}></label></p>'
        )
    lines.append('  <p><label>How can we help? <textarea name="message" rows="4"></textarea></label></p>')
    if form:
        if not form.signs_by_name:
            lines.append(
                '  <p><label>Signature (type your name) <input name="signature" autocomplete="name"></label></p>'
            )
        wording = escape(form.wording)
        lines.append(f'  <p><label><input name="sms_consent" type="checkbox" value="yes"> {wording}</label></p>')
    bait = f'<input name="{HONEYPOT}" tabindex="-1" autocomplete="off">'
    lines.append(
        f'  <p style="position:absolute;left:-9999px" aria-hidden="true"><label>Leave empty {bait}</label></p>'
    )
    return "\n".join([*lines, "  <p><button>Send</button></p>", "</form>"])
