"""What systemd does for a program whose socket it holds, for tests without systemd."""

#: -c AS_SYSTEMD FD WORDS…: the socket becomes descriptor 3, and the Python program is told that it is meant
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
