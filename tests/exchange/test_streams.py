"""Where an export is written: beside its place and renamed into it; into pipes, devices and what a shell opened, never over them."""

import io
import os
import stat
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

import qsim
from qsim.belief.timeline import Timeline
from qsim.exchange.export import _FOLDERS, _STREAMED, FORMATS, export
from qsim.exchange.extras import ExportError
from qsim.record.files import is_stream
from qsim.record.progress import tracked

FILES = [name for name in FORMATS if name not in _FOLDERS]
pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
for extra in ("pyarrow", "geopandas", "h5netcdf", "openpyxl"):
    pytest.importorskip(extra)


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    return qsim.reconstruct(*qsim.load("example"), start="2091-03-01", end="2091-03-05", policy="last_claim")


def through_a_pipe(timeline: Timeline, pipe: Path, format: str) -> bytes:
    """Return what a reader gets who waits at a named pipe."""
    read: list[bytes] = []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert export(timeline, pipe, format=format) == pipe
    reader.join()
    return read[0]


@pytest.mark.parametrize("name", FILES)
def test_a_pipe_gets_what_a_file_holds(timeline: Timeline, tmp_path: Path, name: str) -> None:
    file = export(timeline, tmp_path / f"x{FORMATS[name][0]}")
    assert file is not None
    piped = through_a_pipe(timeline, tmp_path / "pipe", name)
    assert (tmp_path / "pipe").is_fifo()
    if name in ("xlsx", "geoparquet", "netcdf"):  # the libraries note when they wrote it
        assert len(piped) == pytest.approx(file.stat().st_size, rel=0.1)
    else:
        assert piped == file.read_bytes()
    if name == "xlsx":
        assert zipfile.ZipFile(io.BytesIO(piped)).testzip() is None


@pytest.mark.parametrize("name", FILES)
def test_a_device_stays_one_and_a_link_is_followed(timeline: Timeline, tmp_path: Path, name: str) -> None:
    device, link, target = tmp_path / "nowhere", tmp_path / "link", tmp_path / "deposit"
    device.symlink_to(os.devnull)
    export(timeline, device, format=name)
    export(timeline, os.devnull, format=name)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    assert device.is_symlink()
    target.write_text("an earlier one")
    link.symlink_to(target)
    export(timeline, link, format=name)
    assert link.is_symlink()
    assert target.stat().st_size > len("an earlier one")
    assert not list(tmp_path.glob(".qsim-*"))


@pytest.mark.parametrize("name", _FOLDERS)
def test_a_folder_goes_into_no_device(timeline: Timeline, name: str) -> None:
    with pytest.raises(OSError, match="expected a folder"):
        export(timeline, os.devnull, format=name)
    with pytest.raises(ExportError, match="is a folder"):
        export(timeline, "-", format=name)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


SCRIPT = """
import sys
import qsim
from qsim.exchange.export import export
timeline = qsim.reconstruct(*qsim.load("example"), start="2091-03-01", end="2091-03-05", policy="last_claim")
export(timeline, sys.argv[1], format=sys.argv[2])
"""


@pytest.mark.parametrize(("where", "name"), [("-", "csv"), ("-", "xlsx"), ("/dev/stdout", "parquet"), ("/dev/stdout", "timeline")])
def test_the_standard_output_gets_it_through_a_pipe_and_a_file(timeline: Timeline, tmp_path: Path, where: str, name: str) -> None:
    if where != "-" and not Path(where).exists():
        pytest.skip(f"no {where} on this system")
    file = export(timeline, tmp_path / f"x{FORMATS[name][0]}")
    assert file is not None
    piped = subprocess.run([sys.executable, "-c", SCRIPT, where, name], capture_output=True, check=True).stdout
    into = tmp_path / "sent_on"
    with into.open("wb") as opened:
        inode = into.stat().st_ino
        subprocess.run([sys.executable, "-c", SCRIPT, where, name], stdout=opened, check=True)
    assert into.stat().st_ino == inode  # written into, not replaced
    for sent in (piped, into.read_bytes()):
        assert len(sent) == pytest.approx(file.stat().st_size, rel=0.1)
        assert name == "xlsx" or sent == file.read_bytes()


def test_text_goes_to_the_output_as_it_is(timeline: Timeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = export(timeline, tmp_path / "x.geojson")
    assert file is not None
    assert export(timeline, "-", format="geojson") is None
    assert capsys.readouterr().out == file.read_text(encoding="utf-8")


def test_what_is_a_stream(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert [is_stream(path) for path in (tmp_path / "file", tmp_path / "none", tmp_path, Path(os.devnull))] == [False, False, False, True]


def test_a_bar_follows_what_is_written_and_changes_nothing(timeline: Timeline, tmp_path: Path) -> None:
    assert list(tracked(iter("abc"), "letters", shown=True, total=3)) == list("abc")
    assert list(tracked("abc", "letters", shown=False)) == list("abc")
    for name in [*_STREAMED, "netcdf", "timeline"]:
        quiet, shown = (export(timeline, tmp_path / f"{n}{FORMATS[name][0]}", progress=bool(n)) for n in (0, 1))
        assert quiet is not None
        assert shown is not None
        assert quiet.read_bytes() == shown.read_bytes()
