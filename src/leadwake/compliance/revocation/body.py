"""What a person wrote themselves: no signature, no quoted message of ours, no footer of ours."""

from __future__ import annotations

import re

#: more than this is not read; a text holds 1,600 characters, and nobody says stop on page four
LIMIT = 10_000

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SIGNATURE = re.compile(
    r"\s*(?:[-–—_*=]{2,}\s*$|(?:sent (?:from|via|with)|get outlook for|enviado desde|enviado do|envoy[eé] de|"
    r"von meinem \w+ gesendet|gesendet von|obtener outlook|yahoo mail:)\b)",
    re.IGNORECASE,
)
_SIGNATURE_IN_LINE = re.compile(r"(?<![ \t])[ \t]+(?:sent from (?:my|yahoo)|enviado desde mi)\b.{0,60}$", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"\s*-{2,} ?(?:original message|forwarded message|mensaje original|urspr[uü]ngliche nachricht)|"
    r"\s*begin forwarded message:",
    re.IGNORECASE,
)
#: "On Tue, Dec 1, 2026 at 9:00 AM Sunny Homes <…> wrote:", in one line or two
_WROTE = re.compile(
    r"\s*(?:on|el|le|am|em|op|il)\b.{4,200}(?:wrote|escribi[oó]|a [eé]crit|schrieb.{0,80}|escreveu|ha scritto)\s*:\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\s*\*?(?:from|de|von|da)\*?\s*:", re.IGNORECASE)
_NEXT_HEADER = re.compile(
    r"\s*\*?(?:sent|to|date|subject|enviado|para|fecha|asunto|gesendet|an|betreff|envoy[eé])\*?\s*:", re.IGNORECASE
)
_FOOTER = re.compile(
    r"\W*(?:to (?:unsubscribe|opt[ -]?out|stop|end|cancel)\b.{0,40}?\b(?:click|reply|text|send|visit|go to|http)|"
    r"(?:click|tap|press) (?:here )?to (?:unsubscribe|opt[ -]?out)|unsubscribe\s*(?:[|•·:]|here\b|<|$)|"
    r"(?:reply|text|send)\W+stop\W+to\b|you(?:'re| are) receiving this|"
    r"(?:responda|env[ií]e|mande)\W+(?:alto|stop|baja)\W+para\b|para (?:darse de baja|cancelar)\b.{0,40}?\bresponda)",
    re.IGNORECASE,
)
#: what phones send when somebody taps a heart on our text: the words in it are ours
_REACTION = re.compile(
    r"\s*(?P<how>liked|loved|laughed at|emphasi[sz]ed|questioned|disliked|reacted .{1,12} to|"
    r"(?:le gust[oó]|le encant[oó]|no le gust[oó])|\W{1,12}\s*to)\s+[“\"«].*[”\"»]\s*",
    re.IGNORECASE | re.DOTALL,
)


def own_words(text: str) -> str:
    """
    The lines of the person, of the first 10,000 characters.

    When all of it looks quoted, all of it is kept: a stop below the quotation must not be lost.
    """
    lines = _LINE_ENDS.sub("\n", text[:LIMIT]).split("\n")
    own = _above_quotation(lines)
    if not any(map(_says_something, own)):
        own = [line for line in lines if not line.lstrip().startswith(">")]
    without = [line for line in own if not _FOOTER.match(line)]
    kept = without if any(map(_says_something, without)) else own
    return "\n".join(_SIGNATURE_IN_LINE.sub("", line) for line in kept).strip()


def reaction(text: str) -> str | None:
    """How they reacted ("liked") when all of it is a reaction to a message of ours; else None."""
    match = _REACTION.fullmatch(text[:LIMIT])
    return match["how"].casefold() if match else None


def without_signature(text: str) -> str:
    """The lines above the signature, of the first 10,000 characters."""
    lines = _LINE_ENDS.sub("\n", text[:LIMIT]).split("\n")
    end = next((at for at, line in enumerate(lines) if at and _SIGNATURE.match(line)), len(lines))
    return "\n".join(lines[:end])


def _above_quotation(lines: list[str]) -> list[str]:
    own: list[str] = []
    at = 0
    while at < len(lines):
        if lines[at].lstrip().startswith(">"):
            at += 1
            continue
        if taken := _quotation_head(lines, at):
            if not lines[at + taken : at + taken + 2] or not _is_quoted(lines, at + taken):
                break  # quoted without marks: all that follows is ours
            at += taken
            continue
        if own and _SIGNATURE.match(lines[at]):
            break
        own.append(lines[at])
        at += 1
    return own


def _is_quoted(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at : at + 3] if line.strip()), "")
    return following.lstrip().startswith(">")


def _quotation_head(lines: list[str], at: int) -> int:
    """How many lines here say "what follows is quoted"; 0 when they do not."""
    line, following = lines[at], lines[at + 1 : at + 4]
    if _WROTE.match(line) or _ORIGINAL.match(line):
        return 1
    if following and line[:400].strip() and _WROTE.match(f"{line[:400].rstrip()} {following[0][:400].strip()}"):
        return 2
    return 1 if _HEADER.match(line) and any(map(_NEXT_HEADER.match, following)) else 0


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not _SIGNATURE.match(line)
