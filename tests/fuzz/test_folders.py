"""Whatever stands in its files, a check tells; and what it calls sound loads, answers, and can be drawn."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from own_cases import as_folder, own_case
from spoiling import judged, spoilt, works

CORPUS = json.loads(Path(__file__).with_name("corpus.json").read_text(encoding="utf-8"))
CLAIM = b"place,what,side,day,source\nA,takes,Red,1944-05-02,press\nB,holds,Blue,1944-05-03~,press\n"
EXAMPLES = int(os.environ.get("QSIM_FUZZ", "150"))  # `make fuzz` asks for more


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(st.lists(spoilt("template"), min_size=1, max_size=2), st.integers(0, 9))
@example([("places.geojson", b'{"type": "FeatureCollection", "features": [' + b"[" * 100_000)], 1)
def test_a_check_tells_and_what_it_calls_sound_works(files: list[tuple[str, bytes]], n: int) -> None:
    event("sound" if judged("template", files, further="drawn" if n == 0 else "") else "told")


@settings(max_examples=EXAMPLES // 3, suppress_health_check=list(HealthCheck))
@given(st.lists(spoilt("example"), min_size=1, max_size=2))
def test_so_it_does_for_a_larger_scenario(files: list[tuple[str, bytes]]) -> None:
    event("sound" if judged("example", files) else "told")


@pytest.mark.parametrize("case", CORPUS, ids=[case["what"] for case in CORPUS])
def test_what_once_broke_is_told_or_works(case: dict[str, str]) -> None:
    judged("template", [(case["file"], case["text"].encode("utf-8", "surrogatepass"))], further="drawn")


@settings(max_examples=EXAMPLES // 3, suppress_health_check=list(HealthCheck))
@given(own_case())
@example({"places.csv": b"name,lon,lat\nA,-179.99,-16\nB,-179.8,-16\n", "claims.csv": CLAIM, "scenario.toml": b""})
def test_a_small_case_of_any_country_and_year_is_told_or_works(files: dict[str, bytes]) -> None:
    with as_folder(files) as folder:
        event("sound" if works(folder) else "told")


@pytest.mark.filterwarnings("ignore::qsim.draw.fonts.FontWarning", "ignore:Glyph")  # this machine may lack a script
@settings(max_examples=max(4, EXAMPLES // 20), suppress_health_check=list(HealthCheck))
@given(own_case())
@example({"places.csv": b"name,lon,lat\nA,-179.99,-16\nB,-179.8,-16\n", "claims.csv": CLAIM, "scenario.toml": b""})
def test_what_is_sound_is_drawn_and_exported_in_every_way(files: dict[str, bytes]) -> None:
    with as_folder(files) as folder:
        event("sound" if works(folder, further="written") else "told")


@pytest.mark.parametrize("base", ["template", "example"])
def test_what_comes_with_qsim_is_drawn_and_exported_in_every_way(base: str) -> None:
    assert judged(base, [], further="written")
