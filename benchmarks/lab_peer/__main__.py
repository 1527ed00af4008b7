"""The table against trame in JupyterLab alone: ``python -m benchmarks.lab_peer``."""

from benchmarks.lab_peer import table

if __name__ == "__main__":
    for row in table.rows():
        print("| " + " | ".join(row) + " |", flush=True)
