"""Kinds of trouble that people had with other programs' files, each in a small valley of its own: read, or told with the remedy."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import shape

import qsim
from qsim.record.geometry import cells
from qsim.record.problems import problems_text
from qsim.record.scenario import explain
from qsim.record.words import KINDS
from qsim.terminal.text import why_text

Change = Callable[[Path], None]


@pytest.fixture
def valley(tmp_path: Path) -> Path:
    """Return a small sound scenario that a test may change."""
    return qsim.new(tmp_path / "valley")


def in_text(file: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def place(id: str, at: list[Any] | dict[str, Any], **properties: Any) -> dict[str, Any]:
    geometry = at if isinstance(at, dict) else {"type": "Point", "coordinates": at}
    return {"type": "Feature", "properties": {"id": id, "name": id.title(), **properties}, "geometry": geometry}


def square(west: float, south: float, size: float = 0.01) -> dict[str, Any]:
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def features(*more: dict[str, Any], **changed: list[Any]) -> Change:
    """Return a change of places.geojson: features added, the geometry of others changed."""

    def change(folder: Path) -> None:
        data = json.loads((folder / "places.geojson").read_text(encoding="utf-8"))
        for feature in data["features"]:
            if feature["properties"]["id"] in changed:
                feature["geometry"]["coordinates"] = changed[feature["properties"]["id"]]
        data["features"] += more
        (folder / "places.geojson").write_text(json.dumps(data), encoding="utf-8")

    return change


def links(*rows: str) -> Change:
    def change(folder: Path) -> None:
        with (folder / "links.csv").open("a", encoding="utf-8") as file:
            file.writelines(row + "\n" for row in rows)

    return change


BOW = {"type": "Polygon", "coordinates": [[[0.09, 0.075], [0.1, 0.085], [0.1, 0.075], [0.09, 0.085], [0.09, 0.075]]]}


def lake(folder: Path) -> None:
    made = {"type": "Feature", "properties": {"id": "lake", "kind": "lake"}, "geometry": BOW}
    (folder / "backdrop.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [made]}), encoding="utf-8")


TOLD: dict[str, tuple[Change, str]] = {
    "a lake that crosses itself": (lake, r"backdrop.geojson has 1 problem\n  row 1: the outline is not an area: it crosses itself"),
    "latitude before longitude": (features(lowmead=[0.05, 0.15]), r"row 3: 'lowmead' lies outside the frame .*latitude seems to stand before longitude"),
    "a gateway inside the frame": (features(east_gate=[0.15, 0.09]), r"row 4, gateway: 'east_gate' is a gateway, but lies inside the frame"),
    "no coordinates": (features(lowmead=[None, None]), r"^\S*places.geojson has 1 problem\n  row 3: the point has no coordinates$"),
    "an empty point": (features(lowmead=[]), r"row 3: the point has no coordinates"),
    "no geometry": (features({"type": "Feature", "properties": {"name": "X"}, "geometry": None}), r"row 6: the feature has no geometry"),
    "an outline that crosses itself": (features(place("q0", BOW, parent="mossford")), r"row 6: the outline is not an area: it crosses itself at 0\.095, 0\.08"),
    "outlines that overlap": (
        features(place("q0", square(0.09, 0.075), parent="mossford"), place("q1", square(0.095, 0.075), parent="mossford")),
        r"the outlines of 'q0' \(row 6\) and 'q1' overlap at 0\.09",
    ),
    "a part without an outline": (features(place("q0", [0.1, 0.08], parent="mossford")), r"'q0' has a parent, but neither a polygon"),
    "an outline over the edge": (features(place("q0", square(0.195, 0.075), parent="mossford")), r"row 6: the outline of 'q0' runs over the edge of the frame"),
    "one colour": (in_text("scenario.toml", "#E69F00", "#0072B2"), r"'north' \(#0072B2\) and 'south' \(#0072B2\) have one colour"),
    "one table of sides": (in_text("scenario.toml", "[[sides]]", "[side]"), r"unknown key 'side'; did you mean 'sides'"),
    "[documents] for [[documents]]": (in_text("scenario.toml", "[[documents]]", "[documents]"), r"^\S*scenario.toml has 1 problem\n  documents: \[documents\] is one table; expected \[\[documents\]\]"),
    "a wrong unit": (in_text("links.csv", "16.84", "0.01"), r"row 5, length_km: length_km is 0\.01, but 'lowmead' and 'east_gate' lie 16\.8 km apart"),
    "a mistyped key": (in_text("scenario.toml", "title =", "titel ="), r"titel: unknown key 'titel'; did you mean 'title'"),
    "a mistyped table": (in_text("scenario.toml", "[[documents]]", "[modle]\nlearn = true\n[[documents]]"), r"unknown key 'modle'; did you mean 'model'"),
    "basis for bases": (in_text("scenario.toml", "bases =", "basis ="), r"sides\[\]\.basis: unknown key 'basis'; did you mean 'bases'"),
    "a century off": (in_text("claims.csv", ",2090-05-05,,2090-05-06", ",2190-05-05,,2190-05-06"), r"row 7, start: 2190-05-05 lies 100 years outside the scenario"),
    "a mistyped year": (in_text("scenario.toml", "2090-05-01", "1090-05-01"), r"start: start 1090-05-01 and end 2090-05-10 lie 1000 years apart"),
    "the end of the calendar": (in_text("scenario.toml", "2090-05-10", "9999-12-31"), r"end 9999-12-31 lies at the end of the calendar"),
    "a denial of itself": (in_text("claims.csv", "stated,0503-mossford-takes,", "stated,0503-mossford-denies,"), r"row 5, denies: the denials of '0503-mossford-denies' run in a circle"),
    "a key twice": (in_text("places.geojson", '"id": "mossford", "properties"', '"id": "a", "id": "b", "properties"'), r"the key 'id' stands twice"),
    "an infinite number": (in_text("places.geojson", '"population": 2000', '"population": Infinity'), r"Infinity is not a number of JSON"),
    "a number of thousands of digits": (in_text("places.geojson", '"population": 2000', '"population": ' + "9" * 5000), r"thousands of digits"),
    "true for a number": (in_text("places.geojson", '"population": 2000', '"population": true'), r"row 1, population: True is not a whole number"),
    "a control character": (in_text("places.geojson", '"name": "Mossford"', r'"name": "Moss\u0001ford"'), r"holds the control character U\+0001"),
    "half a character": (in_text("places.geojson", '"name": "Mossford"', r'"name": "Moss\ud800ford"'), r"holds the control character U\+D800"),
    "what is no character": (in_text("places.geojson", '"name": "Mossford"', r'"name": "Moss\uffffford"'), r"holds the control character U\+FFFF"),
    "brackets nested": (in_text("places.geojson", '"variants": []', '"variants": ' + "[" * 100_000 + "]" * 100_000), r"nested thousands deep"),
    "a frame of the world": (in_text("scenario.toml", "[0.0, 0.02, 0.2, 0.14]", "[-180, -80, 180, 80]"), r"is half the world or reaches a pole"),
    "no for false": (in_text("scenario.toml", "[[documents]]", '[model]\nlearn = "no"\n[[documents]]'), r"learn is 'no'; expected true or false"),
    "one number for three": (in_text("scenario.toml", "[[documents]]", "[model]\nstay = 0.9\n[[documents]]"), r"stay is 0\.9; expected .* numbers from 0 to 1"),
    "members that are none": (in_text("groups.csv", "mossford;lowmead", ";"), r"row 2, members: members is blank"),
}  # fmt: skip


ASKED = {
    "captred": "did you mean 'captured', which is read as 'takes'?",
    "is held by": "did you mean 'held', which is read as 'holds'?",
    "attacked": "did you mean 'contests' or 'takes'?",
    "falls": "did you mean 'takes' or 'loses'?",
    "lost to": "did you mean 'takes' or 'loses'?",
    "contsted": "did you mean 'contests'?",
    "rained on": "expected one of holds, takes",
}


@pytest.mark.parametrize("word", ASKED)
def test_a_word_that_is_nearly_known_or_has_two_meanings_is_asked_about(word: str, valley: Path) -> None:
    in_text("claims.csv", ",mossford,takes,", f",mossford,{word},")(valley)
    (told,) = qsim.check(valley)
    assert told.what.startswith(f"unknown kind '{word}'; {ASKED[word]}")
    assert told.what.endswith(f"expected one of {', '.join(KINDS)}")


@pytest.mark.parametrize("word", ["fought over", "Fighting_for", "FRONT LINE", "clashes"])
def test_words_for_fighting_are_one_kind(word: str, valley: Path) -> None:
    in_text("claims.csv", ",mossford,takes,north", f",mossford,{word},")(valley)
    claim = qsim.load(valley)[1].claims[2]
    assert (claim.kind, claim.side) == ("contests", None)


@pytest.mark.parametrize("sides", ["north;south", "North and South", "The North / The South", "north vs. South", "South, North & south"])
@pytest.mark.parametrize("listed", [True, False])
def test_two_sides_in_one_cell_are_told_as_two(sides: str, listed: bool, valley: Path) -> None:
    if not listed:
        text = (valley / "scenario.toml").read_text(encoding="utf-8")
        (valley / "scenario.toml").write_text(
            text.partition("[[sides]]")[0] + "[[documents]]" + text.partition("[[documents]]")[2], encoding="utf-8"
        )
        sides = sides.replace("The ", "")
    in_text("claims.csv", ",mossford,takes,north", f',mossford,clash,"{sides}"')(valley)
    told = problems_text(qsim.check(valley))
    assert f"side: '{sides}' names 2 sides" in told
    assert "a claim names one: leave it blank where they fight each other for the place, else write a row for each" in told


@pytest.mark.parametrize("name", TOLD)
def test_what_cannot_be_meant_is_told_with_the_remedy(name: str, valley: Path) -> None:
    change, what = TOLD[name]
    change(valley)
    with pytest.raises(qsim.ScenarioError, match=what):
        qsim.load(valley)
    assert "fault of qsim" not in problems_text(qsim.check(valley))


def test_two_places_of_one_point_share_its_ground(valley: Path) -> None:
    features(place("station", [0.1, 0.08]))(valley)
    links("s,,station,mossford,road,0.1,estimated,,")(valley)
    theatre, _ = qsim.load(valley)
    pair = theatre.place("station").area_km2, theatre.place("mossford").area_km2
    assert min(pair) > 0
    turned = cells(list(reversed(theatre.places)), theatre.frame)
    assert turned["station"].equals(cells(theatre.places, theatre.frame)["station"])
    assert "'station' lies at the very point of 'mossford' (row 1); they share its ground" in problems_text(explain(valley))


def test_homonyms_are_told_apart_by_id_and_asked_about_by_name(valley: Path) -> None:
    features(place("lowmead_north", [0.12, 0.12], name="Lowmead"))(valley)
    links("n,,lowmead_north,mossford,track,8,estimated,,")(valley)
    theatre, _ = qsim.load(valley)
    assert theatre.place("lowmead_north").name == theatre.place("lowmead").name
    in_text("claims.csv", ",mossford,takes,", ",Low-Mead,takes,")(valley)
    assert qsim.load(valley)[1].claims[2].place == "lowmead"
    in_text("places.geojson", '"id": "lowmead"', '"id": "lowmead_south"')(valley)
    in_text("places.geojson", '"id": "lowmead"', '"id": "lowmead_south"')(valley)
    in_text("claims.csv", ",Low-Mead,takes,", ",Lowmead,takes,")(valley)
    assert "place: the name 'Lowmead' fits several: lowmead_south, lowmead_north; give one of these ids" in problems_text(
        qsim.check(valley)
    )


@pytest.mark.parametrize("asked", ["Kafr al-Ma'in", "Kafr al-Ma’in", "kafr al\u00a0maʿin", "KAFR AL‐MAIN", "كفر المعين", "كفر المعىن"])
def test_names_are_found_whatever_their_quotes_hyphens_and_letters(asked: str, valley: Path) -> None:
    in_text("places.geojson", '"name": "Lowmead", "name_ar": null', '"name": "Kafr al-Ma\'in", "name_ar": "كفر المعين"')(valley)
    assert qsim.load(valley)[0].place(asked).id == "lowmead"


def test_two_roads_may_join_two_towns_and_one_be_cut(valley: Path) -> None:
    links("old_road,Old road,mossford,lowmead,track,9.1,estimated,,")(valley)
    theatre, _ = qsim.load(valley)
    assert theatre.graph().edges["mossford", "lowmead"]["links"] == ("mill_road", "old_road")
    assert theatre.without("mill_road").graph().edges["mossford", "lowmead"]["id"] == "old_road"


@pytest.mark.parametrize("east", [-179.9, 180.1])
def test_a_map_may_cross_the_180th_meridian(east: float, valley: Path) -> None:
    in_text("scenario.toml", "[0.0, 0.02, 0.2, 0.14]", f"[179.9, 0.02, {east}, 0.14]")(valley)
    west_of_it = {"mossford": [-179.995, 0.08], "alder_hill": [179.95, 0.115], "lowmead": [-179.95, 0.05]}
    features(east_gate=[-179.8, 0.09], west_gate=[179.8, 0.09], **west_of_it)(valley)
    theatre, _ = qsim.load(valley)
    assert theatre.frame == pytest.approx((179.9, 0.02, 180.1, 0.14))
    assert theatre.place("lowmead").lon == pytest.approx(180.05)
    assert sum(place.area_km2 for place in theatre.places) == pytest.approx(0.2 * 0.12 * 111.195**2, rel=1e-3)


@pytest.mark.parametrize(
    ("lons", "frame"), [((-179.99, -179.9), (179.98, 180.13)), ((179.9, 179.99), (179.87, 180.02)), ((179.95, -179.95), (179.92, 180.08))]
)
def test_a_margin_may_cross_it_too_and_is_read_again(lons: tuple[float, float], frame: tuple[float, float], tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_text("name,lon,lat\n" + "".join(f"{name},{lon},-16\n" for name, lon in zip("AB", lons, strict=True)))
    (tmp_path / "claims.csv").write_text("place,what,side,day,source\nA,holds,Red,1944-05-02,press\nB,takes,Blue,1944-05-03,press\n")
    theatre, ledger = qsim.load(tmp_path)
    assert theatre.frame[::2] == pytest.approx(frame, abs=0.02)
    qsim.reconstruct(theatre, ledger, policy="vote").save(tmp_path / "made.qsim")
    assert qsim.Timeline.load(tmp_path / "made.qsim").theatre.places == theatre.places


def test_until_further_notice_lasts_to_the_end_of_the_scenario(valley: Path) -> None:
    with (valley / "claims.csv").open("a", encoding="utf-8") as file:
        file.write(
            "a,alder_hill,holds,north,,,,,,,,,2090-05-02,..,,reporter,,,,,\nb,lowmead,holds,south,,,,,,,,,2090-05-03/..,,,reporter,,,,,\n"
        )
    *_, a, b = qsim.load(valley)[1].claims
    assert [str(claim.window) for claim in (a, b)] == ["2090-05-02/..", "2090-05-03/.."]
    assert [str(claim.window.end) for claim in (a, b)] == ["2090-05-10", "2090-05-10"]
    assert str(a.known) == "2090-05-02"


def test_relative_dates_follow_the_claim_that_they_name_and_circles_are_told(valley: Path) -> None:
    row = "{},lowmead,holds,south,,,,,,,,,{},,,reporter,,,,,\n"
    with (valley / "claims.csv").open("a", encoding="utf-8") as file:
        file.write(row.format("b", "2 days after c") + row.format("c", "1 week before 0505-mossford-takes"))
    assert [str(claim.window) for claim in qsim.load(valley)[1].claims[-2:]] == ["2090-04-30", "2090-04-28"]
    with (valley / "claims.csv").open("a", encoding="utf-8") as file:
        file.write(row.format("d", "1 day after e") + row.format("e", "1 day after d") + row.format("f", "same day as g"))
    text = problems_text(qsim.check(valley))
    assert "row 12, start: '1 day after e' runs in a circle" in text
    assert "row 14, start: 'same day as g' leans on claim 'g', which is not there" in text


def test_a_days_claims_come_in_the_order_of_their_hours(valley: Path) -> None:
    row = "{},lowmead,takes,{},,,,,,,,,2090-05-07T{},,,reporter,,,,,\n"
    with (valley / "claims.csv").open("a", encoding="utf-8") as file:
        file.write(row.format("late", "north", "17:30") + row.format("early", "south", "05:30"))
    theatre, ledger = qsim.load(valley)
    timeline = qsim.reconstruct(theatre, ledger, policy="last_claim")
    assert timeline.at("2090-05-08").most_likely("lowmead") == "north"


def test_citations_of_every_kind_are_taken_and_shown_with_their_links(valley: Path) -> None:
    cites = "report:7#1;https://example.org/a;id=3 (accessed 2091-01-01);doi:10.1000/xyz;Keegan, Six Armies, p. 134;record:reporter/17"
    in_text("claims.csv", "stated,,report:7#1,,Two days later", f'stated,,"{cites}",,Two days later')(valley)
    theatre, ledger = qsim.load(valley)
    timeline = qsim.reconstruct(theatre, ledger, policy="last_claim")
    text = " ".join(why_text(qsim.why(timeline, "mossford", "2090-05-06")).split())
    for shown in (
        "report:7#1 “",
        "https://example.org/a;id=3",
        "doi:10.1000/xyz <https://doi.org/10.1000/xyz>",
        "Keegan, Six Armies, p. 134",
    ):
        assert shown in text
    in_text("claims.csv", "record:reporter/17", "record:reportr/17")(valley)
    assert "cites: unknown source 'reportr'; did you mean 'reporter'?" in problems_text(qsim.check(valley))


def test_a_kind_of_source_of_ones_own_needs_its_prior(valley: Path) -> None:
    in_text("sources.csv", ",press,", ",drum_signal,")(valley)
    assert "unknown kind 'drum_signal'" in problems_text(qsim.check(valley))
    assert "[model.reliability] drum_signal = [0.6, 10]" in problems_text(qsim.check(valley))
    in_text("scenario.toml", "[[documents]]", "[model.reliability]\ndrum_signal = [0.7, 5]\n[[documents]]")(valley)
    assert qsim.load(valley)[1].sources["evening_paper"].kind == "drum_signal"


def test_kinds_of_source_have_names_of_any_war() -> None:
    assert qsim.load("qusayr")[1].sources["state_media"].kind == "state_media"
    assert qsim.Source("a", "A", "armed_opposition").kind == "armed_group"


def test_the_parts_of_a_city_may_be_of_several_pieces(valley: Path) -> None:
    pieces = {"type": "MultiPolygon", "coordinates": [square(0.09, 0.075)["coordinates"], square(0.105, 0.06, 0.002)["coordinates"]]}
    features(place("q0", pieces, parent="mossford"), place("q1", square(0.1, 0.075), parent="Mossford"))(valley)
    for old, new in (("alder_hill,mossford,", "alder_hill,q0,"), (",mossford,lowmead,", ",q1,lowmead,")):
        in_text("links.csv", old, new)(valley)
    links(",,q0,q1,,,,,")(valley)
    theatre, _ = qsim.load(valley)
    assert theatre.parts == {"mossford": ("q0", "q1")}
    assert theatre.place("q0").polygon == shape(pieces)
    assert (theatre.links[-1].kind, theatre.links[-1].id) == ("adjacency", "q0-q1")


def test_a_gap_between_the_parts_of_a_city_is_told(valley: Path) -> None:
    ring = [[0.09, 0.07], [0.12, 0.07], [0.12, 0.1], [0.09, 0.1], [0.09, 0.07]]
    hole = [[0.1, 0.08], [0.11, 0.08], [0.11, 0.09], [0.1, 0.09], [0.1, 0.08]]
    around = {"type": "Polygon", "coordinates": [ring, hole]}
    features(place("q0", around, parent="mossford"), place("q1", square(0.1, 0.08, 0.005), parent="mossford"))(valley)
    assert "a gap between the outlines of 'mossford' at 0.10" in problems_text(explain(valley))
    assert "overlap" not in problems_text(qsim.check(valley))
