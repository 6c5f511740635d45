"""`leadwake`: every command in one list, and what becomes of errors."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from leadwake import __version__
from leadwake.cli.lazy import PIPE_CLOSED, Lazy, LazyGroup
from leadwake.errors import ConfigError, DatabaseAway, InputError, LeadwakeError

#: exit codes: 0 done, 1 a check did not hold, 2 usage or configuration; the others are the shell's own for a signal
DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

SECTIONS = {
    "Processes": {
        "serve": Lazy("leadwake.cli.serve:serve", "web, workers and database in one command"),
        "web": Lazy("leadwake.cli.web:web", "only the web, on a database server"),
        "worker": Lazy("leadwake.cli.worker:worker", "only workers, on a database server"),
        "demo": Lazy("leadwake.cli.serve:demo", "practice with a live stream of sample leads"),
        "sandbox": Lazy("leadwake.cli.sandbox:sandbox", "only the stand-in vendors"),
        "demo-stream": Lazy("leadwake.cli.demo_stream:demo_stream"),
    },
    "Is everything well?": {
        "doctor": Lazy("leadwake.cli.doctor:doctor", "every setting and connection: what is wrong, how to mend it"),
        "ledger": Lazy("leadwake.cli.ledger:ledger", "every lead and every action accounted for?"),
        "probe": Lazy("leadwake.cli.probe:probe", "is that Leadwake up, seen from this machine?"),
        "audit": Lazy("leadwake.cli.audit:audit", "was the log changed, do decisions replay to themselves?"),
        "dead-letter": Lazy("leadwake.cli.dead_letters:dead_letter", "actions that need a person"),
    },
    "Leads": {
        "lead": Lazy("leadwake.cli.leads:lead", "list and show leads; copy, correct, restrict or erase one"),
        "retention": Lazy("leadwake.cli.retention:retention", "how long what is kept, and what has had its time"),
        "sequence": Lazy("leadwake.cli.sequence:sequence", "nurture sequences: check a text, publish it, list, pause"),
        "whatif": Lazy("leadwake.cli.whatif:whatif", "dry runs over files; touch no database"),
    },
    "Setting up": {
        "vendor": Lazy("leadwake.cli.vendors:vendor", "connect Twilio, SendGrid, HubSpot and the others; test them"),
        "user": Lazy("leadwake.cli.users:user", "invite the team, list it, shut somebody out"),
        "sign-in": Lazy("leadwake.cli.sign_in:sign_in", "which ways in are open; the way back"),
        "api-key": Lazy("leadwake.cli.api_keys:api_key", "keys for programs that send or read leads"),
        "api-client": Lazy("leadwake.cli.api_clients:api_client", "programs that get access tokens (OAuth 2.0)"),
        "rules": Lazy("leadwake.cli.rules:rules", "the tables the gate decides by: show, check, load, go back"),
        "score": Lazy("leadwake.cli.score:score", "what counts how much in a lead's score; any score as of then"),
        "master-key": Lazy("leadwake.cli.master_key:master_key", "the key that opens everything sealed"),
        "vault": Lazy("leadwake.cli.vault:vault", "the keys beneath it, and their copies"),
        "backup": Lazy("leadwake.cli.backup:backup", "the whole database in a sealed file, and back"),
        "database": Lazy("leadwake.cli.databases:database", "another PostgreSQL version; who may do what on a server"),
        "migrate": Lazy("leadwake.cli.migrate:migrate", "bring the database to this version"),
    },
}


@click.group(
    cls=LazyGroup,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Settings come from LEADWAKE_… in the environment, leadwake.toml, or the settings page.",
)
@click.version_option(__version__, "-V", "--version", message="leadwake %(version)s")
def cli() -> None:
    """Leadwake answers every new lead in seconds and can prove that none was lost.

    \b
    Start:    leadwake serve
    Look:     leadwake doctor
    """


def main() -> NoReturn:
    """The process ends with the exit code of the command in its arguments."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """
    The exit code of a command, carried out.

    Whatever is the caller's to mend is one line on standard error; only a fault of ours shows a traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name that this terminal cannot write is no reason to stop
    try:
        code = cli.main(args=list(arguments), prog_name="leadwake", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        return _refused(_usage(error), USAGE)
    except click.ClickException as error:
        return _refused(error.format_message(), error.exit_code)
    except click.Abort as abort:
        if isinstance(abort.__cause__ or abort.__context__, EOFError):
            return _refused("nobody answered; give the answer as an argument (see --help)", USAGE)
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read us has enough; what is still buffered must not fail again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except DatabaseAway as error:
        text = " ".join(str(error).split())
        return _refused(text if "database" in text else f"the database went away ({text}): try again", FAILED)
    except LeadwakeError as error:
        return _refused(str(error), USAGE if isinstance(error, ConfigError | InputError) else FAILED)
    return code if isinstance(code, int) else DONE


def _usage(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "leadwake"
    message = error.format_message().strip().rstrip(".")
    return f"{message} (see {path} --help)"


def _refused(message: str, code: int) -> int:
    click.echo(f"leadwake: {message}", err=True)
    return code
