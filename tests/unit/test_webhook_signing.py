"""The signature is Standard Webhooks', and the words for developers verify it."""

from __future__ import annotations

import base64
import hmac
import re
import time
from pathlib import Path

from leadwake.domain.webhook_signing import headers, key_text

ROOT = Path(__file__).parents[2]
#: as the reference library (PyPI standardwebhooks 1.1.0, 2026-11-29) signs its own example
SECRET, ID, AT, BODY = (
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    1614265330,
    (b'{"test": 2432232314}'),
)
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_specifications_own_example_comes_out_the_same() -> None:
    assert headers([SECRET], ID, AT, BODY) == {
        "webhook-id": ID, "webhook-timestamp": str(AT), "webhook-signature": SIGNATURE,
    }  # fmt: skip


def test_while_secrets_change_both_sign() -> None:
    other = "whsec_" + "QUFB" * 8

    both = headers([other, SECRET], ID, AT, BODY)["webhook-signature"].split(" ")

    assert both[1] == SIGNATURE
    assert both[0] == headers([other], ID, AT, BODY)["webhook-signature"]


def test_the_key_as_text_signs_the_same_and_one_that_is_no_text_is_not_shown_as_such() -> None:
    readable = "whsec_" + base64.b64encode(b"a-key-of-letters_only-0123456789").decode()
    text = key_text(readable)
    assert text is not None
    mac = hmac.digest(text.encode(), b"%s.%d.%s" % (ID.encode(), AT, BODY), "sha256")

    assert headers([readable], ID, AT, BODY)["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    assert key_text(SECRET) is None


def test_the_code_for_developers_accepts_ours_and_nothing_else() -> None:
    page = (ROOT / "docs" / "webhooks.md").read_text("utf-8")
    snippet = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert snippet is not None
    given: dict[str, object] = {}
    exec(snippet[1], given)
    verify = given["verify"]
    now = int(time.time())
    signed = dict(headers([SECRET], ID, now, BODY))

    assert verify(SECRET, signed, BODY)  # type: ignore[operator]
    assert not verify(SECRET, signed, BODY + b" ")  # type: ignore[operator]
    assert not verify("whsec_" + "QUFB" * 8, signed, BODY)  # type: ignore[operator]
    assert not verify(SECRET, signed | {"webhook-id": "msg_2"}, BODY)  # type: ignore[operator]
    assert not verify(SECRET, dict(headers([SECRET], ID, now - 301, BODY)), BODY)  # type: ignore[operator]
