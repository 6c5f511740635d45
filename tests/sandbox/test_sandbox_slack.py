"""The Slack stand-in against what Slack documents, and its buttons against the product's hook."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_case import BEARER, Hook, Visitor, specs
from test_sandbox_page import ATTACK, Tags
from test_sandbox_twilio import conforms

from leadwake.sandbox.slack_page import mrkdwn
from leadwake.sandbox.vendors.slack_checks import refused

BUTTON = {"type": "button", "action_id": "claim", "value": "7", "text": {"type": "plain_text", "text": "Claim"}}
BLOCKS = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Mei* wants a house"}},
    {"type": "actions", "elements": [BUTTON]},
]
MEMBER = "U0DANA1234"


async def post(sandbox: Visitor, method: str = "chat.postMessage", **fields: object) -> dict[str, Any]:
    message = {"channel": MEMBER, "text": "Hot lead: Mei", "blocks": BLOCKS} | fields
    answer = await sandbox.http.post(f"/slack/api/{method}", json=message, headers=BEARER)
    assert answer.status_code == 200
    return answer.json()  # type: ignore[no-any-return]


async def look_up(sandbox: Visitor, email: str) -> httpx.Response:
    return await sandbox.http.get("/slack/api/users.lookupByEmail", params={"email": email}, headers=BEARER)


@pytest.mark.vendor_specs
async def test_answers_have_the_documented_shape(sandbox: Visitor) -> None:
    document = json.loads((specs() / "slack.openapi.json").read_text())

    def misfits(path: str, method: str, answer: object) -> list[str]:
        answers = document["paths"][path][method]["responses"]["200"]
        return conforms(answers["content"]["application/json"]["schema"], document, answer)

    posted = await post(sandbox)
    changed = await post(sandbox, "chat.update", channel=posted["channel"], ts=posted["ts"])
    me = (await sandbox.http.get("/slack/api/auth.test", headers=BEARER)).json()

    assert misfits("/chat.postMessage", "post", posted) == []
    assert misfits("/chat.postMessage", "post", await post(sandbox, channel="")) == []
    assert misfits("/chat.update", "post", changed) == []
    assert misfits("/chat.update", "post", await post(sandbox, "chat.update", ts="1.1")) == []
    assert misfits("/auth.test", "get", me) == []
    assert misfits("/users.lookupByEmail", "get", (await look_up(sandbox, "nobody@example.com")).json()) == []


async def test_a_member_gets_it_in_messages_of_their_own_and_a_channel_by_name_has_an_id(sandbox: Visitor) -> None:
    direct, channel = await post(sandbox), await post(sandbox, channel="#leads")

    assert direct["channel"] == "D0DANA1234"
    assert channel["channel"].startswith("C")
    assert direct["ts"] != (await post(sandbox))["ts"]


async def test_everybody_has_an_id_of_their_own_but_nobody(sandbox: Visitor) -> None:
    first, again = await look_up(sandbox, "Dana@example.com"), await look_up(sandbox, "dana@example.com")
    nobody = await look_up(sandbox, "nobody@example.com")

    assert first.json()["user"]["id"] == again.json()["user"]["id"]
    assert nobody.json() == {"ok": False, "error": "users_not_found"}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"channel": None}, "channel_not_found"),
        ({"channel": "<b>"}, "channel_not_found"),
        ({"text": "", "blocks": None}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": "x"}, "invalid_blocks"),
        ({"blocks": [{"type": "unheard_of"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "actions", "elements": []}]}, "invalid_blocks"),
        ({"blocks": [{"type": "actions", "elements": [BUTTON | {"url": "tel:+1"}]}]}, "invalid_blocks"),
        ({"blocks": [{"type": "actions", "elements": [BUTTON | {"value": "x" * 2_001}]}]}, "invalid_blocks"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
    ],
)
async def test_what_slack_would_refuse_is_refused(sandbox: Visitor, fields: dict[str, object], error: str) -> None:
    assert await post(sandbox, **fields) == {"ok": False, "error": error}


async def test_a_stranger_posts_nothing(sandbox: Visitor) -> None:
    answer = await sandbox.http.post("/slack/api/chat.postMessage", json={"channel": MEMBER, "text": "x"})

    assert answer.json() == {"ok": False, "error": "not_authed"}
    assert "No Slack messages yet" in (await sandbox.http.get("/")).text


async def test_a_form_is_as_good_as_json(sandbox: Visitor) -> None:
    fields = {"channel": MEMBER, "text": "Hot lead", "blocks": json.dumps(BLOCKS)}
    answer = await sandbox.http.post("/slack/api/chat.postMessage", data=fields, headers=BEARER)

    assert answer.json()["ok"] is True
    assert "wants a house" in (await sandbox.http.get("/")).text


async def test_a_pressed_button_reaches_the_product_signed(sandbox: Visitor, hook: Hook) -> None:
    posted = await post(sandbox)
    fields = {"channel": posted["channel"], "ts": posted["ts"], "pressed": "claim 7"}
    pressed = await sandbox.http.post("/press", data=fields)
    ((target, headers, body),) = hook.posts
    payload = json.loads(parse_qs(body.decode())["payload"][0])
    base = f"v0:{headers['x-slack-request-timestamp']}:".encode() + body

    assert (pressed.status_code, pressed.headers["location"]) == (303, "/?show=slack")
    assert target == "/hooks/slack/interactive"
    assert headers["x-slack-signature"] == "v0=" + hmac.new(b"practice", base, hashlib.sha256).hexdigest()
    assert (payload["type"], payload["user"]["id"]) == ("block_actions", MEMBER)
    assert (payload["actions"][0]["action_id"], payload["actions"][0]["value"]) == ("claim", "7")
    assert payload["container"]["message_ts"] == posted["ts"]
    assert payload["response_url"].startswith(f"{sandbox.base}/slack/actions/")


async def test_in_a_channel_whoever_is_chosen_presses(sandbox: Visitor, hook: Hook) -> None:
    posted = await post(sandbox, channel="C0LEADS123")
    for user in ("U0SAM56789", ""):
        await sandbox.http.post(
            "/press", data={"channel": "C0LEADS123", "ts": posted["ts"], "pressed": "claim 7", "user": user}
        )
    users = [json.loads(parse_qs(body.decode())["payload"][0])["user"]["id"] for _, _, body in hook.posts]

    assert users == ["U0SAM56789", "U0SOMEBODY"]


async def test_answers_show_below_the_message_five_times_a_click(sandbox: Visitor, hook: Hook) -> None:
    posted = await post(sandbox)
    await sandbox.http.post("/press", data={"channel": posted["channel"], "ts": posted["ts"], "pressed": "claim 7"})
    url = json.loads(parse_qs(hook.posts[0][2].decode())["payload"][0])["response_url"]
    said = [await sandbox.http.post(url, json={"text": f"answer {n}", "replace_original": False}) for n in range(6)]
    page = Tags((await sandbox.http.get("/?show=slack")).text)

    assert [answer.status_code for answer in said] == [200] * 5 + [404]
    assert "answer 4" in page.text
    assert f"Only {MEMBER} sees this" in page.text


async def test_a_change_takes_the_buttons_away(sandbox: Visitor) -> None:
    posted = await post(sandbox)
    assert "/press" in (await sandbox.http.get("/")).text
    await post(sandbox, "chat.update", channel=posted["channel"], ts=posted["ts"], text="Taken", blocks=BLOCKS[:1])
    page = (await sandbox.http.get("/")).text

    assert "/press" not in page
    assert "changed" in page


async def test_a_product_that_is_not_there_shows_as_such(sandbox: Visitor, hook: Hook) -> None:
    hook.answers[:] = [401]
    posted = await post(sandbox)
    fields = {"channel": posted["channel"], "ts": posted["ts"], "pressed": "claim 7"}
    await sandbox.http.post("/press", data=fields)
    away = await sandbox.http.put("/slack/_interactive", json={"url": "http://192.0.2.7/x"})
    here = await sandbox.http.put("/slack/_interactive", json={"url": "http://127.0.0.1:9/x", "secret": "s"})
    await sandbox.http.post("/press", data=fields)
    page = (await sandbox.http.get("/")).text

    assert (away.status_code, here.status_code) == (422, 200)
    assert "the product answered 401" in page
    assert "nobody answers there" in page
    assert (await sandbox.http.post("/press", data=fields | {"ts": "1.1"})).status_code == 422


@given(st.text())
def test_whatever_is_written_is_shown_as_text(text: str) -> None:
    page = Tags(f"<p>{mrkdwn(text)}</p>")

    assert {tag for tag, _ in page.tags} <= {"p", "br", "span", "strong", "a", "mark"}
    for _, attributes in page.tags:
        assert attributes.keys() <= {"class", "href", "rel"}
        assert (attributes.get("href") or "tel:").startswith(("http://", "https://", "tel:", "mailto:"))


def test_markup_is_shown_as_slack_shows_it() -> None:
    assert mrkdwn("*Mei* <tel:+1|call> <!channel>") == (
        '<strong>Mei</strong> <a href="tel:+1" rel="noreferrer">call</a> <mark class="ping">!channel</mark>'
    )
    assert "&lt;!channel&gt;" in mrkdwn("&lt;!channel&gt;")
    assert "<script" not in mrkdwn(ATTACK)
    assert 'href="javascript' not in mrkdwn("<javascript:alert(1)|x>")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "section", "url"]), inner)
    ),
)


@given(JSON_VALUES)
def test_any_blocks_are_taken_or_refused(blocks: object) -> None:
    assert refused({"text": "x", "blocks": blocks}) in {None, "invalid_blocks"}
