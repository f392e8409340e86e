"""Where the large arrays of a belief lie: in memory, or mapped from the files of a folder, which is written whole or not at all."""

import mmap
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.record.files import beside_folder

LARGE = 30_000_000  # numbers of a belief: from here on they are kept in single precision, half as large
NAMES = ("belief", "history", "filtered", "activity")


class StoreError(ValueError):
    """A folder in which no belief can be kept."""


class Store:
    """
    The arrays of a belief that is being made: `array` gives one to write to. In a folder each is a file, NumPy's `.npy`.

    They are written beside the folder, which takes their place at the end of the `with`; where that is not reached, nothing is left.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = None if folder is None else Path(folder)
        self._maps: list[np.memmap[Any, Any]] = []
        self._beside, self._open = Path(), ExitStack()

    def __enter__(self) -> "Store":
        if self.folder is not None:
            strange = sorted({each.stem for each in self.folder.iterdir()} - set(NAMES)) if self.folder.is_dir() else []
            if strange or (self.folder.exists() and not self.folder.is_dir()):
                what = f"holds {', '.join(strange[:3])}" if strange else "is a file"
                raise StoreError(f"no belief is kept in {self.folder}: it {what}; expected a new folder, or one of an earlier belief")
            try:
                self._beside = self._open.enter_context(beside_folder(self.folder, f"{NAMES[0]}.npy"))
            except OSError as problem:
                raise StoreError(f"no belief is kept in {self.folder}: {problem.strerror}") from None
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        for each in self._maps if kind is None else ():
            each.flush()
        self._open.__exit__(kind, problem, trace)

    def array(self, name: str, shape: Sequence[int], dtype: Any) -> NDArray[Any]:
        """Return a new array of the name, to be written to."""
        if self.folder is None:
            return np.empty(tuple(shape), dtype=dtype)
        made = np.lib.format.open_memmap(self._beside / f"{name}.npy", mode="w+", dtype=np.dtype(dtype), shape=tuple(shape))
        self._maps.append(made)
        return np.asarray(made)

    def holds(self, array: NDArray[Any]) -> bool:
        """Return whether an array lies in the folder."""
        return any(np.may_share_memory(array, each) for each in self._maps)

    def precision(self, shape: Sequence[int]) -> Any:
        """Return the type of the numbers of a belief of this shape: single precision in a folder, and from `LARGE` numbers on."""
        return np.float32 if self.folder is not None or int(np.prod(shape)) >= LARGE else np.float64

    def let_go(self) -> None:
        """Let the pages of the files leave the memory of this process; they are read back when asked for."""
        for each in self._maps:
            if hasattr(mmap, "MADV_DONTNEED"):
                each._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]
