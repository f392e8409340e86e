"""What frozen facts are made of: mappings and arrays that nobody can change, compared, copied and pickled by value."""

from dataclasses import fields
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T", bound=np.generic)


def refuse(self: object, *_: object, **__: object) -> NoReturn:
    """Refuse to change a frozen fact: the method of whatever would."""
    raise TypeError("a frozen fact cannot be changed; make a new one, with dataclasses.replace or a dict of your own")


class FrozenDict(dict[K, V]):
    """A dict that cannot be changed; equal to a plain one with the same items, hashable where its values are."""

    __slots__ = ()

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)


def frozen(value: Any) -> Any:
    """Return the value with every dict in it frozen, and every list a tuple."""
    if isinstance(value, FrozenDict):
        return value
    if isinstance(value, dict | MappingProxyType):
        return FrozenDict({key: frozen(each) for key, each in value.items()})
    return tuple(frozen(each) for each in value) if isinstance(value, list) else value


def sealed(array: NDArray[T]) -> NDArray[T]:
    """Return an array that we made, now read-only, so that whoever keeps it need not copy it."""
    array.flags.writeable = False
    return array


def kept(array: NDArray[T]) -> NDArray[T]:
    """Return a read-only array of the same numbers: itself where it is sealed, else a copy, so that its maker may go on writing."""
    return sealed(array.copy()) if array.flags.writeable else array


def keep(item: object, *names: str) -> None:
    """Replace, while a frozen dataclass is being made, the attributes of these names: arrays by `kept`, mappings by `frozen`."""
    for name in names:
        value = getattr(item, name)
        object.__setattr__(item, name, kept(value) if isinstance(value, np.ndarray) else frozen(value))


def equal(a: Any, b: Any) -> bool:
    """Return whether two dataclasses are of one type and all their fields are alike: what `==` means for those that hold arrays."""
    if type(a) is not type(b):
        return False
    names = [field.name for field in fields(a) if field.compare]
    return a is b or all(_alike(getattr(a, name), getattr(b, name)) for name in names)


def by_fields(item: Any) -> tuple[Any, ...]:
    """Return how a dataclass is pickled and copied: made anew from its fields, without what it has cached, and sealed again."""
    return type(item), tuple(getattr(item, field.name) for field in fields(item))


def _alike(a: object, b: object) -> bool:
    """Return whether two values are equal; missing numbers and days are alike."""
    if a is b:
        return True
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fmM")
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return False
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_alike(a[key], b[key]) for key in a)
    if isinstance(a, tuple | list) and type(a) is type(b):
        return len(a) == len(b) and all(map(_alike, a, b))
    return bool(a == b)
