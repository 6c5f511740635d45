"""What other processes did to the keys is known here at once: the erased are forgotten, a new KEK is in use."""

from __future__ import annotations

import asyncio

from leadwake import log
from leadwake.errors import ConfigError, DatabaseAway
from leadwake.workflows.office import Office

_log = log.get(__name__)


class KeyNews:
    """Follows the channel `leadwake_keys` for one process."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._changed = asyncio.Event()

    def tell(self, payload: str | None) -> None:
        """These keys are destroyed; blank: the KEKs have changed; None: something may have been missed."""
        self._office.forget_keys(payload)
        if not payload:
            self._changed.set()

    async def follow(self) -> None:
        """The KEKs are read anew whenever they changed, until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._office.refresh_keys()
            except DatabaseAway:
                await asyncio.sleep(1)
                self._changed.set()
            except ConfigError as error:  # a master key that this process was not given: what it holds open goes on
                _log.error("keys_not_read", reason=str(error))
