"""The stand-ins for accounts: whoever goes live can walk through it without leaving the machine."""

from __future__ import annotations

from sandbox_case import ACCOUNT, BEARER, OUR_NUMBER, TOKEN, Visitor

NUMBERS = f"/twilio/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers"
AUTH = (ACCOUNT, TOKEN)


async def test_a_number_reports_where_it_was_told_to(sandbox: Visitor) -> None:
    listed = (await sandbox.http.get(f"{NUMBERS}.json", auth=AUTH)).json()["incoming_phone_numbers"]
    (own,) = [number for number in listed if number["phone_number"] == OUR_NUMBER]
    assert own["sms_url"].startswith("https://demo.twilio.com/")

    answer = await sandbox.http.post(f"{NUMBERS}/{own['sid']}.json", data={"SmsUrl": "https://x.example"}, auth=AUTH)
    assert answer.json()["sms_url"] == "https://x.example"
    again = await sandbox.http.get(f"{NUMBERS}.json", params={"PhoneNumber": OUR_NUMBER}, auth=AUTH)
    assert [number["sms_url"] for number in again.json()["incoming_phone_numbers"]] == ["https://x.example"]


async def test_nobody_sees_an_account_without_its_token(sandbox: Visitor) -> None:
    assert (await sandbox.http.get(f"{NUMBERS}.json")).status_code == 401
    assert (await sandbox.http.get("/twilio/v1/Services")).status_code == 401
    assert (await sandbox.http.get("/sendgrid/v3/whitelabel/domains")).status_code == 401
    assert (await sandbox.http.post(f"{NUMBERS}/PN{'0' * 32}.json", auth=AUTH)).status_code == 404


async def test_the_carriers_decide_by_a_button_or_an_order(sandbox: Visitor) -> None:
    async def campaign() -> str:
        (service,) = (await sandbox.http.get("/twilio/v1/Services", auth=AUTH)).json()["services"]
        path = f"/twilio/v1/Services/{service['sid']}/Compliance/Usa2p"
        return str((await sandbox.http.get(path, auth=AUTH)).json()["compliance"][0]["campaign_status"])

    assert await campaign() == "PENDING"
    assert (await sandbox.http.post("/a2p", data={"campaign": "VERIFIED"})).status_code == 303
    assert await campaign() == "VERIFIED"
    assert (await sandbox.http.put("/twilio/_a2p", json={"campaign": "SUSPENDED"})).status_code == 200
    assert await campaign() == "SUSPENDED"
    assert (await sandbox.http.put("/twilio/_a2p", json={"campaign": "FINE"})).status_code == 422
    assert (await sandbox.http.post("/a2p", data={})).status_code == 422


async def test_dns_is_there_at_the_second_look(sandbox: Visitor) -> None:
    path = "/sendgrid/v3/whitelabel/domains"
    made = (await sandbox.http.post(path, json={"domain": "realty.example.com"}, headers=BEARER)).json()
    assert (await sandbox.http.post(path, json={"domain": "no domain"}, headers=BEARER)).status_code == 400

    looks = [(await sandbox.http.post(f"{path}/{made['id']}/validate", headers=BEARER)).json() for _ in range(2)]

    assert [look["valid"] for look in looks] == [False, True]
    assert looks[0]["validation_results"]["dkim1"]["reason"]
    (found,) = (await sandbox.http.get(path, params={"domain": "realty.example.com"}, headers=BEARER)).json()
    assert found["valid"]
    assert all(record["valid"] for record in found["dns"].values())
