"""One sign that somebody may live where the GDPR holds is enough; without any nobody does."""

from __future__ import annotations

import pytest

from leadwake.compliance.gdpr_region import may_be_in_gdpr_region
from leadwake.domain.place import normalise_country


@pytest.mark.parametrize(
    ("country", "phone", "email", "expected"),
    [
        (None, None, None, False),
        ("US", "+18135550142", "ann@example.com", False),
        ("Canada", None, "ann@example.ca", False),
        ("Germany", None, None, True),
        ("UK", None, None, True),
        ("Switzerland", None, None, True),
        ("Hungary", None, None, True),
        ("somewhere far away", None, None, True),
        ("US", "+493012345678", "ann@example.com", True),
        ("US", "+442079460958", "ann@example.com", True),
        ("US", "+262692123456", None, True),
        ("US", None, "ann@example.fr", True),
        ("US", None, "ann@example.co.uk", True),
        ("US", None, "ann@EXAMPLE.EU", True),
        (None, "+14415550142", "ann@uk.example.com", False),
    ],
)
def test_one_sign_is_enough(country: str | None, phone: str | None, email: str | None, expected: bool) -> None:
    declared = normalise_country(country) if country else None

    assert may_be_in_gdpr_region(declared, phone, email) is expected
