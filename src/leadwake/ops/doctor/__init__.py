"""What is wrong with this installation and how to mend it: one finding a setting, a connection, a promise.

house       settings, directory, clock, rules of law: looked at from here
database    the server: reachable, of this version, safe, not behind a pooler that loses notifications
vendors     each vendor: its mode, what it lacks, whether it answers; whether the world reaches us
sign_in     the providers that people log in with
going_live  what others approve or are told: the carriers' registration, the number's webhooks, DNS
work        keys, team, workers, what waits, what failed, whether everything adds up
"""

from leadwake.ops.doctor.finding import Finding, Level

__all__ = ["Finding", "Level"]
