"""Slack: what is posted, what its answers mean, and which clicks are believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_lane import specs
from vendor_on_loopback import Answer, Vendor, running

from leadwake.errors import (
    AnomalousPayload,
    BadCredentials,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
    Unavailable,
)
from leadwake.providers import block_kit
from leadwake.providers.ports import Call, ChatMessage, ChatUpdate, ForgetMessages
from leadwake.providers.slack import (
    Interaction,
    Slack,
    answer_click,
    may_answer_at,
    parse_interaction,
    verify_signature,
)

TOKEN = "xoxb-f00dface"
REF = "D0DANA1234/1503435956.000247"
POSTED = Answer(200, {"ok": True, "channel": "D0DANA1234", "ts": "1503435956.000247", "message": {"text": "x"}})
ALERT = ChatMessage("U0DANA1234", "Hot lead: Maria", [block_kit.section("*Maria*")])
CHANGE = ChatUpdate(REF, "Taken by Dana", [block_kit.section("Taken by Dana")])


def refusing(code: str) -> Answer:
    return Answer(200, {"ok": False, "error": code})


async def failure(vendor: Vendor, answer: Answer) -> ProviderError:
    vendor.answers(answer)
    slack = Slack(vendor.url, TOKEN)
    with pytest.raises(ProviderError) as caught:
        await slack.post(ALERT, Call.for_seconds())
    await slack.aclose()
    return caught.value


# Messages out


async def test_a_message_is_known_by_channel_and_timestamp_so_that_it_can_be_changed(slack_api: Vendor) -> None:
    slack_api.answers(POSTED, Answer(200, {"ok": True, "channel": "D0DANA1234", "ts": "1503435956.000247"}))
    slack = Slack(slack_api.url, TOKEN)
    accepted = await slack.post(ALERT, Call.for_seconds())
    assert accepted.ref == REF
    await slack.update(ChatUpdate(REF, "Taken by Dana", CHANGE.blocks), Call.for_seconds())

    posted, changed = slack_api.received
    assert (posted.path, changed.path) == ("/api/chat.postMessage", "/api/chat.update")
    assert posted.headers["authorization"] == f"Bearer {TOKEN}"
    assert posted.json() == {
        "channel": "U0DANA1234", "text": "Hot lead: Maria", "blocks": [block_kit.section("*Maria*")], "parse": "none",
        "unfurl_links": False, "unfurl_media": False,
    }  # fmt: skip
    assert (changed.json()["channel"], changed.json()["ts"]) == ("D0DANA1234", "1503435956.000247")
    await slack.aclose()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("channel_not_found", Rejected),
        ("not_in_channel", Rejected),
        ("is_archived", Rejected),
        ("msg_too_long", Rejected),
        ("no_text", Rejected),
        ("invalid_blocks", Rejected),
        ("an_error_of_next_year", Rejected),
        ("invalid_auth", BadCredentials),
        ("not_authed", BadCredentials),
        ("account_inactive", BadCredentials),
        ("token_revoked", BadCredentials),
        ("missing_scope", BadCredentials),
        ("ratelimited", Throttled),
        ("rate_limited", Throttled),
        ("internal_error", Unavailable),
        ("fatal_error", Unavailable),
    ],
)
async def test_a_refusal_under_status_200_is_what_slack_calls_it(
    slack_api: Vendor, code: str, kind: type[ProviderError]
) -> None:
    error = await failure(slack_api, refusing(code))

    assert (type(error), error.code) == (kind, code)


async def test_slacks_wish_to_wait_is_passed_on(slack_api: Vendor) -> None:
    answer = Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "30"})
    error = await failure(slack_api, answer)

    assert (type(error), error.retry_after_s) == (Throttled, 30.0)


async def test_the_captured_samples_are_read(slack_api: Vendor) -> None:
    samples = specs() / "samples" / "slack"
    slack_api.answers(Answer(200, json.loads((samples / "chat_postMessage_200_ok.json").read_text())))
    slack = Slack(slack_api.url, TOKEN)
    accepted = await slack.post(ALERT, Call.for_seconds())
    await slack.aclose()
    error = await failure(slack_api, Answer(200, json.loads((samples / "chat_postMessage_200_error.json").read_text())))

    assert accepted.ref == "C1H9RESGL/1503435956.000247"
    assert (type(error), error.code) == (Rejected, "too_many_attachments")


@pytest.mark.parametrize("body", [b"", b"ok", b"[]", b'{"ok": "true"}', b'{"ok": true}', b'{"ok": false}'])
async def test_an_answer_that_does_not_say_what_was_posted_is_unknown(slack_api: Vendor, body: bytes) -> None:
    assert type(await failure(slack_api, Answer(200, body))) is OutcomeUnknown


@pytest.mark.parametrize("code", ["message_not_found", "channel_not_found"])
async def test_a_message_that_is_gone_needs_no_change(slack_api: Vendor, code: str) -> None:
    slack_api.answers(refusing(code))
    slack = Slack(slack_api.url, TOKEN)

    assert (await slack.update(CHANGE, Call.for_seconds())).ref == REF
    await slack.aclose()


async def test_messages_about_somebody_erased_say_nothing_of_them(slack_api: Vendor) -> None:
    slack_api.answers(Answer(200, {"ok": True}), refusing("message_not_found"), Answer(200, {"ok": True}))
    slack = Slack(slack_api.url, TOKEN)
    await slack.forget_messages(ForgetMessages([REF, "C1/1.1", "C1/2.2"]), Call.for_seconds())
    with pytest.raises(Rejected):
        await slack.forget_messages(ForgetMessages(["not a ref"]), Call.for_seconds())

    assert [(seen.json()["text"], seen.json()["blocks"]) for seen in slack_api.received] == [
        ("This person was erased.", [])
    ] * 3
    await slack.aclose()


async def test_a_change_is_made_again_when_the_connection_is_cut(slack_api: Vendor) -> None:
    slack_api.answers(Answer(200, {"ok": True}, cut="after reading"), Answer(200, {"ok": True}))
    slack = Slack(slack_api.url, TOKEN)
    await slack.update(CHANGE, Call.for_seconds())

    assert len(slack_api.received) == 2
    await slack.aclose()


async def test_a_member_is_found_by_address_or_not_at_all(slack_api: Vendor) -> None:
    slack_api.answers(
        Answer(200, {"ok": True, "user": {"id": "W012A3CDE"}}), refusing("users_not_found"),
        Answer(200, {"ok": True, "user": {"id": "<script>"}}), refusing("missing_scope"),
    )  # fmt: skip
    slack = Slack(slack_api.url, TOKEN)

    assert await slack.find_member("dana+x@example.com") == "W012A3CDE"
    assert await slack.find_member("nobody@example.com") is None
    assert await slack.find_member("odd@example.com") is None
    with pytest.raises(BadCredentials):
        await slack.find_member("dana@example.com")
    assert slack_api.received[0].target == "/api/users.lookupByEmail?email=dana%2Bx%40example.com"
    await slack.aclose()


# Clicks in


def slack_vectors() -> list[dict[str, object]]:
    vectors = json.loads((specs() / "samples/signature_vectors.json").read_text())["vectors"]
    return [vector for vector in vectors if vector["vendor"] == "slack"]


def test_the_published_signature_is_believed_for_five_minutes() -> None:
    (vector,) = (one for one in slack_vectors() if one["valid"])
    header, secret, body = vector["header"], str(vector["signing_secret"]), str(vector["body"]).encode()
    assert isinstance(header, dict)
    signature, timestamp = header["X-Slack-Signature"], header["X-Slack-Request-Timestamp"]
    at = datetime.fromtimestamp(int(str(vector["now"])), UTC)

    for seconds, believed in ((0, True), (299, True), (-299, True), (301, False), (-301, False)):
        now = at + timedelta(seconds=seconds)
        assert verify_signature(secret, signature, timestamp, body, now=now) is believed
    assert not verify_signature(secret, signature, timestamp, body + b" ", now=at)
    assert not verify_signature(secret + "x", signature, timestamp, body, now=at)
    assert not verify_signature("", signature, timestamp, body, now=at)
    assert not verify_signature(secret, signature, str(int(timestamp) + 1), body, now=at)
    assert not verify_signature(secret, signature.removeprefix("v0="), timestamp, body, now=at)


@given(st.text(), st.text(), st.binary())
def test_nothing_made_up_is_ever_believed(signature: str, timestamp: str, body: bytes) -> None:
    assert not verify_signature("secret", signature, timestamp, body)


def test_the_captured_click_is_understood() -> None:
    body = (specs() / "samples" / "slack" / "block_actions.form.txt").read_bytes()

    click = parse_interaction(body)

    assert click == Interaction("W111", "a", "click_me_123", "https://hooks.slack.com/actions/T111/111/random-value")


def form(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"payload", b"payload=", b"payload=%7B", b"payload=[]", b"payload=%ff", b"a=b", b"\xff", form(3),
        form({"type": 3}), form({"type": "block_actions"}), form({"type": "block_actions", "user": {}, "actions": []}),
        form({"type": "block_actions", "user": {"id": "U1"}, "actions": ["x"]}),
        form({"type": "block_actions", "user": {"id": 1}, "actions": [{"action_id": "claim"}]}),
    ],
)  # fmt: skip
def test_what_is_no_click_of_slacks_shape_is_refused(body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        parse_interaction(body)


def test_another_kind_of_interaction_is_none_of_ours() -> None:
    assert parse_interaction(form({"type": "view_submission", "user": {"id": "U1"}})) is None


@given(st.binary())
def test_any_bytes_are_a_click_or_refused(body: bytes) -> None:
    try:
        parse_interaction(b"payload=" + body)
    except AnomalousPayload:
        return


@pytest.mark.parametrize(
    ("url", "api", "may"),
    [
        ("https://hooks.slack.com/actions/T1/1/x", "https://slack.com", True),
        ("https://hooks.slack.com:443/actions/T1/1/x", "https://slack.com", True),
        ("http://hooks.slack.com/actions/T1/1/x", "https://slack.com", False),
        ("https://hooks.slack.com:8443/x", "https://slack.com", False),
        ("https://hooks.slack.com.evil.example/x", "https://slack.com", False),
        ("https://evil.example/hooks.slack.com", "https://slack.com", False),
        ("https://user:pass@hooks.slack.com/x", "https://slack.com", False),
        ("https://hooks.slack.com@evil.example/x", "https://slack.com", False),
        ("https://hooks.slack.com\t.evil.example/x", "https://slack.com", False),
        ("http://127.0.0.1:8090/slack/actions/x", "http://127.0.0.1:8090/slack", True),
        ("http://127.0.0.1:5432/", "http://127.0.0.1:8090/slack", False),
        ("http://169.254.169.254/latest", "http://127.0.0.1:8090/slack", False),
        ("http://127.0.0.1:8090/x", "https://slack.com", False),
        ("https://[::1", "https://slack.com", False),
        ("", "http://127.0.0.1:8090", False),
    ],
)
def test_an_answer_goes_to_slack_and_nowhere_else(url: str, api: str, may: bool) -> None:
    assert may_answer_at(url, api) is may


async def test_an_answer_to_a_click_is_seen_by_one_and_changes_nothing(vendor: Vendor) -> None:
    vendor.answers(Answer(200, b"ok"))
    await answer_click(f"{vendor.url}/actions/T1/1/secret", vendor.url, "Dana has this lead already.")

    assert vendor.received[0].path == "/actions/T1/1/secret"
    assert vendor.received[0].json() == {
        "response_type": "ephemeral", "replace_original": False, "text": "Dana has this lead already.",
    }  # fmt: skip
    assert "authorization" not in vendor.received[0].headers


async def test_an_answer_is_never_posted_elsewhere(vendor: Vendor) -> None:
    async with running() as elsewhere:
        with pytest.raises(Rejected):
            await answer_click(f"{elsewhere.url}/x", vendor.url, "hi")

        assert elsewhere.received == []


# What strangers write


@given(st.text(), st.integers(10, 200))
def test_nothing_a_stranger_writes_is_ever_markup_or_too_long(text: str, limit: int) -> None:
    shown = block_kit.escaped(text, limit)

    assert len(shown) <= limit
    assert not set("<>") & set(shown)
    assert all(piece.startswith(("amp;", "lt;", "gt;")) for piece in shown.split("&")[1:])


def test_a_mention_or_link_in_a_leads_words_is_plain_text() -> None:
    said = "<!channel> see <https://evil.example|your bank> & <@U123>"

    assert block_kit.escaped(said) == (
        "&lt;!channel&gt; see &lt;https://evil.example|your bank&gt; &amp; &lt;@U123&gt;"
    )
    assert block_kit.quoted("a\n<!here>") == "> a\n> &lt;!here&gt;"
    assert block_kit.bold("*Maria* <b>") == "*Maria &lt;b&gt;*"
    assert block_kit.link("tel:+1|x>", "<b>") == "&lt;b&gt;"
    assert block_kit.link("tel:+18135550142", "a|b") == "<tel:+18135550142|a/b>"


@given(st.text(max_size=5000))
def test_a_quotation_always_fits_a_section(text: str) -> None:
    if quoted := block_kit.quoted(text):
        assert len(block_kit.section(quoted)["text"]["text"]) <= block_kit.SECTION_CHARS


def test_a_part_longer_than_slack_takes_is_our_own_fault() -> None:
    with pytest.raises(ValueError, match="longer"):
        block_kit.button("x" * 76, "claim")
    with pytest.raises(ValueError, match="Slack takes"):
        block_kit.section("x" * 3001)
