"""Phones and e-mails as strangers type them."""

from __future__ import annotations

import pytest

from leadwake.domain.contact import normalise_email, normalise_phone


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("8135550194", "+18135550194"),
        ("(718) 555-0154", "+17185550154"),
        ("1 (702) 555.0185", "+17025550185"),
        ("+1 410 555 0114", "+14105550114"),
        ("tel:+1-813-555-0194;ext=7", "+18135550194"),
        ("813/555-0194", "+18135550194"),
        ("813\t555\t0194", "+18135550194"),
        ("\u202a+1 (813) 555\u20110194\u202c", "+18135550194"),  # as copied from an address book
        ("８１３-５５５-０１９４", "+18135550194"),
        ("٨١٣٥٥٥٠١٩٤", "+18135550194"),
        ("684-555-0100", "+16845550100"),  # fiction, which libphonenumber does not know everywhere
    ],
)
def test_a_us_number_is_read_in_every_way_it_is_written(typed: str, expected: str) -> None:
    assert normalise_phone(typed) == expected


@pytest.mark.parametrize(
    "typed",
    ["410-555-0196 ext. 7", "410-555-0196 x204", "410-555-0196 #7", "410-555-0196,,7", "410-555-0196-22"],
)
def test_an_extension_is_dropped(typed: str) -> None:
    assert normalise_phone(typed) == "+14105550196"


@pytest.mark.parametrize(
    "typed",
    [
        "916-555-0153 / 916-555-0170 (work)",
        "cell: 916.555.0153 or 916.555.0170",
        "9165550153, 9165550170",
        "916 555 0153 916 555 0170",
        "(916) 555-0153 (916) 555-0170",
        "916-555-0153/0170",
        "home 916-555-0153\nwork 916-555-0170",
        "555-0182 / 916-555-0153",  # the first one that is a number
    ],
)
def test_the_first_of_two_numbers_counts(typed: str) -> None:
    assert normalise_phone(typed) == "+19165550153"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("+44 (0)20 7946 0600", "+442079460600"),
        ("011 44 20 7946 0600", "+442079460600"),
        ("0044 20 7946 0600", "+442079460600"),
        ("+44 20 7946 0600 / +44 20 7946 0601", "+442079460600"),
        ("+61 491 570 156", "+61491570156"),
        ("+49 (0)30 23125 123", "+493023125123"),
        ("+49 30/23125123", "+493023125123"),
    ],
)
def test_a_number_from_abroad_is_read_with_its_country_code(typed: str, expected: str) -> None:
    assert normalise_phone(typed) == expected


def test_a_number_without_country_code_is_read_as_its_region_writes_it() -> None:
    assert normalise_phone("020 7946 0600", "GB") == "+442079460600"
    assert normalise_phone("020 7946 0600") is None


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "none",
        "555-0182",
        "000-555-0123",
        "123-456-7890",
        "555-555-0123",
        "813-555-01944",  # one digit too many: nobody knows which
        "+8135550194",
        "+44 813 555 0194",
        "+44/813 555 0194",
        "212-911-5678",
        "999-555-0123",
        "1-800-FLOWERS",
        "813-555",
        "call me",
        "\x00",
        "\ud800",
    ],
)
def test_what_is_no_number_is_none_and_nothing_is_guessed(typed: str) -> None:
    assert normalise_phone(typed) is None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (' "Nathan Ortiz" <NORTIZ77@EXAMPLE.COM> ', "nortiz77@example.com"),
        ("Ortiz, Nathan <nortiz77@example.com>", "nortiz77@example.com"),
        ("<nortiz77@example.com>", "nortiz77@example.com"),
        ("victoria_moore+leads@example.net", "victoria_moore+leads@example.net"),
        ("mailto:o'brien@example.org", "o'brien@example.org"),
        ("\u200b john@example.com\r\n", "john@example.com"),
        ("john@exämple.de", "john@xn--exmple-cua.de"),
        ("a@b.co", "a@b.co"),
    ],
)
def test_an_email_is_its_address_only(typed: str, expected: str) -> None:
    assert normalise_email(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "none",
        "campbell@",
        "@example.com",
        "nancy.adamsexample.com",
        "john@example",
        "john@example.com.",
        "john..doe@example.com",
        ".john@example.com",
        "john@-example.com",
        "john@example.c",
        "john@127.0.0.1",
        "john@[127.0.0.1]",
        "john doe@example.com",
        '"john doe"@example.com',
        "john@example.com, jane@example.com",
        "john@example.com jane",
        "john@example.com\r\nBcc: everyone@example.net",
        '"x\r\nBcc: y" <john@example.com>',
        "jo\x00hn@example.com",
        "jo\u202ehn@example.com",
        "jöhn@example.com",
        "john@straße.de",  # would be sent to strasse.de, somebody else's
        "a" * 65 + "@example.com",
        "a@" + "b" * 64 + ".com",
        "a@" + "b." * 130 + "com",
        "\ud800@example.com",
        "<" * 900,
    ],
)
def test_what_is_no_address_is_none(typed: str) -> None:
    assert normalise_email(typed) is None
