"""The documentation: what is made from the code is up to date, links lead somewhere, every page is in the site, and the site builds."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import qsim
from qsim.record.settings import Model

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted(DOCS.glob("*.md"))]
LINK = re.compile(r"(?:\]\(|src=\")(?!https?:|mailto:)([^)\s#\"]*)(#[^)\s\"]+)?[)\"]")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def made() -> Any:
    """Return the module that makes parts of the pages."""
    spec = importlib.util.spec_from_file_location("pages", DOCS / "pages.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def anchors(page: Path) -> set[str]:
    """Return the addresses of a page's headings, as GitHub and mkdocs both make them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", head.lower())).strip("-") for head in heads}


def test_what_is_made_from_the_code_is_up_to_date() -> None:
    """Make it anew by `python docs/pages.py`."""
    pages = made()
    for page in sorted(DOCS.glob("*.md")):
        assert pages.filled(page.read_text(encoding="utf-8")) == page.read_text(encoding="utf-8"), page.name
    assert pages.picture_of_rooms() == (DOCS / "rooms.svg").read_text(encoding="utf-8")
    assert all(f"<!-- {mark} -->" in "".join(page.read_text(encoding="utf-8") for page in DOCS.glob("*.md")) for mark in pages.MADE)


def test_every_parameter_of_the_model_is_told_with_its_default() -> None:
    rows = re.findall(r"^\| (`\w+`[^|]*)\| ([^|]+) \|", (DOCS / "model.md").read_text(encoding="utf-8"), re.MULTILINE)
    told = {tuple(re.findall(r"`(\w+)`", names)): default.strip() for names, default in rows}
    known = {each.name: getattr(Model(), each.name) for each in fields(Model)}
    assert {name for names in told for name in names} - set(known) <= set(Model().reliability)
    for names, default in told.items():
        if names[0] in known and names != ("reliability",):
            values = [value for name in names for value in ([*known[name]] if isinstance(known[name], tuple) else [known[name]])]
            assert json.loads(f"[{default}]") == values, names
    assert set(known) <= {name for names in told for name in names}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        there = page.parent / path if path else page
        assert there.exists(), f"{page.name}: {path}"
        if anchor and there.suffix == ".md":
            assert anchor[1:] in anchors(there), f"{page.name}: {path}{anchor}"


@pytest.mark.parametrize("page", [ROOT / "CONTRIBUTING.md", DOCS / "architecture.md", DOCS / "model.md"], ids=lambda page: page.name)
def test_files_that_are_named_are_there(page: Path) -> None:
    named = set(re.findall(r"`((?:qsim|tests|docs|scenarios|benchmarks)/[\w/.]*\w)[`/]", page.read_text(encoding="utf-8")))
    assert named
    assert not [path for path in named if not (ROOT / path).exists()]


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_the_paper_cites_what_its_list_has_and_has_the_parts_that_are_asked_for() -> None:
    paper, sources = ((ROOT / "paper" / name).read_text(encoding="utf-8") for name in ("paper.md", "paper.bib"))
    entries = re.findall(r"^@\w+\{(\w+),(.*?)^\}", sources, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"@(\w+\d{4}|timemap|kepler)", paper)) == {key for key, _ in entries}
    assert all("doi = " in entry or "url{" in entry for _, entry in entries)
    assert {"Summary", "Statement of need", "State of the field", "References"} <= set(re.findall(r"^# (.+)$", paper, re.MULTILINE))
    assert 750 <= len(paper.split()) <= 1750  # as long as the journal wants it


def test_what_is_said_of_the_software_is_said_alike_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    meta, archived = (json.loads((ROOT / name).read_text(encoding="utf-8")) for name in ("codemeta.json", ".zenodo.json"))
    cited = dict(re.findall(r"^(\w[\w-]*): \"?(.*?)\"?$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE))
    title = re.search(r'^title: "(.*)"$', (ROOT / "paper" / "paper.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert title
    assert {cited["version"], meta["version"], archived["version"]} == {qsim.__version__}
    assert {cited["title"], archived["title"]} == {title[1]}
    assert {meta["description"], archived["description"]} == {project["description"]}
    assert {cited["license"], archived["license"], meta["license"].rsplit("/", 1)[-1]} == {project["license"]}
    assert meta["alternateName"] == project["name"]


def test_every_page_is_in_the_site() -> None:
    named = set(re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))
    assert {page.name for page in DOCS.glob("*.md")} | {f"{page.stem}.md" for page in DOCS.glob("*.ipynb")} <= named
    assert set(made().PAGES) <= named


@pytest.mark.slow
def test_the_site_builds_and_asks_for_nothing_from_outside(tmp_path: Path) -> None:
    if os.environ.get("CI") != "true":
        pytest.importorskip("material", reason="building the site needs the extra docs")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    for page in tmp_path.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"<(?:script|img|iframe)[^>]+src=\"?(?:https?:)?//", text), page.name
        assert not re.findall(r"<link[^>]+rel=\"?stylesheet\"?[^>]+href=\"?(?:https?:)?//", text), page.name
    assert "Who held what" in (tmp_path / "index.html").read_text(encoding="utf-8")
