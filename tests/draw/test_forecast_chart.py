"""The reliability diagram of forecasts says its days and ways as text, draws what it was given, and is the same bytes each time."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from toys import line

from qsim.draw.charts.forecast import forecast_chart, forecast_figure
from qsim.draw.files import ChartError

TOLD = np.array([[0.05, 0.10, 40.0], [np.nan, np.nan, 0.0], [0.85, 0.55, 10.0]])
DIAGRAMS = {date(2013, 5, day): {"simulated": TOLD, "persistence": TOLD[:1]} for day in (18, 24, 29)}


def test_a_panel_a_day_with_a_mark_for_each_tenth_that_was_said() -> None:
    axes = forecast_figure(line(), DIAGRAMS).axes
    assert [each.get_title(loc="left") for each in axes] == [f"known by {day} May 2013" for day in (18, 24, 29)]
    marks = [each for each in axes[0].collections if isinstance(each, PathCollection)]
    assert [np.asarray(each.get_offsets()).tolist() for each in marks] == [[[0.05, 0.1], [0.85, 0.55]], [[0.05, 0.1]]]


def test_the_picture_carries_its_words_and_is_the_same_each_time(tmp_path: Path) -> None:
    one, two = (forecast_chart(line(), DIAGRAMS, tmp_path / name).read_text(encoding="utf-8") for name in ("a.svg", "b.svg"))
    assert one == two
    for words in ("known by 24 May 2013", "simulated: off by 0.100", "persistence: off by 0.050", "saw what was known on its day"):
        assert words in one


def test_nothing_to_draw_and_an_unknown_suffix_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ChartError, match="no forecast to draw"):
        forecast_chart(line(), {}, tmp_path / "a.svg")
    with pytest.raises(ChartError, match="unknown suffix"):
        forecast_chart(line(), DIAGRAMS, tmp_path / "a.gif")
