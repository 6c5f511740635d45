"""Numbers and instants as people read them."""

from __future__ import annotations

import time

from leadwake.sandbox.markup import Markup, html


def pretty_phone(number: str) -> str:
    """+1 (813) 555-0194 for a North American number; others as they are."""
    if len(number) == len("+18135550194") and number.startswith("+1") and number[1:].isdigit():
        return f"+1 ({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def clock(at: float) -> Markup:
    """An instant on this machine's clock."""
    local = time.localtime(at)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    return html('<time datetime="{}">{}</time>', stamp, time.strftime("%H:%M:%S", local))
