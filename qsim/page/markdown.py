"""As much Markdown as a report needs: written, and turned into one HTML page."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 1rem 0; font-size: 0.9rem; }
th, td { border-bottom: 1px solid #8886; padding: 0.25rem 0.6rem; text-align: left; vertical-align: top; }
pre { overflow-x: auto; font-size: 0.85rem; line-height: 1.35; }
figure { margin: 1rem 0; background: #fff; } figure svg { max-width: 100%; height: auto; }
"""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a Markdown table; what would break a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell if n == 1 else _cell(cell) for cell in row) + " |" for n, row in enumerate(lines))


def fenced(text: str) -> str:
    """Return text as a block that keeps its columns."""
    return f"```text\n{text}\n```"


def html(page: str, *, title: str, pictures: Mapping[str, str]) -> str:
    """
    Return Markdown as one HTML page that needs nothing else; `pictures` are SVG texts by the address that the page has for them.

    It knows headings, paragraphs, tables, fenced text, pictures, and in a line `code`, **strong**, and links to the web.
    """
    body = "\n".join(_blocks(page, pictures))
    head = f'<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n'


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _blocks(page: str, pictures: Mapping[str, str]) -> Iterator[str]:
    """Yield the HTML of one block after the other: fenced text whole, the rest parted by blank lines."""
    for n, piece in enumerate(re.split(r"^```.*\n", page, flags=re.MULTILINE)):
        if n % 2:
            yield f"<pre>{escape(piece)}</pre>"
            continue
        for blank, lines in groupby(piece.splitlines(), key=lambda line: not line.strip()):
            if not blank:
                yield _block(list(lines), pictures)


def _block(lines: Sequence[str], pictures: Mapping[str, str]) -> str:
    if heading := re.fullmatch(r"(#{1,6}) (.+)", lines[0]):
        level = len(heading[1])
        return f"<h{level}>{_inline(heading[2])}</h{level}>"
    if lines[0].startswith("|"):
        return _table([[_inline(cell) for cell in re.split(r"(?<!\\)\|", line.strip("| "))] for line in (lines[0], *lines[2:])])
    picture = re.fullmatch(r"!\[(.*)\]\((.+)\)", lines[0])
    if picture and picture[2] in pictures:
        svg = re.sub(r"^.*?(?=<svg)", "", pictures[picture[2]], flags=re.DOTALL)
        return f'<figure role="img" aria-label="{escape(picture[1])}">{svg}</figure>'
    return f"<p>{_inline(' '.join(lines))}</p>"


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = [
        "".join(f"<{tag}>{cell.strip()}</{tag}>" for cell in row) for tag, row in zip(["th"] + ["td"] * len(rows), rows, strict=False)
    ]
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in body)}</tbody></table>"


def _inline(text: str) -> str:
    safe = escape(text.replace("\\|", "|"))
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
    safe = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", safe)
    return re.sub(r"(?<![\"'>])(https?://[^\s<]+[^\s<.,;:)])", r'<a href="\1">\1</a>', safe)
