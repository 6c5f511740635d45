"""The HTML part of a mail, made from its text: readable on a phone, by a screen reader, and in the dark.

Everything is escaped; the only links are our own. Inline styles and one table, for Outlook and Gmail know no better.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_PARAGRAPH: Final = "margin:0 0 16px;font-size:16px;line-height:1.5;color:#1f2933"
# White on #1d4ed8 is 6.7:1, #52606d on white 6.5:1 (WCAG AA asks 4.5:1); 44 px is a thumb.
_BUTTON: Final = (
    "display:inline-block;padding:12px 24px;min-height:20px;border-radius:8px;background-color:#1d4ed8;color:#ffffff;"
    "font-size:16px;line-height:20px;font-weight:600;text-decoration:none"
)
_LINK: Final = "color:#1d4ed8"
_SMALL: Final = "margin:0 0 4px;font-size:13px;line-height:1.5;color:#52606d"


def html_mail(
    text: str,
    *,
    business: str,
    postal_address: str = "",
    title: str = "",
    link: str = "",
    link_label: str = "Pick a time",
    more_links: tuple[tuple[str, str], ...] = (),
    foot_links: tuple[tuple[str, str], ...] = (),
    language: str = "en",
) -> str:
    """
    The mail as HTML.

    text: as rendered: paragraphs apart by blank lines, lists of lines that begin with "- ". link: an http(s) link of
    our own; where it stands alone it becomes a button, elsewhere a link. more_links: ((label, URL), …), more of our
    own, shown by their label where they stand alone. No other address in the text becomes a link. title: the subject.
    foot_links: ((label, URL), …) at the foot. language: ISO 639-1.
    """
    own = {url: label for label, url in ((link_label, link), *more_links) if url}
    body = "\n".join(_blocks(text, own, link))
    foot = [business, postal_address, *(_anchor(label, url) for label, url in foot_links)]
    lines = "\n".join(
        f'<p style="{_SMALL}">{item if item.startswith("<a ") else escape(item)}</p>' for item in foot if item
    )
    return f"""<!doctype html>
<html lang="{escape(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title or business)}</title>
</head>
<body style="margin:0;padding:0;background-color:#f5f7fa">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;background-color:#ffffff;border-radius:12px"><tr><td align="left" style="padding:24px;{_FONT}">
{body}
<div style="margin-top:24px;padding-top:16px;border-top:1px solid #e4e7eb">
{lines}
</div>
</td></tr></table>
</td></tr></table>
</body>
</html>
"""  # noqa: E501 - a line break between table cells is a gap in Outlook


def _blocks(text: str, own: Mapping[str, str], button: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.splitlines()]
        if len(lines) == 1 and (label := own.get(lines[0])):
            yield f'<p style="{_PARAGRAPH}">{_anchor(label, lines[0], _BUTTON if lines[0] == button else _LINK)}</p>'
        elif lines and all(line.startswith("- ") for line in lines):
            items = "".join(f'<li style="margin:0 0 4px">{_linked(line[2:], own)}</li>' for line in lines)
            yield f'<ul style="{_PARAGRAPH};padding-left:20px">{items}</ul>'
        else:
            yield f'<p style="{_PARAGRAPH}">{"<br>".join(_linked(line, own) for line in lines)}</p>'


def _linked(line: str, own: Mapping[str, str]) -> str:
    if not any(url in line for url in own):
        return escape(line)
    urls = "|".join(re.escape(url) for url in sorted(own, key=len, reverse=True))
    pieces = re.split(f"({urls})", line)
    return "".join(_anchor(piece, piece) if piece in own else escape(piece) for piece in pieces)


def _anchor(label: str, url: str, style: str = _LINK) -> str:
    return f'<a href="{escape(url)}" style="{style}">{escape(label)}</a>'
