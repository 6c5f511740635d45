"""Logs: one event a line, with keys. Ids only: no names, numbers, addresses or message bodies."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

#: libraries that would log arguments, addresses or personal data below this level
_QUIET = {
    "procrastinate": logging.ERROR,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "psycopg": logging.ERROR,
    "uvicorn.access": logging.CRITICAL,
    "uvicorn.error": logging.WARNING,
    "aiosmtplib": logging.WARNING,
    "psycopg.pool": logging.CRITICAL,
    "asyncio": logging.ERROR,
}


def setup(level: str = "INFO", *, process: str = "") -> None:
    """Log to standard error, as text for a person at a terminal, as JSON lines otherwise."""
    person = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if person else "iso", utc=not person),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if person else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), 20)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    if process:
        structlog.contextvars.bind_contextvars(process=process)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(quiet)


def get(name: str) -> Any:
    """A logger; events are past tense or states, keys carry the rest: log.info("circuit_opened", vendor=…)."""
    return structlog.get_logger(source=name)
