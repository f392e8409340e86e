"""The pictures that the README and the pages show are there, and small."""

import re
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parents[2]
SHOWING = [HERE / "README.md", HERE / "docs" / "pictures.md"]
SHOWN = [
    found
    for page in SHOWING
    for found in re.findall(r'(?:!\[([^\]]+)\]\(|src=")(?:\.\./)?(outputs/[^)"]+)', page.read_text(encoding="utf-8"))
]
PICTURES = [path for path in (HERE / "outputs").glob("*.*") if path.suffix in (".gif", ".png")]


def test_every_picture_of_the_pages_is_there_and_every_kept_one_is_shown() -> None:
    assert {HERE / path for _, path in SHOWN} == set(PICTURES)
    assert len(PICTURES) >= 5


def test_pictures_open_and_are_small_together() -> None:
    for path in PICTURES:
        with Image.open(path) as image:
            image.load()
            assert min(image.size) >= 400
    assert sum(path.stat().st_size for path in PICTURES) < 2e6


def test_every_picture_says_what_it_shows() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in SHOWING)
    assert all(len(words) > 20 for words, _ in SHOWN if words)
    assert all("alt=" in tag for tag in re.findall(r"<img[^>]*>", text))
