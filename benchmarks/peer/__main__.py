"""The table against the peer alone: ``python -m benchmarks.peer [case ...]``."""

import sys

from benchmarks.peer import table

if __name__ == "__main__":
    for row in table.rows(sys.argv[1:] or None):
        print("| " + " | ".join(row) + " |", flush=True)
