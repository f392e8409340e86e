"""Where things stand on a sheet: nothing runs into its neighbour, at any size and on the longest day."""

import pytest
from matplotlib.text import Text

import qsim
from qsim.draw.multiples import Telling
from qsim.draw.style import look


def picture(size: tuple[int, int], day: str) -> Telling:
    """Return a day of the siege of Kobanî, whose names and days are long, on a sheet of a size."""
    timeline = qsim.reconstruct(*qsim.load("kobani"), start=day, end=day)
    found = Telling(timeline, look(size=size), place="kobani", side="kurds")
    found.show(0)
    return found


def written(telling: Telling, start: str) -> Text:
    """Return the text that begins so."""
    return next(text for text in telling.figure.findobj(Text) if text.get_text().startswith(start))


@pytest.mark.parametrize("size", [(1080, 1920), (1080, 1350), (1080, 1080), (1280, 800), (1200, 630)], ids=str)
def test_the_longest_day_ends_before_the_title_begins(size: tuple[int, int]) -> None:
    telling = picture(size, "2014-09-30")
    day, title = (written(telling, start).get_window_extent() for start in ("30 September 2014", "Siege of Kobanî"))
    assert day.x1 <= title.x0 or day.y1 <= title.y0


@pytest.mark.parametrize("size", [(1200, 630), (1280, 800)], ids=str)
def test_the_counts_beside_a_city_end_above_its_chart_on_a_small_card(size: tuple[int, int]) -> None:
    telling = picture(size, "2014-10-10")
    panel = telling.scene.panel
    assert panel is not None
    assert panel.city is not None
    assert panel.city._count.get_window_extent().y0 >= written(telling, "Share of ").get_window_extent().y1
    assert "3 undecided" in panel.city._count.get_text()


def test_the_counts_below_a_city_stand_right_below_it() -> None:
    telling = picture((1080, 1920), "2014-10-10")
    panel = telling.scene.panel
    assert panel is not None
    assert panel.city is not None
    assert 0 <= panel.city.ax.bbox.y0 - panel.city._count.get_window_extent().y1 <= 12
