"""What the verbs share: windows, what was written, and the word that something is being compiled."""

import warnings
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import qsim
from qsim.belief.kernels import voices
from qsim.cli.common import errors_told, say_if_compiling, window, wrote
from qsim.draw.fonts import FontWarning
from qsim.geography.kernels import graph
from qsim.record.dates import DateError
from qsim.simulation.kernels import spread

KERNELS = ("belief.voices.overhear", "geography.graph.cut_off", "simulation.spread.run_tile")


def test_a_window_takes_both_days_in_and_falls_back_on_the_scenario() -> None:
    assert window("2013-05-01", "2013-05-01") == (date(2013, 5, 1), date(2013, 5, 1))
    assert window(None, None) == (None, None)
    assert window(None, "2013-05-01", first=date(2011, 11, 1)) == (date(2011, 11, 1), date(2013, 5, 1))


@pytest.mark.parametrize(
    ("start", "to", "words"),
    [
        ("2013-06-01", "2013-05-01", "--to 2013-05-01 lies before --from 2013-06-01"),
        (None, "2011-01-01", "--to 2011-01-01 lies before the first day of the scenario, 2011-11-01"),
        ("2014-01-01", None, "the last day of the scenario, 2013-06-08 lies before --from 2014-01-01"),
    ],
)
def test_a_window_turned_round_names_what_was_typed(start: str | None, to: str | None, words: str) -> None:
    with pytest.raises(DateError, match=words):
        window(start, to, first=date(2011, 11, 1), last=date(2013, 6, 8))


def test_what_was_written_is_told_with_its_day_or_days() -> None:
    timeline = qsim.reconstruct(*qsim.load("qusayr"), start="2013-06-01", end="2013-06-08", policy="last_claim")
    assert wrote(Path("x.PNG"), timeline) == "wrote x.PNG: 2013-06-08"
    assert wrote(Path("x.png"), timeline, "2013-06-02") == "wrote x.png: 2013-06-02"
    assert wrote(Path("x.gif"), timeline) == "wrote x.gif: 8 days"
    assert wrote(Path("frames"), timeline, every=3) == "wrote frames: 8 days, one in 3 drawn"


def cold(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    empty = SimpleNamespace(_cache=SimpleNamespace(_cache_file=SimpleNamespace(_load_index=dict)))
    monkeypatch.setattr(voices, "overhear", empty)


@pytest.mark.parametrize(("terminal", "said"), [(True, "compiling for this machine, once: about half a minute\n"), (False, "")])
def test_only_a_terminal_is_told_that_a_kernel_is_not_compiled_yet(
    terminal: bool, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cold(monkeypatch, terminal)
    say_if_compiling(*KERNELS)
    assert capsys.readouterr().err == said


def test_an_index_that_cannot_be_read_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    cold(monkeypatch, True)
    monkeypatch.setattr(voices, "overhear", SimpleNamespace())
    say_if_compiling("belief.voices.overhear", "simulation.spread.no_such_kernel")
    assert capsys.readouterr().err == ""


def test_the_kernels_that_are_asked_for_have_an_index() -> None:
    kernels: tuple[Any, ...] = (voices.overhear, graph.cut_off, spread.run_tile)
    assert all(isinstance(kernel._cache._cache_file._load_index(), dict) for kernel in kernels)


def test_a_warning_of_ours_is_a_line_and_others_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    shown: list[type[Warning]] = []

    def show(message: Warning | str, category: type[Warning], *rest: Any) -> None:
        shown.append(category)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show  # type: ignore[assignment]
        with errors_told():
            warnings.warn("no font has it", FontWarning, stacklevel=1)
            warnings.warn("old", DeprecationWarning, stacklevel=1)
        assert warnings.showwarning is show
    assert capsys.readouterr().err.splitlines() == ["note: no font has it"]
    assert shown == [DeprecationWarning]
