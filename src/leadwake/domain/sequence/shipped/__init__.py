"""The sequences Leadwake comes with, one file each, in English and Spanish; a team makes them its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def shipped() -> Mapping[str, str]:
    """The text of each, by name."""
    files = [file for file in resources.files(__name__).iterdir() if file.name.endswith(".yaml")]
    return {file.name.removesuffix(".yaml"): file.read_text("utf-8") for file in sorted(files, key=lambda f: f.name)}
