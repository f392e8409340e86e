"""What `render` returns: where the picture lies, which a notebook shows."""

from base64 import b64encode
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    _Path = Path
else:
    _Path = type(Path())

_IMAGES = {".png": "image/png", ".gif": "image/gif"}
_VIDEOS = {".mp4": "video/mp4", ".webm": "video/webm"}


class Drawn(_Path):
    """
    The path of a picture, an animation or a page; as the last line of a notebook's cell it shows what was drawn.

    What was drawn into an open file has the file's name, which need not be a path, and the bytes in memory.
    """

    _bytes: bytes | None = None
    _format: str = ""

    @classmethod
    def into_file(cls, name: str, format: str, content: bytes) -> "Drawn":
        """Return what was drawn into an open file of this name."""
        made = cls(name)
        made._bytes, made._format = content, format
        return made

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        suffix = self._format or self.suffix.lower()
        if self._bytes is None and not self.is_file():
            return {"text/plain": repr(self)}
        if suffix == ".svg":
            return {"image/svg+xml": self._content().decode("utf-8")}
        if suffix == ".html":
            inside = escape(self._content().decode("utf-8"), quote=True)
            frame = f'<iframe srcdoc="{inside}" sandbox="allow-scripts" width="100%" height="900" style="border:0"></iframe>'
            return {"text/html": frame}
        if suffix in _IMAGES:
            return {_IMAGES[suffix]: b64encode(self._content()).decode("ascii")}
        if suffix in _VIDEOS:
            source = f"data:{_VIDEOS[suffix]};base64,{b64encode(self._content()).decode('ascii')}"
            return {"text/html": f'<video controls src="{source}" style="max-width:100%"></video>'}
        return {"text/plain": repr(self)}

    def _content(self) -> bytes:
        return self.read_bytes() if self._bytes is None else self._bytes
