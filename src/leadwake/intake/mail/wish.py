"""Whether a person who writes to us by hand wants something of us, or sells, or deals in the same houses."""

from __future__ import annotations

import re

from leadwake.intake.phrases import any_of

_TEXT_CHARS = 4_000
#: what a person says who asks us for something
_WISH = any_of(r"""
\b(?:i|we) ?(?:am|'m|’m|are|'re|’re|was|were|would be|might be|may be)? ?(?:also |very |really |just )?(?:interested
  |looking|hoping|thinking|considering|planning|ready to|moving|relocating|searching|in the market|wondering|inquiring
  |wanting|curious|shopping|trying to)\b
\b(?:i|we)(?:'d| would|’d) (?:like|love|appreciate|be interested)\b
\bwould (?:like|love) to\b
\b(?:i|we) (?:want|need|saw|found|came across|noticed)\b
\bstill (?:on the market|available|for (?:sale|rent|lease))\b
\b(?:is|are) (?:it|this|the|that|there|these)\b.{0,60}\bavailable\b
\b(?:can|could|may|might) (?:i|we|you|someone)\b.{0,40}\b(?:see|schedule|view|tour|get|send|call|quote|show|come|help)\b
\b(?:schedule|arrange|book|set up) a\b
\b(?:need|want|get|like|looking for|request|requesting) (?:a |an |some )?(?:\w+ )?(?:quote|coverage|insurance|policy
  |estimate|showing|tour)\b
\bhow much\b|\bwhat(?:'s|’s| is) (?:the|my|our)\b
\bplease (?:call|contact|send|let me know|get in touch|text|email|quote)\b
\b(?:interested in|looking (?:for|to))\b
\bdo you (?:guys |also )?(?:manage|sell|write|insure|handle|cover|rent|lease|have (?:an?|any|something)(?! offers?))\b
\bmake an offer\b|\b(?:call|phone|telephone|text|e-?mail) me\b
\b(?:la|lo|las|los) puedo ver\b|\bpuedo ver(?:la|lo)?\b|\bcu[aá]nto piden\b
\b(?:quisiera|quiero|queremos|me gustar[ií]a|nos gustar[ií]a|me interesa|nos interesa|estoy interesad[oa]
  |estamos buscando|busco|buscamos|estoy buscando|necesito|necesitamos|sigue disponible|est[aá] disponible
  |cu[aá]nto (?:cuesta|ser[ií]a|vale))\b
""")
#: what we sell
_TOPIC = any_of(r"""
\b(?:homes?|house|property|apartments?|apt|condo|townhouse|townhome|listing|unit|rent|rentals?|lease|quote|insurance
  |insured|premium|deductible|studios?|acres?|acreage|neighborhoods?|relocating|downsiz\w+|bedrooms|beds?|\d+k
  |coverage|policy|tour|showing|viewing|roof|mortgage|car|vehicle|buy|buying|sell|selling|move|moving|bedroom|\d ?br
  |seguro|cotizaci[oó]n|casa|propiedad|apartamento|departamento|renta|alquiler|alquilar|rentar|vender|comprar|terreno
  |mls|place|lot|land|duplex|open house|price|available)\b
""")
#: a house number and a name: what a subject is about
_HOUSE = re.compile(r"\s*(?:\w+: ?)?\d{1,6} [A-Z]")
#: what people say who want to sell us something, or worse
_PITCH = any_of(r"""
\bour (?:crm|platform|software|services?|product|solution|agency|tool|system|clients|app|ai)\b
\b(?<!can )(?<!if )(?<!should )(?<!could )we (?:help|offer|provide|specialize|build|generate|guarantee)\b|\bi help\b
\bwe work with (?:agents|agenc(?:ies)|brokers|realtors|companies|businesses|teams|investors)\b
\b(?:demo|seo|search engine|rank(?:ing)?s?|web(?:site)? design|(?:increase|grow|boost|double|scale) your)\b
\b(?:more (?:leads|listings|clients|business|sales)|partnership|guest post|backlinks?|outsourc\w+|unsubscribe
  |opt[- ]?out|virtual assistant|exclusive leads|free trial|pricing plans?|case stud(?:y|ies)|circle back
  |quick call|your (?:next|upcoming) (?:listing|closing|project)|join(?:ing)? (?:our|your) (?:team|network|brokerage)
  |your (?:split|production)|looking for a brokerage
  |(?:agents?|realtors?|brokers?|agenc(?:y|ies)|teams?) like yours?
  |following up on my (?:last|previous)|your (?:clients|buyers|sellers|pipeline
  |brokerage|competitors)|webinar|\d+% discount|limited time)\b
\b(?:transfer(?:ring)? (?:of )?(?:the sum|\$|usd)|invest \$?[\d.]+ million|million (?:us )?(?:dollars|usd)|inheritance
  |lottery|crypto\w*|bitcoin|business proposal|working capital|represent a client)\b
""")
#: what nobody says in a form who wants what we sell
_SPAM = any_of(r"""
\bseo (?:services?|packages?|audits?|experts?|work|strateg\w+|plans?)\b|\b(?:your|affordable) (?:\w+ )?seo\b
\b(?:search engine optimi[sz]ation|backlinks?|guest posts?|sponsored (?:posts?|articles?)|do-?follow|link building
  |domain authority|web(?:site)? (?:re)?design (?:services?|agency|company|packages?)|redesign your (?:web)?site)\b
\bfirst page (?:of|on) (?:google|bing)\b|\b(?:google|bing)(?:['’]?s)? first page\b
\b(?:rank|ranking) (?:higher|on google)\b
\b(?:merchant cash|working capital loans?|(?:crypto|bitcoin) (?:invest\w*|trading|wallets?)|online casinos?|casino bonus
  |outsource your|outsourcing (?:services|company|partner)|explainer videos?|email lists?
  |lead generation (?:service|agency|company)|pay per (?:appointment|lead))\b
\b(?:agents|realtors|brokers|agencies|businesses|companies) like yours?\b|\b(?:hire|our) virtual assistants?\b
\b(?:exclusive|qualified|fresh|aged|more) (?:\w+ )?leads\b
""")
#: what those say who deal in the same houses as we do
_TRADE = any_of(r"""
\bmy (?:clients?|buyers?|sellers?|customers?)\b|\b(?:submit\w*|present\w*) (?:an |our |the )?offer\b
\bour offer\b|\bescrow\b|\bcommission (?:split|check|statement|offered|paid)\b
\bi have (?:an? )?(?:\w+ ){0,2}(?:buyer|client|seller|tenant)s?\b|\bbuyer['’]?s agent\b|\bco-?broke\w*
, realtor®?(?=\n|$)|\bdre ?#|\bnmls\b|\bbroker associate\b
\bid cards?\b|, (?:loan|escrow) officer\b|\bfile a claim\b|\bcancel my\b|\b(?:is|are) parked\b
\bloss runs\b|\bunderwrit\w+|\b(?:not|n['’]t) working\b(?! with)|\bstill (?:broken|leaking)\b
\bearnest\b|\bcounter ?offer\b|\bthe appraisal\b|\bco-?op agent\b|\blisting agreement\b
""")


def is_wish(subject: str, text: str) -> bool:
    """Whether a person's own words ask us for something that we sell, and sell us nothing."""
    said = f"{subject}\n{text}"[:_TEXT_CHARS]
    if _PITCH.search(said) or _TRADE.search(said):
        return False
    return bool(_WISH.search(said)) and (bool(_TOPIC.search(said)) or _HOUSE.match(subject) is not None)


def is_spam(text: str) -> bool:
    """Whether what somebody left in a form sells us something."""
    return _SPAM.search(text[:_TEXT_CHARS]) is not None
