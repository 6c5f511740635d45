"""The lane that holds our requests to the vendors' own OpenAPI files can say no."""

from __future__ import annotations

import pytest
from openapi_lane import Contract, contract, specs

ACCOUNT = "AC" + "0" * 32
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
FORM = {"authorization": "Basic x", "content-type": "application/x-www-form-urlencoded"}
JSON = {"authorization": "Bearer x", "content-type": "application/json"}

pytestmark = pytest.mark.vendor_specs


def of(vendor: str) -> Contract:
    specs()
    found = contract(vendor)
    assert found is not None
    return found


@pytest.mark.parametrize("vendor", ["twilio", "sendgrid", "hubspot", "gohighlevel", "slack", "apollo", "calendly"])
def test_the_vendors_contract_is_at_hand(vendor: str) -> None:
    assert of(vendor)


@pytest.mark.parametrize(
    ("vendor", "method", "target", "headers", "body", "problem"),
    [
        ("twilio", "POST", MESSAGES, FORM, b"Body=hi", "'To' is a required property"),
        ("twilio", "POST", MESSAGES, FORM, b"To=1&Bdy=hi", "body.Bdy is not in the contract"),
        ("twilio", "POST", MESSAGES, {**FORM, "authorization": "Bearer x"}, b"To=1", "Authorization"),
        ("twilio", "POST", MESSAGES, JSON, b"{}", "content type"),
        ("twilio", "POST", MESSAGES.replace("AC0", "XX0"), FORM, b"To=1", "does not match"),
        ("twilio", "GET", f"{MESSAGES}?PageSize=5000", FORM, b"", "maximum of 1000"),
        ("twilio", "GET", f"{MESSAGES}?Nope=1", FORM, b"", "Nope is unknown"),
        ("twilio", "PUT", MESSAGES, FORM, b"To=1", "no such operation"),
        ("sendgrid", "POST", "/v3/mail/send", JSON, b'{"subject":""}', "should be non-empty"),
        ("sendgrid", "POST", "/v3/mail/send", JSON, b'{"from":{"mail":"x"}}', "body.from.mail is not in the contract"),
        ("sendgrid", "POST", "/v3/mail/send", JSON, b'{"custom_args":{"a":"b"}}', "is not of type 'string'"),
        ("hubspot", "POST", "/crm/v3/objects/contacts", JSON, b'{"properties":{"a":1}}', "is not of type 'string'"),
        ("hubspot", "POST", "/crm/v3/objects/contacts/batch/upsert", JSON, b'{"inputs":[{}]}', "'id' is a required"),
        ("calendly", "POST", "/scheduling_links", JSON, b'{"max_event_count":2}', "2 is not one of [1]"),
        ("calendly", "GET", "/webhook_subscriptions?count=999", JSON, b"", "maximum of 100"),
        ("slack", "POST", "/api/chat.postMessage", JSON, b'{"text":"hi"}', "'channel' is a required property"),
        ("slack", "POST", "/api/chat.update", JSON, b'{"channel":"C1","ts":"1","tsx":1}', "body.tsx is not in the con"),
        ("slack", "GET", "/api/users.lookupByEmail", JSON, b"", "parameter email is missing"),
        ("apollo", "POST", "/api/v1/people/match?mail=x", {"x-api-key": "k"}, b"", "mail is unknown"),
        ("apollo", "POST", "/api/v1/people/match?email=x", {}, b"", "Authorization is missing"),
        ("apollo", "POST", "/api/v1/people/bulk_match", {**JSON, "x-api-key": "k"}, b"{}", "'details' is a required"),
        ("hubspot", "PATCH", "/crm/v3/objects/contacts/1", JSON, b'{"props":{}}', "body.props is not in the contract"),
    ],
)
def test_a_wrong_request_is_found(
    vendor: str, method: str, target: str, headers: dict[str, str], body: bytes, problem: str
) -> None:
    problems = of(vendor).problems(method, target, headers, body)

    assert any(problem in one for one in problems), problems
