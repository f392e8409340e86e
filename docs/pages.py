"""
The site beside what is written in this folder: pages of the repository, links between them, notebooks, and what is made from the code.

`make docs` builds the site with mkdocs, which calls `on_files` and `on_page_markdown`. `python docs/pages.py` fills the parts of the pages
that stand between marks (`<!-- voices -->` to `<!-- end -->`) anew from the code; the tests hold that they are up to date.
"""

import ast
import inspect
import json
import os
import re
from pathlib import Path
from typing import Any

import qsim
from qsim.cli.app import VERBS, summary
from qsim.exchange.export import FORMATS
from qsim.record.schema import describe_kinds
from qsim.record.settings import RELIABILITY

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
# What lies elsewhere in the repository and is a page or a picture of the site too.
PAGES = (
    "CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md", "scenarios/kobani/README.md",
    "scenarios/kobani/SOURCES.md", "scenarios/qusayr/README.md", "scenarios/qusayr/SOURCES.md", "seeds/README.md",
)  # fmt: skip
PICTURES = ("outputs/*.gif", "outputs/*.png", "scenarios/*/figures/*.svg")
LINK = re.compile(r"(?P<before>(?P<image>!?)\[(?P<words>[^\]]*)\]\()(?P<to>(?!https?:|mailto:|#)[^)\s#]+)(?P<at>#[^)\s]*)?\)")
FENCE = re.compile(r"(^```.*?^```[ ]*$)", re.MULTILINE | re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Add to the site what lies elsewhere in the repository, and the notebooks as pages."""
    from mkdocs.structure.files import File

    pictures = [path.relative_to(ROOT).as_posix() for pattern in PICTURES for path in sorted(ROOT.glob(pattern))]
    for place in (*(page for page in PAGES if (ROOT / page).exists()), *pictures):
        files.append(File.generated(config, place, abs_src_path=str(ROOT / place)))
    for notebook in sorted(DOCS.glob("*.ipynb")):
        files.append(File.generated(config, f"{notebook.stem}.md", content=notebook_page(notebook)))
    files.append(File.generated(config, "reference.md", content=reference()))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Turn links from file to file of the repository into links from page to page of the site."""
    return relinked(markdown, page.file.src_uri, {file.src_uri for file in files})


def relinked(text: str, page: str, pages: set[str]) -> str:
    """Return the text of a page with its links as the site has them; what the site does not have is told in words alone."""
    here = (ROOT if page in PAGES else DOCS) / page

    def link(found: re.Match[str]) -> str:
        path = Path(os.path.normpath(here.parent / found["to"]))
        place = path.relative_to(DOCS if path.is_relative_to(DOCS) else ROOT).as_posix()
        place = f"{place.removesuffix('.ipynb')}.md" if place.endswith(".ipynb") else place
        if place not in pages:
            return f"{found['words']} (`{path.relative_to(ROOT).as_posix()}`)"
        return f"{found['before']}{os.path.relpath(place, os.path.dirname(page) or '.')}{found['at'] or ''})"

    return "".join(part if part.startswith("```") else LINK.sub(link, part) for part in FENCE.split(text))


def notebook_page(notebook: Path) -> str:
    """Return the cells of a notebook as a page."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    told = ("".join(cell["source"]) for cell in cells)
    return "\n\n".join(
        text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```" for cell, text in zip(cells, told, strict=True)
    )


def reference() -> str:
    """Return the docstrings of what `qsim` offers, and of its measures, as a page."""
    made = ["# Reference", "What `qsim` offers, with the docstrings that `help()` shows; then the measures of histories in `qsim.metrics`."]
    offered = {f"qsim.{name}": getattr(qsim, name) for name in qsim.__all__}
    metrics = qsim.metrics
    offered |= {f"qsim.metrics.{name}": each for name, each in vars(metrics).items() if inspect.isfunction(each) and name[0] != "_"}
    for name, each in offered.items():
        if inspect.isfunction(each) or inspect.isclass(each):
            made += [f"## {name}", _told(name, each)]
            methods = vars(each).items() if inspect.isclass(each) else ()
            made += [_told(f"{name}.{of}", m) for of, m in methods if inspect.isfunction(m) and of[0] != "_" and m.__doc__]
    return "\n\n".join(made) + "\n"


def _told(name: str, each: Any) -> str:
    """Return how a function or class is called, and what it says of itself, as a block."""
    try:
        called = re.sub(r"\b(?:[a-z_]\w*\.)+(\w+)", r"\1", re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(each))))
    except ValueError:
        called = ""
    return f"```text\n{name}{called}\n\n{inspect.getdoc(each) or ''}\n```"


def voices() -> str:
    """Return the prior reliability of each kind of voice as a table."""
    rows = [f"| `{kind}` | {mean:.2f} | {worth:.0f} |" for kind, (mean, worth) in RELIABILITY.items()]
    return "\n".join(["| kind of voice | chance to be informed | worth so many claims |", "|---|---|---|", *rows])


def formats() -> str:
    """Return the formats of `qsim export` as a table."""
    rows = [f"| `{suffix}` | `{name}` | {holds} |" for name, (suffix, holds) in FORMATS.items()]
    return "\n".join(["| suffix | `--format` | holds |", "|---|---|---|", *rows])


def verbs() -> str:
    """Return the verbs of the command line as a table."""
    return "\n".join(["| verb | does |", "|---|---|", *(f"| `{verb}` | {summary(verb)} |" for verb in VERBS)])


def rooms() -> tuple[str, ...]:
    """Return the rooms of the house, the lower first, as the test that guards them has them."""
    for node in ast.parse((ROOT / "tests/test_layering.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ROOMS":
            return tuple(ast.literal_eval(node.value))
    raise ValueError("tests/test_layering.py has no ROOMS")


def picture_of_rooms() -> str:
    """Return the rooms as a drawing (SVG): a box a room with what its docstring says, imports pointing down."""
    told = [(room, _summary(room)) for room in reversed(rooms()) if "." not in room]
    high, gap, wide = 46, 14, 880
    height = len(told) * (high + gap) + 10
    made = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {height}" font-family="sans-serif" role="img">',
        "<title>The rooms of qsim; each imports only from those below it</title>",
        f'<rect width="{wide}" height="{height}" fill="#ffffff"/>',
    ]
    for i, (room, words) in enumerate(told):
        y = 8 + i * (high + gap)
        made += [
            f'<rect x="10" y="{y}" width="{wide - 20}" height="{high}" rx="5" fill="#eef3f7" stroke="#456"/>',
            f'<text x="26" y="{y + 29}" font-size="17" font-weight="bold" fill="#123">{room}</text>',
            f'<text x="150" y="{y + 28}" font-size="14" fill="#234">{words}</text>',
        ]
        if i + 1 < len(told):
            low = y + high + gap
            made.append(f'<path d="M70 {y + high} V{low - 5} m-5 -1 l5 6 l5 -6" fill="none" stroke="#456" stroke-width="1.5"/>')
    return "\n".join([*made, "</svg>", ""])


def _summary(room: str) -> str:
    """Return the first sentence of a room's docstring, ready to stand in a drawing."""
    told = ast.get_docstring(ast.parse((ROOT / "qsim" / room / "__init__.py").read_text(encoding="utf-8"))) or ""
    return told.partition("\n")[0].replace("&", "&amp;").replace("<", "&lt;")


MADE = {"voices": voices, "formats": formats, "verbs": verbs, "kinds": describe_kinds}


def filled(text: str) -> str:
    """Return a page with what stands between its marks made anew."""
    for mark, make in MADE.items():
        text = re.sub(rf"(<!-- {mark} -->\n).*?(\n<!-- end -->)", lambda m, make=make: m[1] + make() + m[2], text, flags=re.DOTALL)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    for written in sorted(DOCS.glob("*.md")):
        written.write_text(filled(written.read_text(encoding="utf-8")), encoding="utf-8")
    (DOCS / "rooms.svg").write_text(picture_of_rooms(), encoding="utf-8")
