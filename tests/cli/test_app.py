import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import qsim
from qsim.cli.app import VERBS, app, command, summary
from qsim.draw.palette import ACROSS, ESTIMATE, areas_told
from qsim.record.geometry import frame_box


def run(*words: str, input: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, words, input=input)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_list_names_scenarios_and_scripts() -> None:
    code, told = run("list")
    assert code == 0
    for name in ("qusayr", "pincer_2013", "grid_2013"):
        assert name in told
    assert max(map(len, told.splitlines())) <= 80


def test_check_of_a_sound_folder_counts_what_is_there() -> None:
    code, told = run("check", "qusayr")
    assert (code, "qusayr is sound: Theatre('qusayr'" in told) == (0, True)


def test_a_frame_across_a_border_that_is_not_given_is_told_and_never_cut_by_a_coarse_one(tmp_path: Path) -> None:
    rows = "id,place,what,who,day,source\n,Left,holds,Red,1991-11-01,A\n,Right,holds,Blue,1991-11-01,A\n"
    (tmp_path / "claims.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "places.csv").write_text("name,lon,lat\nLeft,18.9,45.35\nRight,19.2,45.35\n", encoding="utf-8")
    code, told = run("check", str(tmp_path), "--explain")
    told = " ".join(told.split())
    assert code == 0
    assert "no border, river, lake or shore is given, so areas and suggested links run across all of them" in told
    assert "The frame lies in Croatia and Serbia, and no border is given: areas run across it." in told
    theatre, _ = qsim.load(tmp_path)
    assert sum(place.polygon.area for place in theatre.places if place.polygon) == pytest.approx(frame_box(theatre.frame).area)
    assert areas_told(theatre) == (ESTIMATE, ACROSS)
    line = '{"type": "LineString", "coordinates": [[19.05, 44], [19.05, 47]]}'
    feature = f'{{"type": "Feature", "properties": {{"id": "line", "kind": "border"}}, "geometry": {line}}}'
    (tmp_path / "backdrop.geojson").write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}', encoding="utf-8")
    assert "areas run across" not in " ".join(run("check", str(tmp_path), "--explain")[1].split())
    assert areas_told(qsim.load(tmp_path)[0]) == (ESTIMATE,)


def test_why_prints_the_cited_line() -> None:
    code, told = run("why", "qusayr", "dabaa_airbase", "2013-05-29")
    assert code == 0
    words = " ".join(told.split())
    for wanted in (
        "rests on",
        "Syrian state media",
        "Syrian Observatory",
        "reported 2013-05-30",
        "004:105#1",
        "after five hours of fighting",
    ):
        assert wanted in words


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("why", "qusayr", "dabaa_airbse", "2013-05-29"), "TheatreError: unknown place 'dabaa_airbse'; did you mean 'dabaa_airbase'?"),
        (("why", "qusayr", "abil", "May"), "DateError: 'May' is not a day"),
        (("why", "quseir", "abil", "2013-05-29"), "did you mean 'qusayr'?"),
        (("why", "qusayr", "abil", "2013-05-29", "--policy", "guess"), "unknown policy 'guess'"),
        (("check", "/nowhere"), "no scenario '/nowhere'"),
        (("run", "pincer"), "no script 'pincer'; did you mean 'pincer_2013'?; expected one of"),
        (("replay", "qusayr", "--from", "1999-01-01"), "lies far outside the scenario"),
        (("render", "qusayr", "out.gif", "--day", "2013-05-02"), "--day is for .png .svg .pdf; out.gif shows all days"),
        (("render", "qusayr", "frames", "--day", "2013-05-02"), "--day is for .png .svg .pdf; frames shows all days"),
        (
            ("show", "qusayr", "placs"),
            "nothing is called 'placs'; did you mean 'places'?; expected one of places, sides, sources, links, groups",
        ),
        (("metrics", "qusayr", "--policy", "last_claim", "--runs", "50"), "--runs and --seed have no effect: the policy 'last_claim'"),
        (("whatif", "qusayr", "cut road_m5_1"), "'cut road_m5_1' cannot be supposed of what was; expected hold PLACE SIDE DAY"),
        (("why", "qusayr", "zzz", "2013-05-29"), "`qsim show SCENARIO places` lists all places"),
    ],
)
def test_what_cannot_be_done_is_one_message_and_exit_1(words: tuple[str, ...], what: str) -> None:
    code, told = run(*words)
    assert code == 1
    assert what in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    "verb", [("render", "qusayr", "out.gif"), ("casualties", "qusayr"), ("conflicts", "qusayr"), ("metrics", "qusayr")]
)
def test_a_last_day_before_the_first_is_told_in_the_words_that_were_typed(verb: tuple[str, ...]) -> None:
    code, told = run(*verb, "--from", "2013-06-01", "--to", "2013-05-01")
    assert (code, told) == (1, "DateError: --to 2013-05-01 lies before --from 2013-06-01\n")


