"""What a browser says of itself, in few words, so that people know their sessions apart."""

from __future__ import annotations

import re
from typing import Final

# The first that is found: Edge says Chrome, Chrome says Safari, Android says Linux, an iPad may say Macintosh.
_BROWSERS: Final = (
    ("Edge", r"\bEdgA?(?:iOS)?/"), ("Opera", r"\bOPR/"), ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"), ("Chrome", r"\b(?:Chrome|CriOS|Chromium|HeadlessChrome)/"),
    ("Safari", r"\bSafari/"),
)  # fmt: skip
_DEVICES: Final = (
    ("iPhone", r"\biPhone\b"), ("iPad", r"\biPad\b"), ("Android", r"\bAndroid\b"), ("ChromeOS", r"\bCrOS\b"),
    ("Windows", r"\bWindows\b"), ("Mac", r"\bMacintosh\b"), ("Linux", r"\bLinux\b"),
)  # fmt: skip
_READ_CHARS: Final = 500


def browser_words(user_agent: str) -> str:
    """Words of ours only, never of the browser's: "Safari on iPhone", "Chrome", "a browser"."""
    text = user_agent[:_READ_CHARS]
    browser = next((name for name, pattern in _BROWSERS if re.search(pattern, text)), "")
    device = next((name for name, pattern in _DEVICES if re.search(pattern, text)), "")
    return f"{browser or 'a browser'} on {device}" if device else browser or "a browser"
