"""A droplet's life with Leadwake: installed, upgraded, an upgrade that fails, the way back, and uninstalled.

The real scripts with the real systemd, nginx and Python of this distribution; one story, each test a chapter.
"""

# ruff: noqa: T201 - what the scripts said is printed for whoever reads a failure

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from droplet_case import Droplet, droplet

pytestmark = pytest.mark.droplet

ROOT = Path(__file__).parents[2]
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/srv/wheels", "PIP_CONFIG_FILE": "/dev/null"}
LEAD = {"name": "Maria Lopez", "phone": "813 555 0142", "email": "maria@example.com", "message": "Still open?"}
CURL = ("curl", "-sS", "--cacert", "/etc/leadwake/tls/fullchain.pem", "--max-time", "20")

#: a team in rehearsal: a Tuesday's noon, and a stand-in for Twilio on this machine
SETTINGS = """\
LEADWAKE_PUBLIC_URL=https://leads.test
LEADWAKE_TRUSTED_PROXIES=127.0.0.1
LEADWAKE_BUSINESS_NAME="Example Realty"
LEADWAKE_CLOCK=2026-12-01T17:00:00Z
LEADWAKE_TWILIO_URL=http://127.0.0.1:8090/twilio
LEADWAKE_TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000
LEADWAKE_TWILIO_AUTH_TOKEN=practice
LEADWAKE_TWILIO_FROM=+15005550006
LEADWAKE_TWILIO_A2P=approved
"""


