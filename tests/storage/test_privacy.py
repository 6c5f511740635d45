"""After a day of traffic, a dump of the database, the logs and the metrics tell nobody who anybody is."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from leadwake import log
from leadwake.storage.credentials import hash_password, new_api_key
from leadwake.storage.embedded import binaries
from leadwake.workflows.key_rotation import rotate_api_key
from leadwake.workflows.saving import save
from office_case import House, a_house, hire, until

REPLIES = ["Is it still free on Sunday?", "STOP", "My number is 813 555 0177, ask for Wolfgang", "START", "¿Mañana?"]
AGENT = {"name": "Quincy Featherstone", "email": "quincy.featherstone@example.net", "phone": "+18135550119"}
SETTING = "Zebra Crossing Estates"
TEMPLATE = "Hi {{ lead.first_name }}, this is {{ business.name }}."


async def test_a_dump_after_a_day_of_traffic_holds_nobody(
    shared: Path, database_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    lines = (shared / "data" / "leads_intake.jsonl").read_text("utf-8").splitlines()
    leads = [json.loads(line) for line in lines][::4] + [json.loads(line) for line in lines[-30:]]
    usual = structlog.get_config()
    log.setup("DEBUG")
    structlog.configure(cache_logger_on_first_use=False)
    try:
        async with a_house(database_url, tmp_path / "data") as house:
            await hire(house.office, **AGENT, practice=False)
            secret = house.office.vault.seal_setting("BUSINESS_NAME", SETTING)
            await house.office.db.run("setting_save", name="BUSINESS_NAME", sealed=secret)
            await house.office.refresh()
            await _a_day(house, leads)
            secrets = await _whoever_works_here(house)
            arguments = await house.rows("select args from procrastinate_jobs")
            metrics = (await house.http.get("/metrics")).text
            key = house.key
    finally:
        structlog.configure(**usual)
    dump = await asyncio.to_thread(_dump, database_url)
    written = "".join((*capfd.readouterr(), caplog.text))
    for event in ("not_admitted", "not_understood_again", "circuit_opened"):
        assert event in written, "the house did log what went wrong"

    words = _told(leads)
    assert len(words) > 300
    assert len(dump) > 500_000
    for where, text in (("dump", _opened(dump)), ("logs", _opened(written)), ("metrics", _opened(metrics))):
        assert _found(words, text) == [], where
        assert not [secret for secret in (key, *secrets) if secret.lower() in text], where
    for row in arguments:
        assert re.fullmatch(r'[\s\[\]{}",:a-z0-9_-]*', json.dumps(row["args"]))
    keys = [
        text for path in (tmp_path / "data").rglob("*key*") if path.is_file() and (text := path.read_text().strip())
    ]
    assert len(keys) == 1
    assert not [key for key in keys if key in dump]


def _dump(url: str) -> str:
    program = binaries.program("pg_dump")
    return subprocess.run([program, "--no-owner", url], capture_output=True, check=True).stdout.decode()


async def _a_day(house: House, leads: list[dict[str, Any]]) -> None:
    for n, lead in enumerate(leads):
        body = {key: value for key, value in lead.items() if key not in {"id", "_src"}}
        if n % 3:
            await house.post(body)
        else:
            await house.http.post("/forms/contact", data={k: v for k, v in body.items() if isinstance(v, str)})
    await house.http.post("/v1/leads", json={"name": 7, "message": "Refused Rebecca of rebecca@example.com"})
    await house.http.post("/forms/contact", data={"name": "Spam Sandra", "website_url": "x"})
    numbers = {text["To"] for text in await house.texts() if text["To"] != AGENT["phone"]}
    for n, number in enumerate(sorted(numbers)[:30]):
        await house.hear(number, REPLIES[n % len(REPLIES)])
    await house.hear("+18135550188", "Wrong Wilhelmina here, who are you?")
    await _trouble(house)
    await house.settled()
    assert (await house.ledger()).problems == []


async def _whoever_works_here(house: House) -> list[str]:
    """An admin logs in, saves vendors' secrets, looks at people, gives a key a new secret; what none of it may tell."""
    password, hooks = "correct horse of the test", ("TYPEFORM_WEBHOOK_SECRET", "META_WEBHOOK_SECRET", "SMTP_URL")
    about = {"name": "Alexandra Adminova", "email": "alexandra@example.net", "phone": "+18135550120"}
    await hire(house.office, **about, role="admin", takes_leads=False, password_hash=hash_password(password))
    values = {name: f"smtp://user:invented-{name.lower()}@127.0.0.1:9" for name in hooks}
    await save(house.office, values, "cli")
    await save(house.office, {"TYPEFORM_WEBHOOK_SECRET": "invented-second-secret"}, "cli")
    stranger, lead_id = new_api_key().text, (await house.rows("select id from lead limit 1"))[0]["id"]
    await house.http.get("/v1/proof", headers={"Authorization": f"Bearer {stranger}"})
    await house.http.post("/hooks/typeform", content=b"{}", headers={"Typeform-Signature": "sha256=invented-signature"})
    async with httpx.AsyncClient(base_url=house.url, trust_env=False, verify=False) as page:
        await page.post("/login", data={"email": "alexandra@example.net", "password": "a wrong invented password"})
        await page.post("/login", data={"email": "alexandra@example.net", "password": password})
        for place in ("/", "/leads", f"/leads/{lead_id}", f"/leads/{lead_id}/record", "/leads?q=wolfgang"):
            assert (await page.get(place)).status_code == 200, place
        cookie = page.cookies["leadwake_session"]
    text, _ = await rotate_api_key(house.office, house.key.split("_")[1], 24, "cli")
    typed = ["a wrong invented password", "invented-second-secret", "invented-signature", "alexandra@example.net"]
    return [password, cookie, stranger, text, *typed, *(f"invented-{name.lower()}" for name in hooks)]


