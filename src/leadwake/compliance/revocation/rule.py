"""A rule: a pattern over plain words, and what it means when a person wrote them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Intent = Literal["stop", "start", "help", "unsure", "wrong_number", "reply"]
Scope = Literal["all", "voice"]


@dataclass(frozen=True, slots=True)
class Rule:
    """
    intent: what the words mean. number: the requirement. says: the sentence on the timeline, without its end.
    pattern: over plain words (`words.Words.plain`); a group `name…` counts only when it holds a person's name.
    """

    intent: Intent
    number: str
    says: str
    pattern: re.Pattern[str]
    scope: Scope = "all"


def rule(intent: Intent, number: str, says: str, *forms: str, scope: Scope = "all") -> Rule:
    """The rule of some forms, any of which is enough."""
    return Rule(intent, number, says, pattern(*forms), scope)


def pattern(*forms: str) -> re.Pattern[str]:
    """Any of the forms, at the borders of words. Gaps in forms are bounded, so that reading time is linear.

    NAME in a form is a word that must be somebody's name: a group `name<number of the form>`.
    """
    named = [form.replace("NAME", rf"(?P<name{at}>\w+)") for at, form in enumerate(forms)]
    return re.compile("(?<![^ ])(?:" + "|".join(named) + ")(?![^ ])")


def words(text: str) -> str:
    """A group of alternatives, one to a word; `_` joins the words of one alternative."""
    return "(?:" + "|".join(word.replace("_", " ") for word in text.split()) + ")"


def listed(text: str) -> frozenset[str]:
    """The words of a text; a list of words is read and changed most easily as one."""
    return frozenset(text.split())
