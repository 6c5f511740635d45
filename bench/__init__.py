"""
`make bench`: how fast Leadwake is here, beside its goals and beside what this machine can do at all.

Real processes on a real disk: `leadwake serve` on a fresh data directory, `leadwake sandbox` as the vendors, leads over
HTTP on a fixed schedule that does not wait for answers. See docs/speed.md.
"""
