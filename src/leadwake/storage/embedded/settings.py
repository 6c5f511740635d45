"""postgresql.conf and pg_hba.conf for a droplet with one processor and 2 GB, written anew at each start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from leadwake.storage.embedded.sockets import PORT

MAX_CONNECTIONS = 60

#: only through the socket in a closed directory, and even there nobody without the password
HBA = """\
# Written by Leadwake at each start.
local  all  all                scram-sha-256
host   all  all  0.0.0.0/0     scram-sha-256
host   all  all  ::/0          scram-sha-256
"""

_SETTINGS: Mapping[str, str | int] = {
    # who gets in
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "authentication_timeout": "10s",
    "max_connections": MAX_CONNECTIONS,
    "superuser_reserved_connections": 0,  # the superuser has no password and cannot log in
    "idle_in_transaction_session_timeout": "5s",  # no transaction is open across a vendor call
    # memory
    "shared_buffers": "128MB",
    "effective_cache_size": "768MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "64MB",
    "huge_pages": "off",
    # Not posix: Docker gives /dev/shm 64 MB, and systemd empties it when an ordinary user logs out (RemoveIPC).
    # With a little set aside in the main block, the files of mmap are hardly ever made.
    "dynamic_shared_memory_type": "mmap",
    "min_dynamic_shared_memory": "4MB",
    # Processes: no I/O workers (three, for a data set that lies in the cache), no parallel queries on one processor,
    # no replication.
    "io_method": "sync",
    "max_worker_processes": 2,
    "max_parallel_workers_per_gather": 0,
    "max_parallel_maintenance_workers": 0,
    "max_logical_replication_workers": 0,
    "max_wal_senders": 0,
    # durability and the cost of it
    "synchronous_commit": "on",
    "wal_compression": "on",
    "min_wal_size": "96MB",
    "max_wal_size": "512MB",  # bounds crash recovery to seconds
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    # plans
    "jit": "off",
    "random_page_cost": "1.1",
    "default_toast_compression": "pglz",
    # queue tables turn over many times a minute: vacuum them early, little at a time
    "autovacuum_max_workers": 2,
    "autovacuum_worker_slots": 4,
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_vacuum_insert_scale_factor": "0.1",
    "autovacuum_analyze_scale_factor": "0.05",
    # fixed, whatever the machine's own settings
    "timezone": "UTC",
    "lc_messages": "C",
    "cluster_name": "leadwake",
    "track_functions": "none",
    # Log: what an operator needs. No statements and no DETAIL lines, which hold people's data.
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
    "log_startup_progress_interval": "5s",
}


LOCAL = "local.conf"
LOCAL_HEAD = "# Settings of your own, read at each start after Leadwake's.\n"


def postgresql_conf(socket_dir: Path, *, fsync: bool) -> str:
    """The whole file; `local.conf` beside it has the last word."""
    durable = "on" if fsync else "off"
    values = {
        **_SETTINGS,
        "unix_socket_directories": str(socket_dir),
        "fsync": durable,
        "full_page_writes": durable,
    }
    lines = [f"{name} = {_quoted(value)}" for name, value in values.items()]
    head = "# Written by Leadwake at each start: put settings of your own into local.conf beside this file."
    return "\n".join([head, *lines, f"include_if_exists = '{LOCAL}'", ""])


def _quoted(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
