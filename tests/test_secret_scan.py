"""A key that somebody leaves in the tree is found before it leaves the machine; what is invented is let be."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from checks.secret_scan import ROOT, RULES, scan, scan_files, tracked

#: one of each form, put together here so that no file holds one; none of them opens anything
PLANTED = {
    "private key": "-----BEGIN EC " + "PRIVATE KEY-----\n" + "A" * 40,
    "AWS key": "AK" + "IA" + "Q" * 16,
    "GitHub token": "gh" + "p_" + "a1" * 18,
    "Slack token": "xox" + "b-123456789012-" + "a1" * 12,
    "Slack webhook": "https://hooks.slack" + ".com/services/T0123456/B0123456/" + "a1" * 12,
    "SendGrid key": "S" + "G." + "a" * 22 + "." + "b" * 43,
    "Twilio key": "S" + "K" + "0a" * 16,
    "HubSpot token": "pat" + "-na1-01234567-0123-0123-0123-0123456789ab",
    "GoHighLevel token": "pi" + "t-01234567-0123-0123-0123-0123456789ab",
    "Google key": "AI" + "za" + "b" * 35,
    "Google secret": "GOC" + "SPX-" + "c" * 28,
    "Meta token": "EA" + "A" + "d" * 90,
    "Stripe key": "sk_" + "live_" + "e" * 24,
    "registry token": "np" + "m_" + "f" * 36,
    "JSON web token": "ey" + "J" + "a" * 20 + ".ey" + "J" + "b" * 20 + "." + "c" * 30,
    "API key of ours": "lw" + "_0123456789ab_" + "d" * 43,
}


@pytest.mark.parametrize("kind", RULES)
def test_a_planted_key_of_each_form_is_found_and_not_repeated(kind: str) -> None:
    text = f"first line\nvalue = '{PLANTED[kind]}'\n"
    (found, *_) = list(scan("settings.py", text.encode()))

    assert (found.file, found.line, found.kind) == ("settings.py", 2, kind)
    assert PLANTED[kind] not in str(found)


def test_a_random_value_named_as_a_secret_is_found_and_words_are_not() -> None:
    random = secrets.token_urlsafe(48)
    name = "pass" + "word"

    assert [one.kind for one in scan("x.toml", f'master_key = "{random}"'.encode())]
    assert [one.kind for one in scan("x.json", f'{{"{name}": "{random}"}}'.encode())]
    assert not list(scan("x.py", f'{name} = "four-quiet-harbour-seals-in-a-row"'.encode()))


def test_what_says_that_it_is_invented_is_let_be() -> None:
    line = f"key = '{PLANTED['SendGrid key']}'"

    assert not list(scan("x.py", f"{line}  # invented\n".encode()))
    assert not list(scan("x.py", f"# an invented one\n{line}\n".encode()))
    assert list(scan("x.py", f"# an invented one\n\n\n{line}\n".encode()))


def test_the_tree_holds_no_secret(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout: what is tracked is not known")
    names = tracked()

    assert len(names) > 500
    assert [str(found) for found in scan_files(names)] == []
