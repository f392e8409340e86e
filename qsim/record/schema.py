"""The format of a scenario as one small table; its checks, its defaults, its workbook and its documentation are made from it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qsim.record import words
from qsim.record.names import slug

FORMAT = 1
LOCAL_NAME = re.compile("name_([a-z]{2,3})")  # a name in a language, by its code


@dataclass(frozen=True, slots=True)
class Column:
    """
    One field of a file: its type, unit, whether it must be filled, what is taken where it is not, and what it means.

    Fields of scenario.toml are told by their path: `sides[].actors[].name`. `aliases` are other headings, `synonyms` other words for a
    choice that are understood, `doubtful` words that may mean several and are asked about; a table with a `short` may be given as that
    one field alone.
    """

    file: str
    name: str
    type: str
    description: str
    unit: str = ""
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    doubtful: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    short: str = ""

    @property
    def table(self) -> str:
        """The table that the field belongs to: `claims`, `places`, ..."""
        return self.file.partition(".")[0]


_PLACES, _LINKS, _GROUPS, _SOURCES, _CLAIMS, _TOML = (
    "places.geojson",
    "links.csv",
    "groups.csv",
    "sources.csv",
    "claims.csv",
    "scenario.toml",
)
_WAYS = ("road", "track", "river_crossing", "border_crossing", "adjacency")
_USES = ("cited", "heading", "metadata", "background", "opinion", "forecast", "repeats", "detail", "elsewhere")

SCHEMA = (
    Column(_TOML, "format", "whole", "version of the format", default="1"),
    Column(_TOML, "name", "word", "short name, of letters, digits, _, - and .", default="the folder's name"),
    Column(_TOML, "title", "text", "title of maps and pages", default="the name"),
    Column(_TOML, "summary", "text", "one sentence: who, where, when"),
    Column(_TOML, "start", "day", "first day of the replay", default="the first day that a claim speaks of"),
    Column(_TOML, "end", "day", "last day of the replay, included", default="the last day that a claim speaks of"),
    Column(_TOML, "frame", "frame", "west, south, east, north: what the map shows", unit="degrees", default="all places, with a margin"),
    Column(_TOML, "city", "text", "the place in question, where none is named"),
    Column(_TOML, "licence", "text", "licence of the record as a whole", aliases=("license",)),
    Column(_TOML, "attribution", "text", "whom to name with it"),
    Column(_TOML, "picture", "text", "a picture of the ground, below the folder: PNG, JPEG or WebP, north at its top, degrees evenly spaced (EPSG:4326)"),
    Column(_TOML, "picture_bounds", "frame", "west, south, east, north: the degrees that the picture's edges lie on", unit="degrees"),
    Column(_TOML, "picture_credit", "text", "whose picture it is, and its licence"),
    Column(_TOML, "sides", "tables", "the sides of the conflict", default="the sides that claims name", short="name"),
    Column(_TOML, "sides[].id", "id", "stable id", default="made of the name"),
    Column(_TOML, "sides[].name", "text", "neutral name", required=True, default="the id"),
    Column(_TOML, "sides[].colour", "colour", "#rrggbb", default="the next of a palette that colour-blind eyes can tell apart", aliases=("color",)),
    Column(_TOML, "sides[].note", "text", "anything a user should know"),
    Column(_TOML, "sides[].actors", "tables", "who fights for it", short="name"),
    Column(_TOML, "sides[].actors[].id", "id", "stable id", default="made of the name"),
    Column(_TOML, "sides[].actors[].name", "text", "name", required=True),
    Column(_TOML, "sides[].bases", "tables", "where its supply comes from", short="place"),
    Column(_TOML, "sides[].bases[].place", "name", "a place or gateway", required=True),
    Column(_TOML, "sides[].bases[].cites", "citations", "what says so"),
    Column(_TOML, "sides[].bases[].note", "text", "anything a user should know"),
    Column(_TOML, "documents", "tables", "the texts that claims cite", short="file"),
    Column(_TOML, "documents[].id", "id", "stable id, as citations have it", default="the file's name"),
    Column(_TOML, "documents[].file", "text", "plain UTF-8 text, its lines counted from 1; without, the document is cited by paragraph and read at its url"),
    Column(_TOML, "documents[].title", "text", "title"),
    Column(_TOML, "documents[].language", "text", "language, such as en"),
    Column(_TOML, "documents[].covers", "edtf", "the days that it tells of"),
    Column(_TOML, "documents[].origin", "text", "where it comes from"),
    Column(_TOML, "documents[].licence", "text", "its licence", aliases=("license",)),
    Column(_TOML, "documents[].url", "text", "where it can be read"),
    Column(_TOML, "documents[].accessed", "text", "the day on which it was read there"),
    Column(_TOML, "model", "settings", "parameters of the belief model"),
    Column(_PLACES, "id", "id", "stable id, lower case with underscores", default="made of the name"),
    Column(_PLACES, "name", "text", "name in English transliteration", required=True, aliases=("place", "town", "locality", "asciiname")),
    Column(_PLACES, "name_ar", "text", "name in its own script, such as Arabic", aliases=("name_native", "local_name")),
    Column(_PLACES, "variants", "texts", "other spellings, as the documents have them", aliases=("alternatenames", "spellings")),
    Column(_PLACES, "kind", "text", "city, town, village, hill, airbase, crossing, square, building, ...", default="village; gateway for a gateway, square for a part, building for what stands within one"),
    Column(_PLACES, "parent", "name", "the place this one is a part or a building of"),
    Column(_PLACES, "within", "name", "the part that a building stands in"),
    Column(_PLACES, "population", "whole", "people, from the source named", unit="people"),
    Column(_PLACES, "elevation_m", "number", "height above the sea", unit="m"),
    Column(_PLACES, "precision_km", "distance", "radius within which the point is trusted", unit="km", default="0.5 where a source gives the point, 2 where it is estimated"),
    Column(_PLACES, "basis", "choice", "whether a source gives the point or we placed it", default="sourced where a source is named, else estimated", choices=("sourced", "estimated")),
    Column(_PLACES, "source", "text", "where the point comes from, or how it was estimated"),
    Column(_PLACES, "licence", "text", "licence of this row", default="not stated", aliases=("license",)),
    Column(_PLACES, "gateway", "flag", "true for a place beyond the frame: no cell, drawn at the edge"),
    Column(_PLACES, "geonameid", "code", "its number in GeoNames", aliases=("geonames",)),
    Column(_PLACES, "wikidata", "code", "its number in Wikidata, such as Q12345"),
    Column(_PLACES, "note", "text", "anything a user should know"),
    Column(_PLACES, "lon", "number", "longitude, where the file is a table; GeoJSON has the geometry", unit="degrees", aliases=("longitude", "long", "lng", "x")),
    Column(_PLACES, "lat", "number", "latitude, where the file is a table", unit="degrees", aliases=("latitude", "y")),
    Column(_PLACES, "outline", "outline", "outline of a part as WKT, where the file is a table", aliases=("wkt", "polygon")),
    Column(_LINKS, "id", "id", "stable id", default="made of its ends"),
    Column(_LINKS, "name", "text", "name of the road, track or crossing"),
    Column(_LINKS, "a", "name", "place at one end", required=True, aliases=("from", "place_a")),
    Column(_LINKS, "b", "name", "place at the other end", required=True, aliases=("to", "place_b")),
    Column(_LINKS, "kind", "choice", "what kind of way it is", default="road; adjacency between parts", choices=_WAYS, synonyms=words.LINK_SYNONYMS, aliases=("type",)),
    Column(_LINKS, "length_km", "distance", "length along the ground", unit="km", default="the straight line", aliases=("length", "km")),
    Column(_LINKS, "basis", "choice", "whether a document names it", default="documented where it cites something, else estimated", choices=("documented", "estimated")),
    Column(_LINKS, "cites", "citations", "where the documents name it"),
    Column(_LINKS, "note", "text", "anything a user should know"),
    Column(_GROUPS, "id", "id", "stable id", default="made of the name"),
    Column(_GROUPS, "name", "text", "readable name", required=True),
    Column(_GROUPS, "variants", "texts", "the words of the documents that stand for it"),
    Column(_GROUPS, "members", "texts", "places, or links, never mixed", required=True),
    Column(_GROUPS, "basis", "choice", "whether a document lists the members", default="estimated", choices=("documented", "estimated")),
    Column(_GROUPS, "cites", "citations", "where the documents speak of it"),
    Column(_GROUPS, "note", "text", "the rule by which members were chosen"),
    Column(_SOURCES, "id", "id", "stable id", default="made of the name"),
    Column(_SOURCES, "name", "text", "who it is, by office or role", required=True),
    Column(_SOURCES, "kind", "text", "kind of voice: " + ", ".join(words.SOURCE_KINDS) + "; another one needs its prior under [model.reliability]", default="unspecified"),
    Column(_SOURCES, "side", "name", "the side it belongs to; blank when neutral"),
    Column(_SOURCES, "origin", "name", "the source that it merely repeats"),
    Column(_SOURCES, "variants", "texts", "the words by which documents call the voice"),
    Column(_SOURCES, "note", "text", "anything a user should know"),
    Column(_CLAIMS, "id", "id", "stable id", default="made of day, place, kind and source"),
    Column(_CLAIMS, "place", "name", "a place, group, link or group of links", required=True, aliases=("where", "location", "town")),
    Column(_CLAIMS, "kind", "choice", "what the claim says", required=True, choices=words.KINDS, synonyms=words.KIND_SYNONYMS, doubtful=words.KIND_DOUBTFUL, aliases=("what", "event", "status")),
    Column(_CLAIMS, "side", "name", "who holds, takes, loses, attacks, besieges, suffers", aliases=("who", "held_by", "holder")),
    Column(_CLAIMS, "actor", "texts", "which actors of the side", aliases=("actors",)),
    Column(_CLAIMS, "quantifier", "choice", "how much of the place", choices=words.QUANTIFIERS, synonyms=words.QUANTIFIER_SYNONYMS),
    Column(_CLAIMS, "value", "fraction", "the side's share of the place", unit="0..1", aliases=("share",)),
    Column(_CLAIMS, "bound", "choice", "how the share is meant; `at_most` of `holds`: no more than this is theirs", default="approx", choices=words.BOUNDS, synonyms=words.BOUND_SYNONYMS),
    Column(_CLAIMS, "low", "whole", "lowest number given"),
    Column(_CLAIMS, "best", "whole", "the number given"),
    Column(_CLAIMS, "high", "whole", "highest number given"),
    Column(_CLAIMS, "of", "text", "what is counted; casualties end in an outcome: 'soldiers killed'"),
    Column(_CLAIMS, "start", "when", "the day or window the claim speaks of", required=True, aliases=("day", "date", "when", "from")),
    Column(_CLAIMS, "end", "when", "its last day, for what lasted; .. is until further notice", aliases=("until", "to")),
    Column(_CLAIMS, "reported", "when", "when it was said", default="the same day", aliases=("published",)),
    Column(_CLAIMS, "source", "name", "who says so", required=True, aliases=("who_says", "reported_by")),
    Column(_CLAIMS, "confidence", "choice", "how firmly", default="stated", choices=words.CONFIDENCES),
    Column(_CLAIMS, "denies", "name", "the claim that this one denies"),
    Column(_CLAIMS, "cites", "citations", "document:line#sentence, an address, a DOI, a work and its page, record:source/row; joined by ;", aliases=("citation", "citations")),
    Column(_CLAIMS, "implied", "texts", "what the cited words leave unsaid: place, source, number, date"),
    Column(_CLAIMS, "note", "text", "the claim in our own words"),
    Column("coverage.csv", "citation", "citations", "one sentence of a document", required=True),
    Column("coverage.csv", "use", "choice", "cited, or why not", required=True, choices=_USES),
    Column("coverage.csv", "note", "text", "anything a reader should know"),
)  # fmt: skip


def columns(file: str) -> tuple[Column, ...]:
    """Return the fields of one file, in their order; `places` is told as well as `places.geojson`."""
    return tuple(column for column in SCHEMA if column.file == file or column.table == file)


def with_languages(known: Sequence[Column], header: Iterable[str]) -> tuple[Column, ...]:
    """Return the fields of a table and, of places, one for each heading that is a name in a language, such as `name_ku`."""
    names = {column.name for column in known} if any(column.file == _PLACES for column in known) else None
    local = [] if names is None else [name for name in dict.fromkeys(map(slug, header)) if name not in names and LOCAL_NAME.fullmatch(name)]
    return (*known, *(Column(_PLACES, name, "text", "name in that language") for name in local))


def describe() -> str:
    """Return the format of a scenario as a Markdown table, for the documentation."""
    lines = ["| file | column | type | unit | required | where blank | description |", "|---|---|---|---|---|---|---|"]
    for c in SCHEMA:
        kind = " / ".join(f"`{choice}`" for choice in c.choices) or c.type
        need = "yes" if c.required else ""
        lines.append(f"| {c.file} | `{c.name}` | {kind} | {c.unit} | {need} | {c.default} | {c.description} |")
    return "\n".join(lines)


def describe_kinds() -> str:
    """Return what the kinds of claims mean as a Markdown table, for the documentation."""
    rows = (f"| `{kind}` | {each.says} | {each.side} | {each.control} | {each.example} |" for kind, each in words.KIND_MEANINGS.items())
    return "\n".join(["| kind | says | whose side | evidence of control | example |", "|---|---|---|---|---|", *rows])
