"""A real Chromium for the tests of the page: where it comes from, and a page in it that is watched."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
Which = Callable[[str], str | None]


def chromium(which: Which, install: Callable[[], object], *, debian_root: bool) -> str | None:
    """Return the path of a Chromium that is there, or of Debian's where root on Debian can install it, or None."""
    found = next((path for name in NAMES if (path := which(name))), None)
    if found is None and debian_root:
        install()
        found = which("chromium")
    return found


def is_debian_root(user: int | None, release: str, which: Which) -> bool:
    """Return whether this is root (user 0) on Debian, by the text of its os-release, with a package manager at hand."""
    return user == 0 and "ID=debian" in release.splitlines() and which("apt-get") is not None


def install_debians() -> None:
    """Install Debian's Chromium, with a fresh list of packages where the list is old or missing; what fails is not there afterwards."""
    quiet: dict[str, Any] = {"capture_output": True, "check": False, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    if subprocess.run(install, **quiet).returncode != 0:
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(install, **quiet)


def absent(reason: str, environment: dict[str, str]) -> NoReturn:
    """Skip a test for a plain reason; in CI what is absent is a failure."""
    if environment.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def found_here() -> str:
    """Return the path of this machine's Chromium, or skip, or in CI fail."""
    release = Path("/etc/os-release")
    user = os.geteuid() if hasattr(os, "geteuid") else None
    root = is_debian_root(user, release.read_text(encoding="utf-8") if release.exists() else "", shutil.which)
    path = chromium(shutil.which, install_debians, debian_root=root)
    return path if path is not None else absent("the tests of the page in a browser need Chromium", dict(os.environ))


class Watched:
    """A page in the browser, with everything it complained of or asked the network for."""

    def __init__(self, browser: Any, url: str, *, ready: str = "#map svg.map .cells path", **options: Any) -> None:
        self.trouble: list[str] = []
        self.requests: list[str] = []
        self.context = browser.new_context(**(DESK | options))
        self.tab = self.context.new_page()
        self.tab.on("console", lambda message: self.trouble.append(message.text))
        self.tab.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.tab.goto(url)
        self.tab.wait_for_selector(ready, state="attached")

    def day(self) -> str:
        """Return the day that is shown."""
        return str(self.tab.inner_text("#iso"))

    def until(self, script: str, wanted: Callable[[Any], bool]) -> Any:
        """Return what a script says of the page as soon as it is as wanted; fail where it does not become so in ten seconds."""
        for _ in range(500):
            if wanted(found := self.tab.evaluate(script)):
                return found
            self.tab.wait_for_timeout(20)
        raise AssertionError(f"{script} is still {found!r}")

    def closed(self) -> None:
        """Close it; nothing may have gone wrong, and nothing been asked for but itself, once."""
        self.context.close()
        assert self.trouble == []
        assert [url for url in self.requests if not url.startswith("about:")] == self.requests[:1]
        assert self.requests[0].startswith("file:")
