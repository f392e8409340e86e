"""The page on a record: every section of an invented case, as Markdown, as HTML, and between the marks of somebody's own page."""

import re
from pathlib import Path

import pytest

import qsim
from qsim.page.markdown import html, table
from qsim.page.report import SECTIONS, Asked, ReportError, Section, fill, filled, report, sections

THEATRE, LEDGER = qsim.load("example")
ASKED = Asked(THEATRE, LEDGER, runs=50, folds=2)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = report(THEATRE, LEDGER, tmp_path_factory.mktemp("report") / "example.html", runs=50, folds=2)
    return path.read_text(encoding="utf-8")


def test_the_page_has_every_section_and_needs_nothing_else(page: str) -> None:
    assert re.findall(r"<h2>(.+?)</h2>", page) == [title for title, _ in SECTIONS.values()]
    assert page.count("<svg") == 3
    assert not re.findall(r"<(?:link|script|img)\b|url\(http", page)


def test_numbers_contradictions_and_licences_are_the_records(page: str) -> None:
    assert f"{len(LEDGER)} claims by {len(LEDGER.sources)} sources" in page
    assert f"{len(qsim.conflicts(THEATRE, LEDGER))} found by rule" in page
    assert all(f"<td>{source.name}</td>" in page for source in LEDGER.sources.values())
    assert all(document.licence in page for document in THEATRE.documents.values())


def test_the_toll_is_told_figure_by_figure(page: str) -> None:
    figures = [claim.figure for claim in LEDGER.claims if claim.kind == "casualties"]
    assert figures
    assert all(f"<td>{figure}</td>" in page for figure in figures)


def test_shares_of_each_of_several_sides_are_shown() -> None:
    (shares,) = sections(ASKED, names=["shares"])
    sides = {claim.side for claim in LEDGER.claims if claim.kind == "share"}
    assert set(shares.figures) == {f"share_{side}.svg" for side in sides}


def test_markdown_has_its_charts_beside(tmp_path: Path) -> None:
    path = report(THEATRE, LEDGER, tmp_path / "a.md", runs=50, folds=2)
    drawn = re.findall(r"!\[.+?\]\((.+?)\)", path.read_text(encoding="utf-8"))
    assert len(drawn) == 3
    assert all((tmp_path / name).read_text(encoding="utf-8").startswith("<?xml") for name in drawn)


def test_only_what_stands_between_marks_is_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(
        "# Mine\n\n<!-- report: counts -->\nstale\n<!-- end -->\n\nKept.\n\n<!-- report: toll -->\n<!-- end -->\n", encoding="utf-8"
    )
    assert fill(ASKED, page) == ("counts", "toll")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Mine\n")
    assert "\n\nKept.\n\n" in text
    assert "stale" not in text
    assert f"{len(LEDGER)} claims" in text
    fill(ASKED, page)
    assert page.read_text(encoding="utf-8") == text


def test_what_a_section_says_is_no_pattern() -> None:
    assert (
        filled("<!-- report: a -->\n\n<!-- end -->", Section("a", "A", r"\1 \g<9>"))
        == "<!-- report: a -->\n" + r"\1 \g<9>" + "\n<!-- end -->"
    )


def test_wrong_suffixes_sections_and_pages_without_marks_are_told(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"unknown suffix '\.pdf'; expected one of \.html, \.md"):
        report(THEATRE, LEDGER, tmp_path / "a.pdf")
    with pytest.raises(ReportError, match="no section 'tolls'; expected one of counts"):
        list(sections(ASKED, names=["tolls"]))
    (tmp_path / "a.md").write_text("nothing here", encoding="utf-8")
    with pytest.raises(ReportError, match="no marks to fill"):
        fill(ASKED, tmp_path / "a.md")


def test_a_cell_may_hold_anything() -> None:
    text = table(["a", "b"], [["x | y", "<b>\nlines"]])
    assert html(text, title="<t>", pictures={}).count("<td>x | y</td><td>&lt;b&gt; lines</td>") == 1
    assert "<title>&lt;t&gt;</title>" in html(text, title="<t>", pictures={})
