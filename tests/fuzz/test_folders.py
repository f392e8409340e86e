"""Whatever stands in its files, a check tells; and what it calls sound loads, answers, and can be drawn."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from spoiling import judged, spoilt

CORPUS = json.loads(Path(__file__).with_name("corpus.json").read_text(encoding="utf-8"))
EXAMPLES = int(os.environ.get("QSIM_FUZZ", "150"))  # `make fuzz` asks for more


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(st.lists(spoilt("template"), min_size=1, max_size=2), st.integers(0, 9))
@example([("places.geojson", b'{"type": "FeatureCollection", "features": [' + b"[" * 100_000)], 1)
def test_a_check_tells_and_what_it_calls_sound_works(files: list[tuple[str, bytes]], n: int) -> None:
    event("sound" if judged("template", files, drawn=n == 0) else "told")


@settings(max_examples=EXAMPLES // 3, suppress_health_check=list(HealthCheck))
@given(st.lists(spoilt("example"), min_size=1, max_size=2))
def test_so_it_does_for_a_larger_scenario(files: list[tuple[str, bytes]]) -> None:
    event("sound" if judged("example", files, drawn=False) else "told")


@pytest.mark.parametrize("case", CORPUS, ids=[case["what"] for case in CORPUS])
def test_what_once_broke_is_told_or_works(case: dict[str, str]) -> None:
    judged("template", [(case["file"], case["text"].encode("utf-8", "surrogatepass"))], drawn=True)
