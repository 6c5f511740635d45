"""Commands that are imported when they are called: `leadwake --help` and `whatif` load neither database nor web."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

PIPE_CLOSED = 141


@dataclass(frozen=True, slots=True)
class Lazy:
    """Where a command is, "module:attribute", and its line in the list of commands; without one it is not listed."""

    target: str
    help: str = ""

    def load(self) -> click.Command:
        """The command itself, imported now."""
        module, _, attribute = self.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads the one that is called. sections: title → name → command."""

    def __init__(self, *args: Any, sections: Mapping[str, Mapping[str, Lazy]], **options: Any) -> None:
        super().__init__(*args, **options)
        self._sections = sections
        self._lazy = {name: lazy for commands in sections.values() for name, lazy in commands.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names that are for people, in the order of the sections."""
        del ctx
        return [name for name, lazy in self._lazy.items() if lazy.help]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, loaded; None when there is none of that name."""
        del ctx
        lazy = self._lazy.get(cmd_name)
        return lazy.load() if lazy else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the arguments. Raises UsageError that names the nearest one there is."""
        if args and not args[0].startswith("-") and args[0] not in self._lazy:
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            raise click.UsageError(f"no command {args[0]!r}" + (f"; is it {near[0]!r}?" if near else ""), ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """The command, carried out. A reader of ours that has enough ends it as SIGPIPE would have (click says 1)."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise click.exceptions.Exit(PIPE_CLOSED) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands by section, without loading one of them."""
        del ctx
        for title, commands in self._sections.items():
            with formatter.section(title):
                formatter.write_dl(_lines(commands))


def _lines(commands: Mapping[str, Lazy]) -> Sequence[tuple[str, str]]:
    return [(name, lazy.help) for name, lazy in commands.items() if lazy.help]
