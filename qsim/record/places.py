"""What a map is made of: places, the links between them, groups of either, the sides with their bases, and the backdrop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qsim.record.values import FrozenDict, keep

if TYPE_CHECKING:
    from shapely import MultiPolygon, Polygon
    from shapely.geometry.base import BaseGeometry


WATERS = ("lake", "sea")  # kinds of backdrop that no cell covers
BARRIERS = ("lake", "river", "border", "sea", "barrier")  # kinds of backdrop that no suggested link crosses


@dataclass(frozen=True, slots=True)
class Place:
    """
    A populated place, hill, air base, crossing, city square or building.

    `lon`, `lat` are WGS 84 degrees; `precision_km` is the radius within which the point is trusted. A *part* has a `parent` and
    a polygon; a building has a `parent`, is `within` one part, and has neither polygon nor links; a `gateway` lies beyond the
    frame, has no polygon, and is drawn at the edge. `local_names` are the names by language, `{"ku": ...}`, but the Arabic one.
    """

    id: str
    name: str
    lon: float
    lat: float
    kind: str = "village"
    name_ar: str = ""
    local_names: Mapping[str, str] = field(default=FrozenDict(), hash=False)
    variants: tuple[str, ...] = ()
    parent: str | None = None
    within: str | None = None
    population: int | None = None
    elevation_m: float | None = None
    precision_km: float | None = None
    basis: str = "estimated"
    source: str = ""
    licence: str = ""
    gateway: bool = False
    note: str = ""
    geonameid: str | None = None
    wikidata: str | None = None
    polygon: "Polygon | MultiPolygon | None" = field(default=None, repr=False, hash=False)
    area_km2: float = 0.0

    def __repr__(self) -> str:
        return f"Place({self.id!r}, {self.name!r}, {self.kind}, {self.lat:.4f} N {self.lon:.4f} E)"

    @property
    def names(self) -> tuple[str, ...]:
        """Every name and spelling of the place, in any language, its id included."""
        return tuple(dict.fromkeys(n for n in (self.id, self.name, self.name_ar, *self.local_names.values(), *self.variants) if n))

    def name_in(self, language: str) -> str:
        """Return the name in a language, such as "ar"; empty where the place has none."""
        return self.name_ar if language == "ar" else self.local_names.get(language, "")

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Link:
    """An undirected route between the places `a` and `b`; `length_km` along the ground, `basis` documented or estimated."""

    id: str
    name: str
    a: str
    b: str
    kind: str = "road"
    length_km: float = 0.0
    basis: str = "estimated"
    cites: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of places or of links (`of`) that a claim may speak of."""

    id: str
    name: str
    members: tuple[str, ...]
    of: str = "places"
    variants: tuple[str, ...] = ()
    basis: str = "estimated"
    cites: tuple[str, ...] = ()
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name of the group, its id included."""
        return tuple(dict.fromkeys(n for n in (self.id, self.name, *self.variants) if n))


@dataclass(frozen=True, slots=True)
class Base:
    """Where a side's supply comes from: a place of the map or a gateway, with the citations that say so."""

    place: str
    cites: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """A side of the conflict: its id, neutral name, colour (`#rrggbb`), actors (id -> name) and bases."""

    id: str
    name: str
    colour: str
    actors: Mapping[str, str] = FrozenDict()
    bases: tuple[Base, ...] = ()

    def __post_init__(self) -> None:
        keep(self, "actors")

    def __repr__(self) -> str:
        return f"Side({self.id!r}, {self.name!r}, {len(self.actors)} actors, {len(self.bases)} bases)"


@dataclass(frozen=True, slots=True)
class Feature:
    """A piece of backdrop: a sea, lake, river, border, road or runway, as a shapely geometry in (lon, lat) degrees."""

    id: str
    name: str
    kind: str
    geometry: "BaseGeometry"
    basis: str = "estimated"
    source: str = ""
    licence: str = ""