async def _trouble(house: House) -> None:
    """What goes wrong is logged, with all that an error may carry along."""
    await house.rows("alter table inquiry add constraint refused check (source <> 'trouble') not valid")
    await house.behave("hubspot", mode="error")
    for n in range(6):
        lead = {"name": "Troubled Theodora", "phone": f"813 555 01{60 + n}", "email": f"theodora{n}@example.com"}
        await house.post({**lead, "message": "a message that meets trouble", "source": "trouble" if n == 0 else "api"})
    await until(lambda: house.rows("select 1 from vendor_state where state = 'open'"))
    await until(lambda: house.rows("select 1 from capture where tries > 0"))
    await house.behave("hubspot", mode="ok")
    await house.rows("alter table inquiry drop constraint refused")
    await house.rows("update capture set retry_at = now() where outcome = 'pending'")
    await until(lambda: house.rows("select 1 where not exists (select 1 from capture where outcome = 'pending')"))


def _told(leads: list[dict[str, Any]]) -> set[str]:
    """What must be nowhere: whole names, addresses, numbers by their digits, and stretches of what was said."""
    words = {AGENT["name"], AGENT["email"], AGENT["phone"][2:], SETTING, "rebecca", "sandra", "wilhelmina", "wolfgang"}
    words |= {"theodora", "a message that meets trouble"}
    for lead in leads:
        words.add(lead["name"] or "")
        words.add(re.sub(r"\D", "", lead["phone"] or "")[-10:])
        words.add(re.sub(r"^.*<|>.*$", "", lead["email"] or "").strip())
        words.update(part.strip() for part in re.split(r"[.,!?\n]", lead["message"] or "") if len(part.strip()) > 14)
        words.add(lead["page_url"] or "")
        words.add((lead["consent"] or {}).get("ip") or "")
    return {word.lower() for word in words if len(word) > 6}


def _opened(text: str) -> str:
    """The text, and what stands in it in other clothes: hex, base64, and digits alone."""
    in_hex = re.findall(r"\\x((?:[0-9a-f]{2}){6,})", text)
    hexes = [bytes.fromhex(found).decode("utf-8", "replace") for found in in_hex]
    bases = []
    for found in re.findall(r"[A-Za-z0-9+/_-]{12,}={0,2}", text):
        try:
            plain = base64.b64decode(found.replace("-", "+").replace("_", "/") + "==")
        except ValueError:
            continue
        bases.append(plain.decode("utf-8", "replace"))
    unescaped = re.sub(r"\\{1,2}u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    return "\n".join((text, *hexes, *bases, unescaped)).lower()


def _found(words: set[str], text: str) -> list[str]:
    """Which words stand in the text; numbers also where punctuation cuts them up."""
    runs = set()
    for run in re.findall(r"\+?\d[\d ().-]{8,}\d", text):
        digits = re.sub(r"\D", "", run)
        runs.update((digits, digits[-10:]))
    return sorted(word for word in words if (word in runs if word.isdigit() else word in text))


@pytest.mark.parametrize(
    "clothed",
    [
        "to Ann Lee-Ray",
        "\\\\x" + b"by Ann Lee-Ray".hex(),
        base64.b64encode(b"..Ann Lee-Ray..").decode(),
        base64.urlsafe_b64encode(b"Ann Lee-Ray").decode().rstrip("="),
        "call (813) 555-0142",
        "+1 813.555.0142",
        r"ma\\u00f1ana ser\\u00e1",
    ],
)
def test_the_search_sees_through_the_clothes_that_personal_data_may_wear(clothed: str) -> None:
    assert _found({"ann lee-ray", "8135550142", "mañana será"}, _opened(clothed))