#: a database server beside Leadwake, by the programs that came with it; whoever comes by loopback is believed
SERVER = """\
set -eu
programs=$(dirname "$(find /opt/leadwake/current/lib -path '*pginstall18/bin/initdb')")
install -d -o leadwake -m 0700 /var/lib/own
cd /var/lib/own
as="setpriv --reuid leadwake --regid leadwake --init-groups"
$as "$programs/initdb" -D data -U postgres -A trust -E UTF8 --locale C.UTF-8 >/dev/null
$as "$programs/pg_ctl" start -w -D data -l log -o '-p 5433 -k /var/lib/own' >/dev/null
ln -s "$programs/psql" /usr/local/bin/psql-own
psql-own -qh 127.0.0.1 -p 5433 -U postgres -d postgres -c 'create role leadwake_owner login createrole createdb'
psql-own -qh 127.0.0.1 -p 5433 -U postgres -d postgres -c 'create database own owner leadwake_owner'
"""
PSQL = ("psql-own", "-qAth", "127.0.0.1", "-p", "5433", "-U", "postgres", "-d", "own", "-c")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Droplet]:
    """A fresh droplet with the sources of some versions in /srv, and the packages of PyPI that they want."""
    sources = tmp_path_factory.mktemp("sources")
    # for the distribution's Python, which may want others than ours
    subprocess.run(["/usr/bin/python3", "-m", "venv", sources / "pip"], check=True)
    subprocess.run(
        [sources / "pip/bin/python", "-m", "pip", "download", "-q", "--no-deps", "--require-hashes",
         "--only-binary", ":all:", "-r", ROOT / "requirements.txt", "-d", sources / "wheels"],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _source(sources / "first", "0.1.1")
    _source(sources / "second", "0.1.2")
    migration = "create table of_tomorrow (id int primary key);\n"
    third = _source(sources / "third", "0.1.3", migration)  # migrates, and then its web does not come up
    with (third / "src/leadwake/web/app.py").open("a") as file:
        file.write('\n\ndef create_app(office):\n    raise ConfigError("this version is broken")\n')
    _source(sources / "fourth", "0.1.4", "select 1 / 0;\n")
    _source(sources / "fifth", "0.1.5", migration)
    with droplet(sources) as running:
        yield running


def _source(folder: Path, version: str, migration: str = "") -> Path:
    """This version's source under another number, as a release's archive has it."""
    for name in ("src", "deploy", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.txt", "README.md"):
        shutil.copy(ROOT / name, folder / name)
    project = (ROOT / "pyproject.toml").read_text()
    project = re.sub(r'^version = ".*"$', f'version = "{version}"', project, flags=re.MULTILINE)
    (folder / "pyproject.toml").write_text(project)
    if migration:
        (folder / "src/leadwake/storage/migrations/9999_pre_of_tomorrow.sql").write_text(migration)
    return folder


def _version(machine: Droplet) -> str:
    return machine.run("readlink", "/opt/leadwake/current").strip().rpartition("/")[2]


def _leads(machine: Droplet) -> int:
    return len(json.loads(machine.run("leadwake", "lead", "list", "--json", "--limit", "100000")))


def _post(machine: Droplet, key: str, **changes: str) -> dict[str, object]:
    """A lead comes in by https, as the world posts it."""
    said = machine.run(
        *CURL, "https://leads.test/v1/leads", "-H", f"Authorization: Bearer {key}",
        "-H", "Content-Type: application/json", "-d", json.dumps(LEAD | changes), "-w", "\n%{http_code}",
    )  # fmt: skip
    body, _, status = said.rpartition("\n")
    assert status == "202", said
    return json.loads(body)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody who sent a lead was told, after how many seconds."""

    status: str
    seconds: float
    retry_after: str


#: how many people post at once, each the next lead when the one before is answered
POSTERS = 5
_POSTER = """\
for poster in $(seq {posters}); do
  (
    number=0
    until [ -e /tmp/enough ]; do
      number=$((number + 1))
      who="{name}$poster.$number"
      {curl} --max-time 100 https://leads.test/v1/leads -H 'Authorization: Bearer {key}' -o /dev/null \
        -H 'Content-Type: application/json' -d "{{\\"name\\":\\"Visitor\\",\\"email\\":\\"$who@example.com\\"}}" \
        -w '%{{http_code}} %{{time_total}} %header{{retry-after}}\\n' >>/tmp/answers || true
      sleep 0.3
    done
  ) &
done
wait
"""


@contextmanager
def _posting(machine: Droplet, key: str, name: str) -> Iterator[list[Answered]]:
    """People go on sending leads by https until the block ends; then what each was told."""
    answers: list[Answered] = []
    machine.write("/tmp/posting.sh", _POSTER.format(posters=POSTERS, name=name, curl=" ".join(CURL), key=key))
    machine.run("rm", "-f", "/tmp/enough", "/tmp/answers")
    posting = machine.begin("sh", "/tmp/posting.sh")
    try:
        machine.run("sh", "-c", "until [ -s /tmp/answers ]; do sleep 0.1; done")
        yield answers
        machine.run("sleep", "1")  # they meet the one that took over
    finally:
        machine.run("touch", "/tmp/enough")
        posting.wait(120)
    for line in machine.run("cat", "/tmp/answers").splitlines():
        status, seconds, *retry_after = line.split()
        answers.append(Answered(status, float(seconds), " ".join(retry_after)))


def _print_waits(answers: list[Answered]) -> None:
    waits = sorted(answer.seconds for answer in answers if answer.status == "202")
    away = sum(answer.status != "202" for answer in answers)
    print(f"{len(answers)} leads sent, {away} told to come again, the longest wait {waits[-1]:.1f} s")


@pytest.fixture(scope="module")
def key(machine: Droplet) -> Iterator[str]:
    """An API key, once Leadwake is installed, with the stand-in vendors beside it."""
    machine.run("install", "-d", "-m", "0755", "/etc/leadwake")
    machine.write("/etc/leadwake/leadwake.env", SETTINGS)
    dry = machine.run("/srv/first/deploy/systemd/install.sh", "leads.test", "you@example.com", "--dry-run")
    assert "nothing was changed" in dry
    machine.run("test", "!", "-e", "/opt/leadwake")
    said = machine.run(
        "/srv/first/deploy/systemd/install.sh", "leads.test", "you@example.com", "--no-certificate", **OFFLINE
    )
    print(said)
    assert re.search(r"^https://leads\.test/invite/\S+$", said, re.MULTILINE)
    assert re.search(r"^\s+[A-Za-z0-9_-]{43}$", said, re.MULTILINE), "the master key's recovery copy, once"
    vendors = machine.begin("/opt/leadwake/current/bin/leadwake", "sandbox", "--port", "8090")
    yield machine.run("leadwake", "api-key", "create", "site").strip().splitlines()[-1]
    vendors.kill()
    vendors.wait()


def test_a_lead_that_comes_by_https_is_answered_by_text(machine: Droplet, key: str) -> None:
    _post(machine, key)
    texts = "curl -s --retry 30 --retry-delay 1 127.0.0.1:8090/received?vendor=twilio"
    waiting = f"for i in $(seq 60); do {texts} | grep -q Messages.json.*+18135550142 && exit 0; sleep 0.5; done; exit 1"
    machine.run("sh", "-c", waiting)


def test_the_service_can_do_no_more_than_it_must(machine: Droplet, key: str) -> None:
    pid = machine.run("systemctl", "show", "leadwake", "--property", "MainPID", "--value").strip()
    status = dict(
        line.split(":\t", 1) for line in machine.run("cat", f"/proc/{pid}/status").splitlines() if ":\t" in line
    )
    account = machine.run("id", "-u", "leadwake").strip()

    assert status["Uid"].split() == [account] * 4
    assert (status["NoNewPrivs"], status["Seccomp"], int(status["CapBnd"], 16)) == ("1", "2", 0)
    inside = ("nsenter", "-t", pid, "--mount", "setpriv", "--reuid", account, "--clear-groups", "sh", "-c")
    for place in ("/opt/leadwake/x", "/etc/leadwake/x", "/usr/x", "/var/lib/x", "/root/x"):
        machine.run(*inside, f"touch {place}", fails=True)
    machine.run(*inside, "touch /var/lib/leadwake/x /tmp/x && rm /var/lib/leadwake/x /tmp/x")
    programs = machine.run("ps", "-u", "leadwake", "-o", "args=")
    assert "postgres" in programs
    assert "leadwake worker" in programs
    assert machine.run("stat", "-c", "%a %U", "/var/lib/leadwake", "/var/lib/leadwake/master.key").split() == [
        "700", "leadwake", "600", "leadwake"
    ]  # fmt: skip
    journal = machine.run("journalctl", "-u", "leadwake", "--no-pager")
    assert "Leadwake is at https://leads.test" in journal
    assert "/invite/" not in journal


def test_a_service_that_is_killed_is_back_by_itself(machine: Droplet, key: str) -> None:
    machine.run("systemctl", "kill", "--signal", "KILL", "--kill-whom", "main", "leadwake")
    machine.run("sh", "-c", "for i in $(seq 60); do curl -sf 127.0.0.1:8000/readyz && exit 0; sleep 1; done; exit 1")

    assert machine.run("systemctl", "show", "leadwake", "--property", "NRestarts", "--value").strip() == "1"
    assert _leads(machine) == 1


def test_installed_again_nothing_changes(machine: Droplet, key: str) -> None:
    before = machine.run("systemctl", "show", "leadwake", "--property", "MainPID", "--value")
    said = machine.run(
        "/srv/first/deploy/systemd/install.sh", "leads.test", "you@example.com", "--no-certificate", **OFFLINE
    )

    assert "is built already" in said
    assert "/invite/" not in said
    assert machine.run("cat", "/etc/leadwake/leadwake.env") == SETTINGS
    assert machine.run("systemctl", "show", "leadwake", "--property", "MainPID", "--value") == before


def test_whoever_sends_a_lead_during_a_restart_waits_and_is_answered(machine: Droplet, key: str) -> None:
    before, pid = _leads(machine), machine.run("systemctl", "show", "leadwake", "--property", "MainPID", "--value")
    with _posting(machine, key, "restart") as answers:
        for _ in range(2):
            machine.run("systemctl", "restart", "leadwake")

    assert machine.run("systemctl", "show", "leadwake", "--property", "MainPID", "--value") != pid
    _print_waits(answers)
    assert [answer for answer in answers if answer.status != "202"] == []
    assert max(answer.seconds for answer in answers) > 1, "somebody came while nobody was there"
    assert _leads(machine) == before + len(answers)


def test_an_upgrade_takes_over_with_all_its_data(machine: Droplet, key: str) -> None:
    dry = machine.run("/srv/second/deploy/systemd/upgrade.sh", "--dry-run")
    assert ("would" in dry, _version(machine)) == (True, "0.1.1")
    before = _leads(machine)
    with _posting(machine, key, "upgrade") as answers:
        said = machine.run("/srv/second/deploy/systemd/upgrade.sh", **OFFLINE)
    print(said)

    assert "0.1.2 is at work" in said
    assert _version(machine) == "0.1.2"
    assert _post(machine, key)["duplicate"] is True
    _print_waits(answers)
    assert {(answer.status, answer.retry_after) for answer in answers} == {("202", ""), ("503", "5")}
    taken = sum(answer.status == "202" for answer in answers)
    assert before + taken <= _leads(machine) <= before + len(answers), "what was acknowledged is there"
    machine.run("leadwake", "ledger")


def test_an_upgrade_whose_web_does_not_come_up_steps_back_by_itself_and_loses_nothing(
    machine: Droplet, key: str
) -> None:
    before = _leads(machine)
    _post(machine, key, phone="813 555 0143", email="ben@example.com", name="Ben Cho")
    said = machine.run("/srv/third/deploy/systemd/upgrade.sh", fails=True, PATIENCE_S="60", **OFFLINE)
    print(said)

    assert "this version is broken" in said
    assert "Bringing the data back" in said, "the former release cannot read what this one had migrated"
    assert "0.1.2 is at work again, with its data" in said
    assert (_version(machine), _leads(machine)) == ("0.1.2", before + 1)
    assert _post(machine, key, phone="813 555 0144", email="cy@example.com", name="Cy Dahl")["duplicate"] is False
    machine.run("leadwake", "ledger")


def test_a_migration_that_fails_is_found_out_on_a_copy_while_leadwake_works_on(machine: Droplet, key: str) -> None:
    before, leads = machine.run("systemctl", "show", "leadwake", "--property", "MainPID", "--value"), _leads(machine)
    said = machine.run("/srv/fourth/deploy/systemd/upgrade.sh", fails=True, **OFFLINE)

    assert "The rehearsal failed" in said
    assert machine.run("systemctl", "show", "leadwake", "--property", "MainPID", "--value") == before
    assert (_version(machine), _leads(machine)) == ("0.1.2", leads)


def test_the_way_back_keeps_the_data_where_the_former_release_can_work_with_them(machine: Droplet, key: str) -> None:
    leads = _leads(machine)
    print(machine.run("/opt/leadwake/current/deploy/systemd/rollback.sh"))

    assert (_version(machine), _leads(machine)) == ("0.1.1", leads)
    machine.run("/opt/leadwake/current/deploy/systemd/rollback.sh")
    assert (_version(machine), _leads(machine)) == ("0.1.2", leads)


def test_the_way_back_over_a_migration_is_only_gone_by_whoever_says_so(machine: Droplet, key: str) -> None:
    said = machine.run("/srv/fifth/deploy/systemd/upgrade.sh", **OFFLINE)
    leads = _leads(machine)
    backup = next(line for line in said.splitlines() if line.startswith("/var/lib/leadwake/backups/"))
    _post(machine, key, phone="813 555 0145", email="dee@example.com", name="Dee East")
    refused = machine.run("/opt/leadwake/current/deploy/systemd/rollback.sh", fails=True)

    assert "rollback.sh --restore" in refused
    assert (_version(machine), _leads(machine)) == ("0.1.5", leads + 1)
    machine.run("/opt/leadwake/current/deploy/systemd/rollback.sh", "--restore", backup)
    assert (_version(machine), _leads(machine)) == ("0.1.2", leads)


def test_after_a_disaster_the_team_is_back_from_a_backup_the_vault_and_the_key(machine: Droplet, key: str) -> None:
    _post(machine, key)
    before, source = _leads(machine), {"0.1.1": "first", "0.1.2": "second"}[_version(machine)]
    machine.run("leadwake", "backup", "create")
    machine.run("systemctl", "stop", "leadwake.socket")
    machine.run("systemctl", "is-active", "leadwake", fails=True)
    machine.run("mv", "/var/lib/leadwake", "/root/lost")
    keep = (
        "cp $(ls -t backups/*.backup | head -1) vault-copies/* /root/kept; cp master.key /root/kept/recovery-copy.txt"
    )
    machine.run("sh", "-ec", f"mkdir /root/kept; cd /root/lost; {keep}")

    install = (f"/srv/{source}/deploy/systemd/install.sh", "leads.test", "you@example.com")
    print(machine.run(*install, "--no-certificate", "--no-start", **OFFLINE))
    machine.run("test", "!", "-e", "/var/lib/leadwake/master.key")
    kept = "/var/lib/leadwake/kept"
    machine.run("install", "-d", "-o", "leadwake", "-g", "leadwake", "-m", "0700", kept)
    machine.run("sh", "-c", f"install -o leadwake -g leadwake -m 0600 /root/kept/* {kept}")
    restore = "leadwake backup restore $(ls *.backup) --vault . --key-file recovery-copy.txt"
    print(machine.run("sh", "-ec", f"cd {kept}; {restore}; systemctl start leadwake"))

    assert _leads(machine) == before
    assert _post(machine, key)["duplicate"] is True, "the key for programs is as it was, and so is who is known"


def test_on_a_server_of_its_own_an_upgrade_migrates_as_the_owner_and_opens_new_tables_to_the_service(
    machine: Droplet, key: str
) -> None:
    leads, version = _leads(machine), _version(machine)
    owner, service = (f"postgresql://{user}@127.0.0.1:5433/own" for user in ("leadwake_owner", "web"))
    machine.write("/root/server.sh", SERVER)
    machine.run("sh", "/root/server.sh")
    machine.run("systemctl", "stop", "leadwake.socket", "leadwake")
    backup = machine.run("leadwake", "backup", "create").splitlines()[0]
    machine.run("leadwake", "backup", "restore", backup, "--into", owner)
    machine.write("/etc/leadwake/owner.env", f"LEADWAKE_DATABASE_URL={owner}\n")
    machine.write("/etc/leadwake/leadwake.env", f"{SETTINGS}LEADWAKE_DATABASE_URL={owner}\n")
    machine.run("leadwake", "database", "roles")
    machine.run("leadwake", "backup", "release", "--send", "--yes")
    machine.run(*PSQL, "create user web in role leadwake_app")
    machine.write("/etc/leadwake/leadwake.env", f"{SETTINGS}LEADWAKE_DATABASE_URL={service}\n")
    machine.run("systemctl", "start", "leadwake")
    assert _post(machine, key)["duplicate"] is True

    said = machine.run("/srv/fifth/deploy/systemd/upgrade.sh", **OFFLINE)
    print(said)
    may_add = (*PSQL, "select has_table_privilege('web', 'of_tomorrow', 'insert')")
    assert (_version(machine), machine.run(*may_add).strip(), _leads(machine)) == ("0.1.5", "t", leads)

    kept = next(line for line in said.splitlines() if line.startswith("/var/lib/leadwake/backups/"))
    print(machine.run("/opt/leadwake/current/deploy/systemd/rollback.sh", "--restore", kept))
    assert (_version(machine), _leads(machine)) == (version, leads)
    assert _post(machine, key)["duplicate"] is True, "the restored tables are the service's, too"


def test_uninstalled_it_leaves_the_data(machine: Droplet, key: str) -> None:
    machine.run("/opt/leadwake/current/deploy/systemd/uninstall.sh")

    machine.run("test", "!", "-e", "/opt/leadwake")
    machine.run("test", "-s", "/var/lib/leadwake/master.key")
    for unit in ("leadwake.service", "leadwake.socket"):
        machine.run("systemctl", "cat", unit, fails=True)
    machine.run(*CURL, "https://leads.test/", fails=True)
