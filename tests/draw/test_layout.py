"""Where things stand on a sheet: nothing runs into its neighbour, at any size and on the longest day."""

from dataclasses import replace
from datetime import timedelta

import pytest
import shapely
import toys
from matplotlib.text import Text

import qsim
from qsim.belief.events import events
from qsim.draw.multiples import Telling, Tellings
from qsim.draw.style import look
from qsim.record.dates import long_day


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


def plain(days: int) -> qsim.Timeline:
    """Return so many days of a place without parts that changes hands on every second."""
    sides, dates = ("red", "blue"), [f"2001-01-{n + 1:02d}" for n in range(days)]
    claims = [toys.claim("b", "takes", sides[n // 2 % 2], day, id=day) for n, day in enumerate(dates) if n % 2 == 0]
    theatre = toys.line()
    cells = {place.id: shapely.box(place.lon - 0.05, place.lat - 0.05, place.lon + 0.05, place.lat + 0.05) for place in theatre.places}
    places = tuple(replace(place, polygon=cells[place.id], area_km2=1.0) for place in theatre.places)
    return toys.replayed(replace(theatre, places=places), *claims)


@pytest.mark.parametrize("days", [5, 29])
def test_where_there_is_neither_city_nor_chart_the_column_tells_what_changed_before_the_day(days: int) -> None:
    timeline = plain(days)
    telling = Telling(timeline, look(), place=None, side=None)
    told = list(events(timeline))
    panel = telling.scene.panel
    assert panel is not None
    assert panel.lately is not None
    for position in (0, len(timeline) - 1):
        telling.show(position)
        today = timeline.days[position].item()
        earlier = [f"{long_day(event.day)}: {event.text}" for event in reversed(told) if event.day < today]
        text = panel.lately._text
        lines = text.get_text().splitlines()
        assert lines == earlier[: len(lines)]
        assert bool(lines) == bool(earlier)
        if lines:
            assert text.get_window_extent().y0 >= panel._caption.get_window_extent().y1
    assert len(earlier) > 0


def test_beside_a_city_or_a_chart_there_is_no_room_to_tell_what_changed_before() -> None:
    panel = picture((1280, 800), "2014-10-10").scene.panel
    assert panel is not None
    assert panel.lately is None


def test_where_several_tellings_differ_sides_are_named_and_not_told_by_their_ids() -> None:
    one, other = plain(5), plain(5)
    claims = [toys.claim("b", "holds", "blue", "2001-01-01", source="press")]
    other = toys.replayed(other.theatre, *claims)[one.start : one.end]
    tellings = Tellings({"one": one, "other": other}, look(size=(600, 400)), place=None, side=None)
    tellings.show(0)
    names, *told = [text.get_text().splitlines() for text in tellings._note._lists]
    assert names == ["B"]
    assert [*told] == [["Red"], ["Blue"]]


def test_of_an_earlier_day_the_strongest_changes_are_told_and_the_rest_is_counted() -> None:
    timeline = plain(3)
    telling = Telling(timeline, look(), place=None, side=None)
    ((day, (event,)), *_) = telling._told.items()
    telling._told = {day: [event] * 5}
    assert list(telling._earlier(day + timedelta(days=1))) == [(day, event.text)] * 2 + [(day, f"{event.text} – and 2 more")]
    assert list(telling._earlier(day)) == []
    telling._tells_earlier = False  # as of very many places, of which only the days that are shown are looked at
    assert list(telling._earlier(day + timedelta(days=1))) == []