def test_replay_reads_a_pipe() -> None:
    code, told = run("replay", "qusayr", "--from", "2013-05-28", input="next\nwhy abil\nquit\n")
    assert code == 0
    assert "29 May 2013" in told
    assert "Abil on 29 May 2013: held by Government" in told


def test_a_replay_keeps_to_its_days() -> None:
    code, told = run("replay", "qusayr", "--from", "2013-05-28", "--to", "2013-05-29", input="back\nnext\nnext\nquit\n")
    assert code == 0
    assert "2 days; h for help" in told
    assert told.count("lies outside this timeline, which runs from 2013-05-28 to 2013-05-29") == 2


def test_a_policy_with_one_history_tells_of_a_ring_as_well() -> None:
    words = ("--policy", "last_claim", "--told-by", "opposition", "--from", "2013-05-20", "--to", "2013-05-31", "--by", "change")
    code, told = run("metrics", "qusayr", *words)
    assert code == 0
    assert "Al-Qusayr, Opposition: the one history that this policy has" in told


def test_render_draws_one_day_by_suffix(tmp_path: Path) -> None:
    code, told = run("render", "qusayr", str(tmp_path / "day.svg"), "--day", "2013-05-29")
    assert (code, told) == (0, f"wrote {tmp_path / 'day.svg'}: 2013-05-29\n")
    assert "2013-05-29" in (tmp_path / "day.svg").read_text(encoding="utf-8")
    assert run("render", "qusayr", str(tmp_path / "last.svg"), "--to", "2012-02-20")[1] == f"wrote {tmp_path / 'last.svg'}: 2012-02-20\n"


def test_importing_and_asking_for_help_load_nothing_heavy() -> None:
    heavy = {"matplotlib", "shapely", "networkx", "scipy", "numba", "numpy", "PIL"}
    for code in ("import qsim", "import qsim.cli.app"):
        script = f"{code}; import sys; print(*sorted({heavy!r} & set(sys.modules)))"
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
        assert told.stdout.strip() == "", code


def test_every_verb_explains_itself_and_its_summary_is_not_cut() -> None:
    code, told = run("-h")
    assert (code, told) == run("--help")
    for name in VERBS:
        function = command(name).callback
        assert (function.__doc__ or "").strip().partition("\n")[0] == summary(name) != ""
        assert f"{name} {summary(name)}" in " ".join(told.split())
        code, help = run(name, "-h")
        assert code == 0
        assert len(help.splitlines()) > 5


def test_a_verb_that_is_none_is_told_with_the_nearest() -> None:
    assert run("metrcs")[0] == 2
    assert "no verb 'metrcs'; did you mean 'metrics'?" in run("metrcs")[1]


def test_the_version_is_told() -> None:
    assert run("--version") == (0, f"qsim {qsim.__version__}\n")


@pytest.mark.parametrize(
    ("what", "row"),
    [
        ("places", "dabaa_airbase Al-Dab'a Air Base airbase"),
        ("sides", "opposition Opposition"),
        ("sources", "sohr Syrian Observatory for Human Rights"),
        ("links", "road_m5_1 M5: Homs - Shinshar homs shinshar road 13.7 documented"),
        ("groups", "qusayr_north Northern al-Qusayr places 4"),
    ],
)
def test_what_a_scenario_consists_of_is_listed(what: str, row: str) -> None:
    code, told = run("show", "qusayr", what)
    assert code == 0
    assert any(" ".join(line.split()).startswith(row) for line in told.splitlines())


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("metrics", "qusayr"), "First day on which the ring was more likely closed than not: map and words together"),
        (("enclosure", "qusayr"), "20130530-qusayr-encircles-rebels"),
        (
            ("whatif", "qusayr", "hold dabaa_airbase opposition 2013-05-29/..", "hold arjoun opposition 2013-05-30"),
            "If Al-Dab'a Air Base had been held by Opposition from 2013-05-29 and Arjoun had been held by Opposition from 2013-05-30 to 2013-05-30:",
        ),
    ],
)
def test_the_ring_is_told_by_day_by_claim_and_by_what_if(words: tuple[str, ...], what: str) -> None:
    code, told = run(*words, "--from", "2013-05-28", "--to", "2013-05-31", "--runs", "100")
    assert code == 0
    assert what in told


def test_sensitivity_tells_what_would_be_believed_otherwise() -> None:
    code, told = run("sensitivity", "example", "--only", "right_takes", "--only", "not_before")
    assert code == 0
    assert "of 4 changes" in told
    assert "Where the policies differ, the most contested first:" in told
    assert run("sensitivity", "example", "--only", "wright_takes")[1].startswith(
        "ModelError: unknown parameter 'wright_takes'; did you mean"
    )
