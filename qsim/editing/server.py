"""
The page that edits a scenario folder, served to this machine alone.

It listens on 127.0.0.1, answers only who knows the address with its random token, and only a page of its own: a request with another Host
(a name that was made to point here) or another Origin (a page from elsewhere that this browser shows as well) is refused. Its content
security policy lets it load and ask nothing but itself.
"""

import json
import secrets
import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from qsim.belief.reconstruct import reconstruct
from qsim.belief.timeline import Timeline
from qsim.editing import edits, view
from qsim.record.problems import Problem
from qsim.record.scenario import ScenarioError, load, locate, read

_ROOMS = Path(__file__).parents[1]
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
# What is served of the package; the page's folder is named like the room, so that its scripts find each other as they do there.
_FILES = {
    "editing/": "editing/edit.html",
    **{f"editing/{name}": f"editing/{name}" for name in ("edit.js", "asking.js", "claim.js", "document.js", "map.js", "edit.css")},
    "page/dom.js": "page/dom.js",
}
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_MOST_BYTES = 1_000_000  # of one request; a claim has a few hundred

Answer = tuple[int, str, bytes]  # status, type, body


class Editor(ThreadingHTTPServer):
    """A server of one scenario folder; `address` is what to open. Close it when done."""

    daemon_threads = True

    def __init__(self, folder: str | Path, *, policy: str = "hmm", port: int = 0, texts: Mapping[str, Path] | None = None) -> None:
        """
        Listen on a free port of 127.0.0.1, or the one given; raise `ScenarioError` when it is no scenario folder.

        `texts` are files, by the id of a document, of which the reader has the text and the folder has not: they are shown, and read alone.
        """
        self.folder, self.policy = locate(folder), policy
        if not self.folder.is_dir():
            raise ScenarioError([Problem("", 0, "", "a workbook; edit it in its own program")], folder=str(folder))
        self.texts = dict(texts or {})
        wrong = [each for each in read(self.folder, self.texts).problems if each.column == "documents"] if self.texts else []
        if wrong:
            raise ScenarioError(wrong, folder=str(folder))
        self.token = secrets.token_urlsafe(24)
        self._lock, self._asking = Lock(), Lock()
        self._undo: tuple[bytes, str] | None = None  # claims.csv before the last edit, and its digest after
        self._known: tuple[dict[str, str], Timeline] | None = None
        super().__init__(("127.0.0.1", port), _Handler)
        self.host = f"127.0.0.1:{self.server_address[1]}"

    @property
    def address(self) -> str:
        """The address of the page, with its token: who knows it may edit."""
        return f"http://{self.host}/{self.token}/editing/"

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> str:
        """Return why a request is not answered at all, or nothing."""
        origin = headers.get("Origin")
        if headers.get("Host") != self.host:
            return "this is not the host that it was asked for"
        if (origin is None and method != "GET") or origin not in (None, f"http://{self.host}"):
            return "asked by a page from elsewhere"
        token = urlsplit(path).path.split("/")[1:2]
        return "" if token and secrets.compare_digest(token[0].encode(), self.token.encode()) else "the address has not the right token"

    def answer(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Return the answer to a request that is not refused; one edit at a time."""
        asked = urlsplit(path)
        name = asked.path[1:].partition("/")[2]
        if method == "GET" and name in _FILES:
            file = _ROOMS / _FILES[name]
            return 200, _TYPES[file.suffix], file.read_bytes()
        try:
            # What is believed takes seconds to work out: nobody who saves waits for it.
            with self._asking if name == "editing/held" else self._lock:
                found = self._read(name, parse_qs(asked.query)) if method == "GET" else self._write(name, json.loads(body))
            return (200, *_json(found)) if found is not None else (404, *_json({"wrong": "there is nothing of that name"}))
        except edits.ChangedError as problem:
            return 409, *_json({"wrong": str(problem)})
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError):
            return 400, *_json({"wrong": "not a request that the page makes"})
        except ValueError as problem:
            return 422, *_json({"wrong": str(problem)})
        except OSError as problem:
            return 500, *_json({"wrong": f"{problem.strerror}: {problem.filename}"})

    def _read(self, name: str, query: Mapping[str, list[str]]) -> Any:
        """Return what the page asks for, or None where it is none of these."""
        if name == "editing/state":
            undo = self._undo is not None and self._undo[1] == edits.digest(self.folder / "claims.csv")
            return {**view.state(self.folder, self.texts), "undo": undo}
        if name == "editing/seen":
            return view.seen(self.folder)
        if name == "editing/documents":
            return view.documents(self.folder, self.texts)
        return view.held(self._timeline(), query["day"][0]) if name == "editing/held" else None

    def _write(self, name: str, asked: Mapping[str, Any]) -> Any:
        """Do what the page asks for and return what is told of it; None where it is none of these."""
        if name == "editing/sectors":
            parts = [(str(each["name"]).strip(), [(float(lon), float(lat)) for lon, lat in each["outline"]]) for each in asked["parts"]]
            return {"told": edits.add_sectors(self.folder, str(asked["city"]), parts, asked["seen"])}
        if name in ("editing/claim", "editing/delete", "editing/undo"):
            return self._claim(name, asked)
        row = _row(asked)
        if name == "editing/try":
            return {"told": edits.try_claim(self.folder, row, _at(asked), self.texts)}
        if name == "editing/source":
            return {"told": edits.add_source(self.folder, row, asked["seen"]["sources"])}
        return {"told": edits.add_place(self.folder, row, asked["seen"]["places"])} if name == "editing/place" else None

    def _claim(self, name: str, asked: Mapping[str, Any]) -> Any:
        """Add, change or take out a claim, or take the last of these back."""
        path, seen, at = self.folder / "claims.csv", asked["seen"]["claims"], _at(asked)
        if name == "editing/undo":
            if self._undo is None or self._undo[1] != seen:
                raise edits.ChangedError("there is nothing to take back: claims.csv is not as the last edit left it")
            edits.put_back(self.folder, *self._undo)
            self._undo = None
            return {"told": ""}
        before = path.read_bytes() if path.is_file() else b""
        if name == "editing/delete":
            told, day = edits.delete_claim(self.folder, int(asked["at"]), seen, self.texts), ""
        else:
            row = _row(asked)
            day = view.day_of(row)
            if at is None:
                told = edits.add_claim(self.folder, row, seen, self.texts)
            else:
                told = edits.change_claim(self.folder, at, row, seen, self.texts)
        self._undo = before, edits.digest(path)
        return {"told": told, "day": day}

    def _timeline(self) -> Timeline:
        """Return who held what by the files as they stand, worked out once."""
        digests = {path.name: edits.digest(path) for path in self.folder.iterdir() if path.suffix in (".csv", ".geojson", ".toml")}
        if self._known is None or self._known[0] != digests:
            theatre, ledger = load(self.folder)
            self._known = digests, reconstruct(theatre, ledger, policy=self.policy)
        return self._known[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that has left; any other error is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One request: looked at for who asks before anything else is."""

    server: Editor
    timeout = 30  # seconds; a browser opens connections that it does not use

    def do_GET(self) -> None:
        """Answer what asks for something."""
        self._tell(self.server.refusal("GET", self.path, self._headers()), b"")

    def do_POST(self) -> None:
        """Answer what would change something."""
        refused = self.server.refusal("POST", self.path, self._headers())
        length = self.headers.get("Content-Length", "")
        if not refused and not (length.isdecimal() and int(length) <= _MOST_BYTES):
            self._send(413, *_json({"wrong": "the request is larger than 1 MB, or does not say how large it is"}))
        else:
            self._tell(refused, self.rfile.read(int(length)) if not refused else b"")

    def _headers(self) -> dict[str, str]:
        return {name: ", ".join(self.headers.get_all(name, ())) for name in ("Host", "Origin") if name in self.headers}

    def _tell(self, refused: str, body: bytes) -> None:
        if refused:
            self._send(403, *_json({"wrong": f"refused: {refused}"}))
        else:
            self._send(*self.server.answer(self.command, self.path, body))

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write no log: it would show the token."""


def _row(asked: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(text) for key, text in asked["row"].items()}


def _at(asked: Mapping[str, Any]) -> int | None:
    return None if asked.get("at") is None else int(asked["at"])


def _json(found: Any) -> tuple[str, bytes]:
    return "application/json", json.dumps(found, ensure_ascii=True).encode()
