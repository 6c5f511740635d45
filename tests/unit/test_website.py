"""A website's address, as people type it, is the origin that browsers name; nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.website import plain, read_origin
from leadwake.errors import InputError


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("example.com", "https://example.com"),
        (" WWW.Example.COM/contact?x=1#y ", "https://example.com"),
        ("https://www.example.com:443/", "https://example.com"),
        ("https://shop.example.com:8443", "https://shop.example.com:8443"),
        ("müller.example", "https://xn--mller-kva.example"),
        ("https://user:secret@example.com", "https://example.com"),
        ("localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:8001/page", "http://127.0.0.1:8001"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_address_is_understood_as_people_type_it(typed: str, origin: str) -> None:
    assert read_origin(typed) == origin


@pytest.mark.parametrize(
    "typed",
    ["", "example", "http://example.com", "ftp://example.com", "javascript:alert(1)", "https://*.example.com",
     "https://a..b.com", "https://example.com:99999", "https://[::1", "https://" + "a." * 200 + "com", "null"],
)  # fmt: skip
def test_what_is_no_website_of_anybodys_is_refused_with_what_to_do(typed: str) -> None:
    with pytest.raises(InputError) as refused:
        read_origin(typed)

    assert refused.value.reasons["address"]


@given(st.text(max_size=80))
def test_whatever_is_typed_is_an_origin_or_refused(typed: str) -> None:
    try:
        origin = read_origin(typed)
    except InputError:
        return
    assert read_origin(origin) == plain(origin) == origin
