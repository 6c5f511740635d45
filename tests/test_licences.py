"""Nothing is shipped whose licence nobody looked at, and the page and the bill of materials tell the truth."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from checks.licences import ALLOWED, PAGE, Package, packages, page, sbom

ROOT = Path(__file__).parents[1]


def test_every_locked_package_says_a_licence_that_may_be_shipped() -> None:
    found = packages()

    assert len(found) > 40
    assert [f"{one.name}: {one.licence or 'none'}" for one in found if not one.is_allowed] == []


def test_the_page_is_what_is_locked() -> None:
    assert PAGE.read_text("utf-8") == page(packages()), "run make sbom"


def test_the_bill_of_materials_names_every_locked_package_with_its_files() -> None:
    found = packages()
    document = json.loads(json.dumps(sbom(found, "0.1.0")))
    locked = set(
        re.findall(r"^([a-z0-9][a-z0-9._-]*==[^ ;\\]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    )

    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert {f"{one['name']}=={one['version']}" for one in document["components"]} == locked
    assert all(one["externalReferences"] and one["licenses"][0]["expression"] for one in document["components"])
    assert document == json.loads(json.dumps(sbom(packages(), "0.1.0"))), "the same again"


@pytest.mark.parametrize(
    ("licence", "may_be_shipped"),
    [
        ("MIT", True), ("Apache-2.0 OR BSD-3-Clause", True), ("Apache-2.0 AND BSD-2-Clause", True),
        ("GPL-3.0-only OR MIT", True), ("GPL-3.0-only", False), ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False), ("", False), ("see the file", False), ("SSPL-1.0", False),
    ],
)  # fmt: skip
def test_of_several_licences_one_has_to_fit_whole(licence: str, may_be_shipped: bool) -> None:
    assert Package("x", "1", licence, "", ()).is_allowed is may_be_shipped


def test_every_allowed_licence_says_what_it_asks() -> None:
    assert all(ALLOWED.values())
