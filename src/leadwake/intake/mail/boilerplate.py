"""The machinery of a mail: how to answer, where to click, whose mail it is; no person's words."""

from __future__ import annotations

from leadwake.intake.phrases import any_of

_BOILERPLATE = any_of(r"""
(?:please )?(?:view|see|open|manage|click|tap|log ?in|sign in|reply|respond|visit|go to|download|call now|contact now)\b
  .{0,80}(?:\b(?:leads?|submissions?|details|account|here|link|e-?mail|message|app|dashboard|profile|contact|respond|reply|inbox
  |inquiry|request|online|website|portal|property|listing)\b|https?:)
(?:to|you can|you may|simply|just) (?:reply|respond|view|contact|see|unsubscribe|stop|manage|opt|call|reach)\b
this (?:consumer|lead|buyer|renter|customer|user|person|prospect|visitor|e-?mail|message|inquiry|mail|notification|form
  |request|submission|contact) (?:was|is|inquired|has|came|contains|asked|were|originated|requested)\b
(?:sent|submitted|delivered|powered|generated|received) (?:from|via|by|at|on|through)\b
©|\(c\)|copyright|all rights reserved|unsubscribe|privacy policy|terms of|do not reply|please do not|don'?t want
you(?:'re| are)? (?:receiv|received|are getting|have received)|you received this|need help\?|questions\?
(?:log ?in|sign in|(?:view|open) (?:lead|details)|(?:respond|call|reply) now)[.!]?$
happy \w+ing\b|(?:thanks|cheers|sincerely)?,? ?(?:the|your) .{2,30} (?:team|concierge|coordinator|rep),?$|-- ?$
original (?:post|listing|ad)\b|original craigslist
(?:does|is) this (?:submission|message|e-?mail|lead)\b
if you (?:no longer|did ?n[o']t|(?:think|believe|feel) (?:this|that this|you))\b
(?:este|esta) (?:mensaje|correo|formulario|solicitud|notificaci[oó]n|e-?mail)\b
(?:enviad[oa]|generad[oa]) (?:desde|por)\b
https?://\S+$
""")


def is_boilerplate(text: str) -> bool:
    """Whether a line is the sender's machinery and no person's words."""
    return _BOILERPLATE.match(text.strip(" >*-•|_")) is not None
