"""Whatever is typed - a command, a line at the prompt, keys on the screen, options of a picture - is answered, or refused with the reason."""

import io
import os
import shutil
import tempfile
from contextlib import chdir, redirect_stdout, suppress
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import qsim
from qsim.belief.replay import Replay
from qsim.belief.timeline import Timeline
from qsim.cli.app import VERBS, app, command
from qsim.record.scenario import locate
from qsim.terminal.prompt import obey
from qsim.terminal.screen import Screen

EXAMPLES = int(os.environ.get("QSIM_FUZZ", "6000")) // 100  # a hundredth of the folders that `make fuzz` tries
UNTIMED: Any = {"suppress_health_check": list(HealthCheck)}
LIKELY = {"scenario": ("valley", "example"), "place": ("tarnby", "thornmere"), "city": ("tarnby",), "day": ("2091-03-05", "2091-03-10")}
WRITTEN = (
    "out.png",
    "out.svg",
    "out.html",
    "out.md",
    "out.gif",
    "out.xlsx",
    "out.qsim",
    "out.csv",
    "out",
    "valley",
    "valley/claims.csv",
    "-",
)
TYPED = (
    "example", "tarnby", "thornmere", "nowhere", "league", "2091-03-05", "2091-13-45", "9999-12-31", "0001-01-01", "2091-03-04/2091-03-06",
    "--from", "--to", "--place", "--side", "--policy", "vote", "last_claim", "hmm", "--runs", "1", "0", "-1", "1e9", "--seed", "--help",
    "--by", "week", "--format", "--days", "", " ", "\x00", "\x1b[31m", "²", "\u202e", "x" * 300, "5" * 5000, "--csv", "/dev/null", "--told-by",
)  # fmt: skip
LINES = ("n", "b", "N", "B", "g", "w", "p", "h", "why", "goto", "next", "back", "", "q", "2091", "?")
KEYS = (
    "n",
    "b",
    "N",
    "B",
    "home",
    "end",
    "g",
    "w",
    "/",
    "p",
    "h",
    " ",
    "enter",
    "escape",
    "interrupt",
    "backspace",
    "\t",
    "up",
    "down",
    "é",
)


@cache
def timeline(policy: str = "last_claim") -> Timeline:
    return qsim.reconstruct(*qsim.load("example"), policy=policy)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """Draw a verb with words for what it takes, some likely and some odd, and some of its own options."""
    verb = draw(st.sampled_from([verb for verb in VERBS if verb not in ("edit", "warm", "run")]))
    taken = command(verb).params
    words = [verb]
    for each in [each for each in taken if each.param_type_name == "argument"]:
        words += draw(st.lists(st.sampled_from(LIKELY.get(each.name, TYPED)) | st.sampled_from(TYPED), max_size=2 if each.nargs < 0 else 1))
    options = [each for each in taken if each.param_type_name == "option"]
    for each in draw(st.lists(st.sampled_from(options), max_size=3)) if options else ():
        words += [draw(st.sampled_from(each.opts)), *([] if each.is_flag else [draw(st.sampled_from((*WRITTEN, *TYPED)))])]
    return words


@settings(max_examples=EXAMPLES, **UNTIMED)
@given(lines() | st.lists(st.sampled_from(TYPED), max_size=5))
@example(["why", "example", "tarnby", "9999-12-31"])
@example(["simulate", "example", "2091-03-10", "--days", "4000000"])
@example(["metrics", "example", "--csv", ""])
def test_any_command_line_is_answered_or_refused(words: list[str]) -> None:
    with tempfile.TemporaryDirectory() as made, chdir(made):
        shutil.copytree(locate("example").resolve(), "valley")
        done = CliRunner().invoke(app, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code in (0, 1, 2)


@settings(max_examples=EXAMPLES * 4, **UNTIMED)
@given(st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(TYPED) | st.text(max_size=12)), max_size=6))
@example([("g", "²"), ("g", "²" * 3 + " May " + "5" * 5000)])
@example([("n", "999999999"), ("n", "²"), ("b", "5" * 5000)])
def test_any_line_at_the_prompt_is_answered(typed: list[tuple[str, str]]) -> None:
    replay = Replay(timeline())
    for word, rest in typed:
        answer = obey(replay, f"{word} {rest}")
        assert answer is None or isinstance(answer, str)


@settings(max_examples=EXAMPLES // 3, **UNTIMED)
@given(st.lists(st.sampled_from(KEYS) | st.sampled_from(("2091-03-05", "tarnby", "9999")), max_size=8))
def test_any_keys_on_the_screen_are_obeyed(pressed: list[str]) -> None:
    keys = iter([key for word in pressed for key in ([word] if word in KEYS else [*word, "enter"])])
    screen = Screen(Replay(timeline()), lambda seconds: next(keys, "end of file"), places=lambda replay: "places")
    with redirect_stdout(io.StringIO()):
        screen.run()


@settings(max_examples=max(10, EXAMPLES // 4), **UNTIMED)
@given(
    st.sampled_from((".png", ".svg", ".pdf", ".gif", ".html", ".doc")),
    st.fixed_dictionaries(
        {},
        optional={
            "day": st.sampled_from(("2091-03-05", "9999-12-31", "x")),
            "scale": st.sampled_from((0.5, 1e-9, 0.0, -1.0, float("nan"), 0.01)),
            "size": st.sampled_from(((640, 400), (1, 1), (0, 0), (-5, 10), (200, 2000))),
            "title": st.sampled_from(("", "x" * 400, "\u0001", "$a$", "a & <b>", "\u202e", "العربية")),
            "theme": st.sampled_from(("dark", "light", "none")),
            "names": st.sampled_from(("ar", "both", "x")),
            "precision": st.booleans(),
            "fps": st.sampled_from((0, 1, 1e9, float("nan"))),
            "every": st.sampled_from((0, 40, -1)),
            "place": st.sampled_from(("tarnby", "nowhere")),
        },
    ),
)
def test_any_options_of_a_picture_are_drawn_or_refused(suffix: str, options: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / f"map{suffix}"
        short = timeline()["2091-03-04":"2091-03-06"]
        with suppress(ValueError):
            qsim.render(short, path, **{"size": (640, 400), **options})
            assert path.stat().st_size
        assert len(list(Path(made).iterdir())) <= 1
