"""The blur test: five frames of a film at 300 pixels, out of focus, in one strip. Whoever sees it should say what is going on."""

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageFilter

import qsim

DAYS = ("2013-04-04", "2013-05-13", "2013-05-19", "2013-05-29", "2013-05-31")
WIDTH, BLUR = 300, 2.0  # pixels


def strip(timeline: qsim.Timeline, days: tuple[str, ...] = DAYS) -> Image.Image:
    """Return the maps of some days side by side, each so small and so blurred."""
    frames = []
    for day in days:
        drawn = BytesIO()
        qsim.render(timeline, drawn, format=".png", day=day)
        with Image.open(drawn) as picture:
            small = picture.convert("RGB").resize((WIDTH, round(WIDTH * picture.height / picture.width)), Image.Resampling.LANCZOS)
        frames.append(small.filter(ImageFilter.GaussianBlur(BLUR)))
    made = Image.new("RGB", (WIDTH * len(frames), frames[0].height), "white")
    for n, frame in enumerate(frames):
        made.paste(frame, (n * WIDTH, 0))
    return made


if __name__ == "__main__":
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs/blur.png")
    strip(qsim.reconstruct(*qsim.load("qusayr"), start=DAYS[0], end="2013-06-08")).save(out)
    print(f"wrote {out}")
