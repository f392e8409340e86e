"""The picture of the ground that a scenario brings along, as a shade on the colours of the map."""

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import NDArray
from PIL import Image

from qsim.draw.ground import EDGES
from qsim.record.picture import Picture
from qsim.record.theatre import Theatre

_MOST = 2048  # pixels of a side: a finer picture than that is not seen
_DARKEST = 0.22  # how much of the colour below the darkest of it takes, so that grounds and names can still be told apart
_BRIGHT = 95  # per cent of the pixels: what is brighter than this share of them throws no shade


def draw_shade(ax: Axes, theatre: Theatre) -> AxesImage | None:
    """
    Lay the scenario's picture of the ground on the colours of a map, and return it; None where there is none.

    It darkens what lies below, as a hillshade does, by how dark it is itself: its own colours would be read as those of sides.
    """
    if theatre.picture is None:
        return None
    west, south, east, north = theatre.picture.bounds
    shade = AxesImage(ax, extent=(west, east, south, north), interpolation="bilinear", origin="upper", zorder=EDGES - 0.2, gid="picture")
    cover = shadow(theatre.picture)
    shade.set_data(np.dstack([np.zeros((*cover.shape, 3), dtype=np.uint8), np.round(cover).astype(np.uint8)]))
    shade.set_clip_path(ax.patch)
    ax.add_artist(shade)
    return shade


def shadow(picture: Picture) -> NDArray[np.float64]:
    """Return how much shade each pixel of a picture throws, shape (height, width), 0 to `_DARKEST` of 255; none where it is clear."""
    with Image.open(io.BytesIO(picture.data)) as opened:
        opened.thumbnail((_MOST, _MOST))
        pixels = np.asarray(opened.convert("LA"), dtype=float)
    light, cover = pixels[..., 0], pixels[..., 1] / 255
    seen = light[cover > 0]
    brightest = float(np.percentile(seen, _BRIGHT)) if len(seen) else 255.0
    dark = 1 - np.clip(light / max(brightest, 1.0), 0, 1)
    return np.asarray(255 * _DARKEST * dark * cover)
