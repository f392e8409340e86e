"""The verb that compiles ahead what else is compiled when it is first used."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import qsim
from qsim.belief.timeline import Timeline
from qsim.cli.common import errors_told, say
from qsim.geography import encirclement, metrics
from qsim.geography.encirclement import whose
from qsim.geography.perimeter import perimeter
from qsim.record.new import TEMPLATE

_ROOMS = ("belief.kernels", "geography.kernels", "simulation.kernels", "draw.film")


def warm() -> None:
    """Compile everything that is compiled for this machine, for two and three sides, once, and say where it is kept."""
    from rich.console import Console
    from rich.progress import track

    from qsim.record.kernels.compiled import FOLDER, kept_in, need_compiler

    with errors_told():
        need_compiler("compiling")
        for step in track(_steps(), "compiling", console=Console(stderr=True), transient=True):
            step()
        folders = kept_in()
        say("Everything is compiled" + (", and kept in" if folders else "; it could not be kept, and is compiled anew at every start"))
        for folder in folders:
            say(f"  {folder}")
        say(f"Another folder can be named in the variable {FOLDER}.")


def _steps() -> list[Callable[[], Any]]:
    """Return what uses every loop: an invented valley, asked all that can be asked of one."""
    for room in _ROOMS:
        for module in iter_modules(import_module(f"qsim.{room}").__path__):
            import_module(f"qsim.{room}.{module.name}")
    theatre, ledger = qsim.load("example")
    timeline = qsim.reconstruct(theatre, ledger, policy="hmm")
    city, side = whose(timeline)
    assert city is not None
    assert side is not None
    one, many = timeline.most_likely(), timeline.sample(70, seed=1)
    two, said = qsim.load(TEMPLATE)  # loops over statuses are compiled for as many sides as there are: the valley has three
    return [
        lambda: qsim.influence(two, said, two.places[0].id, said.claims[0].window.end, exact=1),
        lambda: qsim.reconstruct(two, said, policy="vote"),
        lambda: qsim.reconstruct(theatre, ledger, policy="vote"),
        lambda: qsim.influence(theatre, ledger, city, timeline.end, exact=1),
        lambda: qsim.ring(timeline, city, side, runs=3),
        lambda: perimeter(timeline, city, side, runs=3),
        *(
            partial(ask, histories, city, side, unreported=unreported)
            for ask in (qsim.encirclement, encirclement.exit_counts, encirclement.exits, encirclement.supply)
            for histories in (one, many)
            for unreported in ("nearest", "open", "closed")
        ),
        *(partial(ask, histories, side) for ask in (metrics.articulation_points, metrics.pocket_sizes) for histories in (one, many)),
        lambda: encirclement.chokepoints(many, city, side, timeline.end),
        lambda: qsim.metrics.closure(many, city, side),
        lambda: qsim.simulate(timeline.at(timeline.start), qsim.Rules(), days=2, runs=2, seed=1),
        lambda: qsim.fit(timeline),
        lambda: _film(timeline),
    ]


def _film(timeline: Timeline) -> None:
    with tempfile.TemporaryDirectory() as made:
        qsim.render(timeline[timeline.start : timeline.start + timedelta(2)], Path(made) / "valley.gif", size=(640, 400))
