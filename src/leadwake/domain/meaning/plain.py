"""A message in plain words: small letters, no accents, slang written out, what others wrote left out. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

READ_CHARS: Final = 4_000

#: from here on nothing is the writer's own
_BELOW: Final = re.compile(
    r"^\s*(?:on .{5,80} wrote:|el .{5,80} escribi.{0,4}:|-{2,}\s*(?:original|forwarded) message|from: .+@.+|_{10,})",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_OWN: Final = re.compile(
    r"^\s*(?:>.*|sent from my .*|get outlook .*|enviado desde .*)$", re.IGNORECASE | re.MULTILINE
)
_NOT: Final = {"can": "can not", "won": "will not", "shan": "shall not"}
_ENDS: Final = {"re": "are", "ve": "have", "ll": "will", "d": "would", "m": "am"}
_IS: Final = re.compile(r"\b(that|what|it|where|who|how|he|she|there|here|when|everything|name)'s\b")
_WRITTEN_OUT: Final = {
    "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "thx": "thanks", "ty": "thanks",
    "thnx": "thanks", "tmrw": "tomorrow", "tmr": "tomorrow", "tmw": "tomorrow", "tomorow": "tomorrow",
    "tom": "tomorrow", "rn": "right now", "lmk": "let me know", "idk": "i do not know", "btw": "by the way",
    "asap": "right away", "wknd": "weekend", "appt": "appointment", "appts": "appointments", "mtg": "meeting",
    "abt": "about", "cuz": "because", "bc": "because", "gonna": "going to", "wanna": "want to", "gotta": "have to",
    "gimme": "give me", "lemme": "let me", "kinda": "kind of", "dunno": "do not know", "intrested": "interested",
    "intersted": "interested", "interesed": "interested", "availible": "available", "avail": "available",
    "availabe": "available", "avaliable": "available", "msg": "message", "nvm": "never mind", "im": "i am",
    "ive": "i have", "ill": "i will", "thats": "that is", "whats": "what is", "hows": "how is",
    "wheres": "where is", "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "can not",
    "cannot": "can not", "wont": "will not", "isnt": "is not", "arent": "are not", "wasnt": "was not",
    "havent": "have not", "hasnt": "has not", "couldnt": "could not", "wouldnt": "would not",
    "shouldnt": "should not", "youre": "you are", "theyre": "they are", "xq": "porque", "pq": "porque",
    "tb": "tambien", "tmb": "tambien", "q": "que", "k": "ok", "kk": "ok", "yea": "yes", "yeah": "yes", "yep": "yes",
    "yup": "yes", "yess": "yes", "okay": "ok", "okey": "ok", "mon": "monday", "tue": "tuesday", "tues": "tuesday",
    "wed": "wednesday", "thu": "thursday", "thur": "thursday", "thurs": "thursday", "fri": "friday",
    "jan": "january", "feb": "february", "apr": "april", "aug": "august", "sept": "september", "sep": "september",
    "oct": "october", "nov": "november", "dec": "december", "mths": "months", "mos": "months", "mo": "month",
    "yrs": "years", "yr": "year", "wks": "weeks", "wk": "week",
}  # fmt: skip


def plain(text: str) -> str:
    """
    The writer's own words, a space between each; " . ", " , " and " ? " stand where clauses end.

    "Can't wait!! When can we see it?" → "can not wait . when can we see it ?"
    """
    # blanks first: what looks for the beginning of a line would look through each run of them from every place in it
    own = re.sub(r"\s*\n\s*", "\n", re.sub(r"[^\S\n]+", " ", text[:READ_CHARS]))
    if (found := _BELOW.search(own)) and own[: found.start()].strip():
        own = own[: found.start()]
    said = _NOT_OWN.sub(" ", own).lower()
    said = re.sub("[’‘`´]", "'", said)
    said = "".join(sign for sign in unicodedata.normalize("NFKD", said) if not unicodedata.combining(sign))
    said = re.sub(r"\b([a-z]+)n't\b", lambda m: _NOT.get(f"{m[1]}n" if m[1] == "ca" else m[1], f"{m[1]} not"), said)
    said = said.replace("ca not", "can not").replace("wo not", "will not")
    said = re.sub(r"\b([a-z]+)'(re|ve|ll|d|m)\b", lambda m: f"{m[1]} {_ENDS[m[2]]}", said)
    said = _IS.sub(r"\1 is", said).replace("let's", "let us").replace("'", "")
    said = re.sub(r"[¿?]+", " ? ", said)
    said = re.sub(r"[.!¡;…\n\r]+(?=\s|$)|[!¡;…\n\r]+|\s[-–—]+\s", " . ", said)
    said = re.sub(r"[,()\[\]\"“”]+", " , ", said)
    said = re.sub(r"[^a-z0-9?.,:/$%#@+ -]+", " ", said)
    return " ".join(_WRITTEN_OUT.get(word, word) for word in said.split())
