"""What holds for every command: quick help, one line for a mistake, exit codes, no traceback."""

from __future__ import annotations

import signal
import subprocess
import sys

import click
import pytest
from command_case import CommandLine

from leadwake.cli.main import SECTIONS, cli
from leadwake.cli.output import printable

LISTED = [name for section in SECTIONS.values() for name, lazy in section.items() if lazy.help]
HEAVY = {"psycopg", "httpx", "fastapi", "procrastinate", "jinja2", "cryptography"}


def loaded_by(leadwake: CommandLine, *words: str) -> set[str]:
    """The heavy packages that a command imports."""
    program = (
        f"import sys; from leadwake.cli.main import run; run({list(words)!r}); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=leadwake.environment,
        stdin=subprocess.DEVNULL, cwd=leadwake.folder,
    )  # fmt: skip
    return {name.partition(".")[0] for name in done.stderr.split()} & HEAVY


def test_help_lists_every_command_and_loads_none(bare: CommandLine) -> None:
    answer = bare("--help")

    assert answer.code == 0
    assert [name for name in LISTED if f"  {name} " in answer.out] == LISTED
    assert loaded_by(bare, "--help") == set()


def test_whatif_loads_neither_database_nor_vendors(bare: CommandLine) -> None:
    assert loaded_by(bare, "whatif", "intake", "-") == set()
    assert loaded_by(bare, "whatif", "send", "-") == set()


@pytest.mark.parametrize("name", LISTED)
def test_every_command_and_its_verbs_explain_themselves(name: str) -> None:
    context = click.Context(cli)
    command = cli.get_command(context, name)
    assert command is not None
    verbs = command.commands.values() if isinstance(command, click.Group) else ()

    assert all(one.help and one.help.strip() for one in (command, *verbs))


def test_version_is_the_package_s(bare: CommandLine) -> None:
    assert bare("--version").out.startswith("leadwake 0.")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["legder"], "'ledger'"),
        (["ledger", "--jsno"], "--json"),
        (["api-key", "create"], "NAME"),
        (["whatif", "intake", "absent.jsonl"], "absent.jsonl"),
        (["whatif", "intake", "/"], "directory"),
        (["lead", "show", "seven"], "UUID"),
        (["dead-letter", "replay"], "--all"),
        (["vendor", "connect", "fax"], "twilio"),
    ],
)
def test_a_slip_of_the_fingers_is_one_line_and_exit_2(bare: CommandLine, words: list[str], says: str) -> None:
    assert says in bare(*words).refused(2)


def test_a_wrong_setting_is_one_line_that_names_it(bare: CommandLine) -> None:
    assert "LEADWAKE_TIME_ZONE" in bare("ledger", TIME_ZONE="Mars/Olympus").refused(2)
    assert "LEADWAKE_DATABASE_URL" in bare("ledger", DATABASE_URL="mysql://localhost/x").refused(2)


def test_a_database_that_is_away_is_one_line_and_exit_1(bare: CommandLine) -> None:
    for words in (["ledger"], ["migrate"], ["lead", "list"]):
        assert "does not answer" in bare(*words, DATABASE_URL="postgresql://127.0.0.1:9/none").refused(1)


def test_a_database_url_nobody_can_read_is_one_line(bare: CommandLine) -> None:
    answer = bare("ledger", DATABASE_URL="postgresql://127.0.0.1/none?nonsense=1")

    assert "LEADWAKE_DATABASE_URL" in answer.refused(2)


def test_ctrl_c_ends_a_command_quietly(bare: CommandLine) -> None:
    process = bare.start("whatif", "intake", "-")
    assert process.stdin
    assert process.stderr
    process.stdin.write("no lead\n")
    process.stdin.flush()
    assert "line 1" in process.stderr.readline()  # it is reading now
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "Traceback" not in err


def test_a_reader_that_has_enough_is_no_error(bare: CommandLine) -> None:
    leads = "".join(f'{{"id": "L{number}", "name": "Ann Lee"}}\n' for number in range(20_000))
    (bare.folder / "leads.jsonl").write_text(leads)
    process = bare.start("whatif", "intake", "leads.jsonl", stdin=subprocess.DEVNULL)
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline().startswith("id,")
    process.stdout.close()
    process.wait(timeout=60)

    assert process.stderr.read() == ""
    assert process.returncode == 141


def test_what_people_wrote_cannot_steer_a_terminal() -> None:
    assert printable("Ann\x1b[31m \u202eeel\x9b1m\r\nLee\ud800") == "Ann?[31m ?eel?1m  Lee?"
    assert printable("two\nlines", lines=True) == "two\nlines"
    assert printable("María 李 🙂") == "María 李 🙂"
