"""
How long it takes to begin, beside `import numpy`, which nothing here does without: processor time of a process, least of many.

    python benchmarks/startup.py

Names are imported when they are first asked for, so that `import qsim` alone does little; what most work begins with, `load` and
`reconstruct`, is asked for in a row of its own. Each process tells what it did, so that none is quick by doing nothing.
"""

import os
import platform
import subprocess
import sys

TIMES = 15
NUMPY = "import numpy; print(numpy.arange(3).sum())"
ROWS = {
    "import qsim": ("-c", "import qsim; print('qsim', qsim.__version__)"),
    "import qsim, load and reconstruct": ("-c", "import qsim; print(qsim.load.__name__, qsim.reconstruct.__name__)"),
    "qsim --help": ("-m", "qsim.cli.app", "--help"),
    "qsim simulate --help": ("-m", "qsim.cli.app", "simulate", "--help"),
}
TOLD = {
    "import qsim": "qsim ",
    "import qsim, load and reconstruct": "load reconstruct",
    "qsim --help": "Commands:",
    "qsim simulate --help": "--what-if",
}
AIMS = {"import qsim": 2, "qsim --help": 3}


def seconds(*words: str) -> tuple[float, str]:
    """Return the least processor time of a Python process, and what it printed."""
    taken, told = [], ""
    for _ in range(TIMES):
        before = os.times()
        told = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True).stdout
        after = os.times()
        taken.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return min(taken), told


if __name__ == "__main__":
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, least of {TIMES}\n")
    numpy_s, told = seconds("-c", NUMPY)
    assert told == "3\n"
    print(f"{'import numpy':<36}{numpy_s * 1e3:>6.0f} ms")
    for name, words in ROWS.items():
        taken, told = seconds(*words)
        assert TOLD[name] in told, told
        aim = f"   aim: {AIMS[name]} x" if name in AIMS else ""
        print(f"{name:<36}{taken * 1e3:>6.0f} ms  {taken / numpy_s:>4.1f} x{aim}")
