"""
Run a part of the suite with each Python that this machine has (of the path, pyenv or uv), each in an environment of its own below `build/`.

`make pythons` tries all of them, with all that the tests need; `make test` ends with a short part on the others (`--others`), with what qsim itself needs. There
a Python that is absent, whose environment cannot be made (no network), or that is not done in ten minutes, is told and passed over; a test that
fails fails everywhere.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
ROOT = Path(__file__).parents[1]
PATIENCE_S = 300  # for the environment of one Python
TESTS_S = 600  # for the short part, a minute or so on a machine that has nothing else to do
ALL_EXTRAS, QSIM_ALONE = ("--editable", ".[test]"), ("pytest", "hypothesis", "--editable", ".")
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", "constraints.txt")


class NotMadeError(Exception):
    """No environment could be made; the reason is told."""


def candidates(version: str, environment: dict[str, str]) -> Iterator[Path]:
    """Yield where a Python of this version may lie: on the path, then the newest of pyenv, then of uv."""
    for folder in environment.get("PATH", "").split(os.pathsep):
        yield Path(folder) / f"python{version}"
    home = Path(environment.get("HOME", "~"))
    kept = Path(environment.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    yield from sorted(kept.glob(f"{version}.*/bin/python"), reverse=True)
    yield from sorted((home / ".local/share/uv/python").glob(f"cpython-{version}.*/bin/python"), reverse=True)


def python(version: str, environment: dict[str, str]) -> Path | None:
    """Return the first candidate that runs, is of that version and can make environments; a shim of pyenv's may lie there and not run."""
    asked = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
    for each in candidates(version, environment):
        if each.exists():
            said = subprocess.run([each, "-c", asked], capture_output=True, text=True, env=environment, check=False)
            if said.returncode == 0 and said.stdout.strip() == version:
                return each
    return None


def environment_of(version: str, found: Path, needs: Sequence[str]) -> Path:
    """Return the Python of an environment that has what is needed; one that was made of the same requirements is used again."""
    folder = ROOT / "build" / (f"py{version}" if needs == ALL_EXTRAS else f"py{version}-alone")
    inside, made = folder / "bin/python", folder / "made_of"
    wanted = "\n".join([*needs, *((ROOT / file).read_text(encoding="utf-8") for file in ("pyproject.toml", "constraints.txt"))])
    if inside.exists() and made.exists() and made.read_text(encoding="utf-8") == wanted:
        return inside
    for command in ((str(found), "-m", "venv", "--clear", str(folder)), (str(inside), *PIP, *needs)):
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        except subprocess.TimeoutExpired:
            raise NotMadeError(f"installing took more than {PATIENCE_S} s") from None
        if done.returncode:
            raise NotMadeError(([line for line in done.stderr.splitlines() if "ERROR" in line] or ["no reason given"])[-1])
    made.write_text(wanted, encoding="utf-8")
    return inside


def tried(version: str, needs: Sequence[str], part: Sequence[str], *, optional: bool) -> tuple[bool, str]:
    """Return whether a version passes, and what is to be told of it."""
    found = python(version, dict(os.environ))
    if found is None:
        return True, "none on this machine: not tried"
    try:
        inside = environment_of(version, found, needs)
    except NotMadeError as error:
        return optional, f"its environment could not be made, so that it is not tried: {error}"
    tests = (str(inside), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *part)
    try:
        limit = TESTS_S if optional else None
        done = subprocess.run(tests, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return True, f"its tests took more than {TESTS_S} s, and were stopped without a result"
    return done.returncode == 0, done.stdout.splitlines()[-1] if done.returncode == 0 else done.stdout


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("part", nargs="+", help="files or folders of tests")
    asked.add_argument("--others", action="store_true", help="all but this Python, without extras; what cannot be installed is passed over")
    options = asked.parse_args()
    own = "{}.{}".format(*sys.version_info) if options.others else ""
    versions, needs = [version for version in VERSIONS if version != own], QSIM_ALONE if options.others else ALL_EXTRAS
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda version: tried(version, needs, options.part, optional=options.others), versions)
        passed = True
        for version, (well, told) in zip(versions, results, strict=True):
            print(f"Python {version}: {told}", flush=True)
            passed &= well
    sys.exit(not passed)


if __name__ == "__main__":
    main()
