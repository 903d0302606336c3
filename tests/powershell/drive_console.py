"""Runs a program on a terminal of its own, and types at it.

Standard input is JSON: {"command": [...], "steps": [{"expect": "text", "send": "keys"}, ...]}. Each step waits until the
text has appeared after that of the step before, then sends the keys. Standard output gets all that the program wrote;
the exit code is the program's, or 99 where an awaited text did not come.
"""

import json
import os
import pty
import select
import signal
import sys
import time

LIMIT = 60  # Seconds for each step: far more than any takes.


def main() -> int:
    task = json.load(sys.stdin)
    pid, terminal = pty.fork()
    if pid == 0:
        # A program that was started in the background passes on that Ctrl+C is ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execvp(task["command"][0], task["command"])
    written = b""
    looked_at = 0
    steps = list(task["steps"])
    limit = time.monotonic() + LIMIT
    while True:
        while steps:
            place = written.find(steps[0]["expect"].encode(), looked_at)
            if place < 0:
                break
            looked_at = place + len(steps[0]["expect"].encode())
            os.write(terminal, steps.pop(0)["send"].encode())
            limit = time.monotonic() + LIMIT
        ready, _, _ = select.select([terminal], [], [], max(0, limit - time.monotonic()))
        if not ready:
            os.kill(pid, signal.SIGKILL)
            sys.stdout.write(written.decode(errors="replace") + "\n[did not come: %r]\n" % steps)
            return 99
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # How Linux says that the program has closed its terminal.
            chunk = b""
        if not chunk:
            break
        written += chunk
        if b"\x1b[6n" in chunk:  # Where is the cursor? A terminal answers.
            os.write(terminal, b"\x1b[1;1R")
    _, status = os.waitpid(pid, 0)
    sys.stdout.write(written.decode(errors="replace"))
    if steps:
        sys.stdout.write("\n[did not come: %r]\n" % steps)
        return 99
    return os.waitstatus_to_exitcode(status) & 0xFF


sys.exit(main())
