"""`leadwake sequence check`: says what is wrong with a file, and what it does, without a database."""

from __future__ import annotations

from pathlib import Path

from command_case import CommandLine

from leadwake.domain.sequence.shipped import shipped


def test_a_sequence_is_told_in_words_with_its_messages_and_their_cost(bare: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(shipped()["new_buyer"], "utf-8")

    answer = bare("sequence", "check", str(file), "--show")

    assert (answer.code, answer.err) == (0, "")
    assert answer.lines[0] == "✓ new_buyer, New buyer"
    assert (
        "  Begins with a new lead, for those of whom all of this is true: they ask about buying a home." in answer.lines
    )
    assert (
        "       day 7  A text, 1 segment; where it may not be sent, an e-mail, “A short list, or later?”"
        in answer.lines
    )
    assert "(114 characters, 1 segment, GSM-7)" in answer.out
    assert "Subject: Buying a home: what comes first" in answer.out
    assert "Hola Maria, le escribe Dana de Example Realty." in answer.out


def test_each_file_is_told_and_one_that_cannot_be_published_fails(bare: CommandLine, tmp_path: Path) -> None:
    good, bad, latin = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "latin.yaml"
    good.write_text("sequence: a\ntitle: A\nstarts: by_hand\nthen: b\nsteps:\n  - call: Ask\n", "utf-8")
    bad.write_text("sequence: b\ntitle: B\nstarts: by_hand\nsteps:\n  - wiat: 1 day\n", "utf-8")
    latin.write_bytes("sequence: c\ntitle: Compañía\n".encode("latin-1"))

    answer = bare("sequence", "check", str(good), str(bad), str(latin))

    assert (answer.code, answer.err) == (1, "")
    assert answer.lines[0] == "✓ a, A"
    assert f"{bad}:5: error: unknown key 'wiat' in a step: did you mean wait?" in answer.lines
    assert f"{latin}:2: error: is not UTF-8; save it as UTF-8" in answer.lines


def test_a_file_of_ten_megabytes_is_refused_in_a_line(bare: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    file.write_bytes(b"a: [" * 2_500_000)

    answer = bare("sequence", "check", str(file))

    assert (answer.code, answer.err) == (1, "")
    assert answer.lines == [f"{file}:1: error: longer than 100 KB; a sequence is a page or two"]
