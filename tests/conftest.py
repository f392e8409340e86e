"""What tests share: one way of trying properties; of the page a battle in three tellings, its page, and a browser, each made once."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chromium
import pytest
import toys
from hypothesis import settings

import qsim
from qsim import page
from qsim.belief.timeline import Timeline

# One profile for all properties: how long an example takes says nothing of whether it is right.
# The suite tries the same examples each time, so that it fails for a change and not by luck; `make fuzz` tries others.
settings.register_profile("untimed", deadline=None, derandomize="QSIM_FUZZ" not in os.environ)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def tellings() -> dict[str, Timeline]:
    theatre, ledger = qsim.load("qusayr")
    window: dict[str, Any] = {"start": "2013-05-17", "end": "2013-06-08"}
    mine, told = qsim.told_by(theatre, ledger, "government")
    return {
        "whole record": qsim.reconstruct(theatre, ledger, policy="hmm", **window),
        "told by the government": qsim.reconstruct(mine, told, policy="last_claim", **window),
        "as known on the day": qsim.as_known(theatre, ledger, policy="last_claim", **window),
    }


@pytest.fixture(scope="session")
def written(tellings: dict[str, Timeline], tmp_path_factory: pytest.TempPathFactory) -> Path:
    chapters = {"2013-05-19": "The assault", "2013-05-29": "The air base"}
    return page.write(tellings, tmp_path_factory.mktemp("page") / "player.html", chapters=chapters)


@pytest.fixture(scope="session")
def line_timeline() -> Timeline:
    """Return ten days of a line on which b changes hands."""
    claims = [
        toys.claim("b", "holds", "red", "2001-01-02", source="press", note="Red sits in b."),
        toys.claim("b", "takes", "blue", "2001-01-05", reported="2001-01-06", note="Blue took b."),
        toys.claim("a", "holds", "red", "2001-01-01", source="red_voice"),
    ]
    return toys.replayed(toys.line(), *claims)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium.absent("the tests of the page in a browser need Playwright: pip install playwright", dict(os.environ))
    path = chromium.found_here()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def shown(browser: Any, written: Path) -> Iterator[chromium.Watched]:
    watched = chromium.Watched(browser, written.as_uri() + "#day=2013-05-29")
    yield watched
    watched.closed()
