"""`leadwake score`, as an operator uses it."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

from command_case import CommandLine


def test_weights_are_shown_tried_and_published_from_a_file(leadwake: CommandLine, tmp_path: Path) -> None:
    shown = leadwake("score", "show", "--json").json
    assert (shown["version"], shown["hot"], shown["warm"]) == (0, 80, 40)
    assert "returned_pricing" in leadwake("score", "show").out

    file = tmp_path / "weights.json"
    file.write_text(json.dumps({"hot": 75, "weights": {"budget": {"points": 10}}}))
    assert leadwake("score", "publish", str(file), "--check").lines == [
        "  Hot from 80 → from 75", "  Gave a budget: +8 → +10", "0 of the last 0 leads change temperature",
    ]  # fmt: skip
    assert leadwake("score", "show", "--json").json["version"] == 0
    assert leadwake("score", "publish", str(file), "--reason", "they pay").code == 0
    after = leadwake("score", "show", "--json").json
    assert (after["version"], after["hot"], after["weights"]["budget"]["points"]) == (1, 75, 10)

    file.write_text(json.dumps({"weights": {"zip_code": {"points": 10}}}))
    refused = leadwake("score", "publish", str(file))
    assert (refused.code, "stands for a ZIP code" in refused.out) == (1, True)
    file.write_text("[")
    leadwake("score", "publish", str(file)).refused(2)
    leadwake("score", "lead", str(uuid4()), "--at", "yesterday").refused(2)
    assert "nothing is known" in leadwake("score", "lead", str(uuid4())).err
