"""The map that does not change: places, links, groups, sides, and the backdrop they are drawn on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from qsim.record.dates import DateError, Day, Window, day
from qsim.record.documents import Document
from qsim.record.names import folded, nearest
from qsim.record.picture import Picture
from qsim.record.places import Base, Feature, Group, Link, Place, Side
from qsim.record.values import FrozenDict, by_fields, equal, keep, sealed

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["CONTESTED", "Base", "Feature", "Group", "Link", "Place", "Side", "Theatre", "TheatreError", "nearest"]
CONTESTED = "contested"
COORDINATES = 3  # letters and digits of a square of a grid, at most


class TheatreError(ValueError):
    """A place, group, link or side that is not of the theatre, or a name that fits several."""


@dataclass(frozen=True, eq=False, repr=False)
class Theatre:
    """
    Places, links, groups, sides and backdrop of one contested area; immutable, and shared by everything computed from it.

    `frame` is (west, south, east, north) in degrees. The order of `places` is the order of every array's places axis. `start` and `end`
    are the first and the last day that the scenario means to cover; none where it does not say. `picture` is of the ground. `licence` and `attribution` are those of
    the record as a whole; `city` is the id of the place in question, where the scenario names one.
    """

    name: str
    title: str
    places: tuple[Place, ...]
    links: tuple[Link, ...]
    sides: tuple[Side, ...]
    groups: tuple[Group, ...] = ()
    frame: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    backdrop: tuple[Feature, ...] = ()
    documents: Mapping[str, Document] = FrozenDict()
    summary: str = ""
    model: Mapping[str, Any] = FrozenDict()
    start: date | None = None
    end: date | None = None
    licence: str = ""
    attribution: str = ""
    picture: Picture | None = None
    city: str = ""

    __eq__ = equal
    __reduce__ = by_fields

    def __post_init__(self) -> None:
        keep(self, "documents", "model")

    def __hash__(self) -> int:
        return hash((self.name, len(self.places), len(self.links)))

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Place]:
        return iter(self.places)

    @overload
    def __getitem__(self, name: str | int) -> Place: ...

    @overload
    def __getitem__(self, name: slice) -> tuple[Place, ...]: ...

    def __getitem__(self, name: str | int | slice) -> Place | tuple[Place, ...]:
        """Return a place by its id, name or spelling, or places by position; raise `TheatreError` when no place bears the name."""
        return self.places[name] if isinstance(name, int | slice) else self.place(name)

    def __contains__(self, name: object) -> bool:
        """Return whether there is a place with this id, name or spelling, or this very place."""
        if isinstance(name, str):
            return name in self.index or any(id in self.index for id in self._names.get(folded(name), ()))
        return name in self.places

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.index)

    def __repr__(self) -> str:
        return f"Theatre({self.name!r}: {len(self.places)} places, {len(self.links)} links, {len(self.groups)} groups, {len(self.sides)} sides)"

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The position of each place id on every array's places axis."""
        return FrozenDict({place.id: i for i, place in enumerate(self.places)})

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """The ids of the sides, then `contested`: the last axis of every belief."""
        return (*(side.id for side in self.sides), CONTESTED)

    @cached_property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """For every place that has parts (a city of squares), their ids in order."""
        found: dict[str, list[str]] = {}
        for place in self.places:
            if place.parent is not None and place.within is None:
                found.setdefault(place.parent, []).append(place.id)
        return FrozenDict({parent: tuple(ids) for parent, ids in found.items()})

    @property
    def in_question(self) -> str | None:
        """The id of the place that charts and rings are about where none is named: `city`, else the first with parts; none where there is neither."""
        return self.city if self.city in self.index else next(iter(self.parts), None)

    def parts_named(self, city: str) -> str:
        """Return what the parts of a city are called together: `squares`, `quarters`, by their kind."""
        return f"{self.place(self.parts[city][0]).kind}s"

    def part_name(self, part: str) -> str:
        """Return what a part is called within its city: the coordinates of a grid (`a1`), else its name, without the city's."""
        place = self.place(part)
        city = self.place(place.parent) if place.parent else place
        rest = place.id.removeprefix(f"{city.id}_")
        return rest if len(rest) <= COORDINATES else place.name.removesuffix(f" of {city.name}")

    @cached_property
    def area_km2(self) -> NDArray[np.float64]:
        """Area of each place's cell in km², shape (places,); a city's is that of its parts, gateways and buildings have none."""
        area = np.array([place.area_km2 for place in self.places], dtype=float)
        for parent, parts in self.parts.items():
            area[self.index[parent]] = sum(area[self.index[part]] for part in parts)
        return sealed(area)

    @cached_property
    def with_own_status(self) -> NDArray[np.bool_]:
        """Which places, shape (places,), have a status of their own: a city has that of its parts, a building its square's, gateways none."""
        return sealed(np.array([place.id not in self.parts and place.within is None and not place.gateway for place in self.places]))

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """Where each place lies, shape (places, 2), in degrees of latitude east and north: near enough to compare distances."""
        squeeze = np.cos(np.radians((self.frame[1] + self.frame[3]) / 2))
        return sealed(np.array([(place.lon * squeeze, place.lat) for place in self.places]))

    @cached_property
    def apart(self) -> frozenset[str]:
        """The ids of the places that stand for themselves alone: no city of parts, nor a part or a building of one."""
        return frozenset(p.id for p in self.places if p.parent is None and p.within is None and p.id not in self.parts)

    def buildings(self, members: Iterable[int]) -> tuple[int, ...]:
        """Return the positions of the buildings that stand within any of these places (positions)."""
        within = {self.places[i].id for i in members}
        return tuple(i for i, place in enumerate(self.places) if place.within in within)

    @cached_property
    def _groups(self) -> Mapping[str, Group]:
        return FrozenDict({group.id: group for group in self.groups})

    @cached_property
    def _links(self) -> Mapping[str, Link]:
        return FrozenDict({link.id: link for link in self.links})

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        """Every name as it is compared, and the ids of the places and groups that bear it."""
        found: dict[str, dict[str, None]] = {}
        named: list[Place | Group] = [*self.places, *self.groups]
        for item in named:
            for name in item.names:
                found.setdefault(folded(name), {})[item.id] = None
        return FrozenDict({name: tuple(ids) for name, ids in found.items()})

    def day(self, moment: Day) -> date:
        """
        Return the calendar day that is meant.

        Raises
        ------
        DateError
            When it is no day, or lies outside the scenario by more than the scenario's length: most likely a slip of the pen.
        """
        asked = day(moment)
        if self.start and self.end and not -1 <= (asked - self.start).days / Window(self.start, self.end).length < 2:
            raise DateError(f"{asked} lies far outside the scenario, which runs from {self.start} to {self.end}; is the year right?")
        return asked

    def window(self, start: Day | None = None, end: Day | None = None) -> Window:
        """
        Return the days asked for, both included; by default the scenario's own first and last.

        Raises
        ------
        DateError
            When one is no day or lies far outside the scenario, when `end` lies before `start`, or neither is told.
        """
        first, last = (self.day(asked) if asked is not None else own for asked, own in ((start, self.start), (end, self.end)))
        if first is None or last is None:
            raise DateError(f"the scenario {self.name!r} does not say which days it covers; expected start and end")
        return Window(first, last)

    def place(self, name: str) -> Place:
        """
        Return the place with this id, name or spelling, whatever its case.

        Raises
        ------
        TheatreError
            When no place bears the name (the message tells the nearest), or several do.
        """
        if _named(name) in self.index:
            return self.places[self.index[name]]
        ids = [i for i in self._names.get(folded(name), ()) if i in self.index]
        if len(ids) == 1:
            return self.places[self.index[ids[0]]]
        if ids:
            raise TheatreError(f"the name {name!r} fits several places: {', '.join(ids)}; give one of these ids")
        raise TheatreError(f"unknown place {name!r}{nearest(name, [each for place in self.places for each in place.names])}")

    def _spellings(self) -> list[str]:
        """Return every name of a place or a group of places, as it is written."""
        groups = [name for group in self.groups if group.of == "places" for name in group.names]
        return [*(name for place in self.places for name in place.names), *groups]

    def id_of(self, name: str) -> str:
        """
        Return the id of the place, or else of the group of places, with this id, name or spelling, whatever its case.

        Raises
        ------
        TheatreError
            When none bears the name (the message tells the nearest), or several do.
        """
        if _named(name) in self.index:
            return name
        groups = [group.id for group in self.groups if group.of == "places"]
        alike = [id for id in self._names.get(folded(name), ()) if id in groups]
        if name in groups or (name not in self and alike):
            alike = [name] if name in groups else alike
            if len(alike) > 1:
                raise TheatreError(f"the name {name!r} fits several groups: {', '.join(alike)}; give one of these ids")
            return alike[0]
        if name in self:
            return self.place(name).id
        raise TheatreError(f"unknown place {name!r}{nearest(name, self._spellings())}")

    def names_of(self, id: str) -> tuple[str, ...]:
        """Return every name and spelling of a place or group, its id first."""
        return self.places[self.index[id]].names if id in self.index else self.group(id).names

    def weights(self, members: Sequence[int]) -> NDArray[np.float64]:
        """Return what part of the whole each of these places (positions) is, by the area of its cell; all alike where none has one."""
        area = self.area_km2[list(members)]
        return np.asarray(area / area.sum()) if area.sum() > 0 else np.full(len(members), 1 / len(members))

    def group(self, name: str) -> Group:
        """Return the group with this id; raise `TheatreError` when there is none."""
        if name not in self._groups:
            raise TheatreError(f"unknown group {name!r}{nearest(name, self._groups)}")
        return self._groups[name]

    def link(self, name: str) -> Link:
        """Return the link with this id; raise `TheatreError` when there is none."""
        if name not in self._links:
            raise TheatreError(f"unknown link {name!r}{nearest(name, self._links)}")
        return self._links[name]

    def side(self, name: str) -> Side:
        """Return the side with this id; raise `TheatreError` when there is none."""
        for side in self.sides:
            if side.id == name:
                return side
        raise TheatreError(f"unknown side {name!r}; expected one of {', '.join(s.id for s in self.sides)}")

    def side_id(self, name: str) -> str:
        """Return the id of the side with this id or name, whatever its case; raise `TheatreError` where none bears it, or several do."""
        ids = [side.id for side in self.sides if side.id == name] or [side.id for side in self.sides if folded(side.name) == folded(name)]
        return ids[0] if len(ids) == 1 else self.side(name).id

    def members(self, name: str) -> tuple[int, ...]:
        """
        Return the positions of the places that a claim about `name` speaks of.

        A city stands for its parts, a group for its members; any other place for itself; a link or a group of links for none.
        """
        return self._members.get(name, ())

    @cached_property
    def _members(self) -> Mapping[str, tuple[int, ...]]:
        """The positions that every place and every group of places stands for: asked for each claim."""
        named = [*self.index, *(group.id for group in self.groups if group.of == "places")]
        return FrozenDict({name: self._standing_for(name) for name in named})

    def _standing_for(self, name: str) -> tuple[int, ...]:
        if name in self.index:
            return tuple(self.index[part] for part in self.parts.get(name, (name,)))
        if name in self._groups and self._groups[name].of == "places":
            return tuple(dict.fromkeys(i for member in self._groups[name].members for i in self._standing_for(member)))
        return ()

    def link_members(self, name: str) -> tuple[str, ...]:
        """Return the ids of the links that a claim about `name` speaks of: the link itself, or the links of a group."""
        if name in self._links:
            return (name,)
        if name in self._groups and self._groups[name].of == "links":
            return self._groups[name].members
        return ()

    def named(self, name: str) -> str:
        """Return the readable name of a place, group or link id."""
        for known in (self._links, self._groups):
            if name in known:
                return known[name].name
        return self.place(name).name

    def to_geodataframe(self, *, points: bool = False) -> Any:
        """Return the places as a GeoDataFrame in WGS 84: see `qsim.exchange.tables.theatre_to_geodataframe`."""
        from qsim.exchange.tables import theatre_to_geodataframe

        return theatre_to_geodataframe(self, points=points)

    def graph(self) -> "nx.Graph[str]":
        """
        Return the theatre as a networkx graph: a node a place, an edge a link, with all their attributes.

        Nodes carry `pos` (lon, lat) beside the fields of `Place`, edges the fields of `Link`: of several links between two places those of
        the shortest, and the ids of all as `links`. Buildings and cities that consist of parts are nodes without edges.
        """
        import networkx as nx

        graph: nx.Graph[str] = nx.Graph(name=self.name, frame=self.frame)
        for place in self.places:
            graph.add_node(place.id, pos=(place.lon, place.lat), **_fields(place))
        for link in sorted(self.links, key=lambda link: -link.length_km):
            beside = graph.get_edge_data(link.a, link.b, {}).get("links", ())
            graph.add_edge(link.a, link.b, **_fields(link), links=(link.id, *beside))
        return graph

    def without(self, link: str) -> "Theatre":
        """Return the theatre with one link, or the links of one group, taken away, from its groups as well."""
        gone = self.link_members(link)
        if not gone:
            raise TheatreError(f"unknown link {link!r}{nearest(link, [*self._links, *self._groups])}")
        groups = tuple(replace(group, members=tuple(id for id in group.members if id not in gone)) for group in self.groups)
        return replace(self, links=tuple(each for each in self.links if each.id not in gone), groups=groups)


def _named(name: object) -> str:
    """Return a name; raise `TheatreError` when it is no text."""
    if not isinstance(name, str):
        raise TheatreError(f"{name!r} is no name of a place; expected its id, name or spelling")
    return name


def _fields(item: Place | Link) -> dict[str, Any]:
    return {name: getattr(item, name) for name in type(item).__slots__}
