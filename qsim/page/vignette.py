"""The story as text and pictures in the page itself, for readers with and without scripts: what is said, small maps, who says so."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from qsim.belief.timeline import Timeline
from qsim.draw.palette import LIGHT, TINTS, grounds, tint_steps
from qsim.page.bidi import set_apart, short
from qsim.page.story import Chapter, Voice
from qsim.record.dates import long_day
from qsim.record.places import WATERS
from qsim.record.theatre import CONTESTED

_MOST_TOLD = 1200  # letters of a sentence
_STRIPE, _LETTER = 14.0, 34.0  # units of the map: width of a stripe, size of a name


def story_html(timeline: Timeline, chapters: Sequence[Chapter], head: Mapping[str, Any]) -> str:
    """Return the chapters as articles, with small maps made from what a page shows (`qsim.page.pack`); nothing where there are none."""
    if not chapters:
        return ""
    drawn = any("cell" in place for place in head["map"]["places"])
    return "\n".join([_shapes(timeline, head) if drawn else "", *(_article(timeline, chapter, head, drawn) for chapter in chapters)])


def _text(text: str) -> str:
    """Return a text of the record as it stands in a page."""
    return escape(set_apart(text))


def _article(timeline: Timeline, chapter: Chapter, head: Mapping[str, Any], drawn: bool) -> str:
    d = timeline.position(chapter.day)
    told = long_day(chapter.day)
    sentences = "".join(f"<p>{_text(short(sentence, most=_MOST_TOLD))}</p>" for sentence in chapter.sentences)
    heard = "".join(f"<li>{_heard(voice)}</li>" for voice in chapter.voices)
    return (
        f'<article data-day="{d}"><p class="when"><time datetime="{chapter.day}">{told}</time> · day {d + 1} of {len(timeline)}</p>'
        f"<h2>{_text(chapter.headline)}</h2>{_picture(timeline, chapter, head) if drawn else ''}{sentences}"
        f"{f'<ul class=voices>{heard}</ul>' if heard else ''}</article>"
    )


def _heard(voice: Voice) -> str:
    """Return what one source says, or that no source of its side speaks of it."""
    side = f"<strong>{_text(voice.side)}</strong>"
    if not voice.source:
        return f"{side}: no source in this record speaks of it by this day."
    words = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", _text(voice.words))
    quoted = f"<blockquote><p>“{words}”</p></blockquote>" if words else ""
    return f'{side}: {_text(voice.source)}, <span class="of">of {escape(voice.when)}</span>. {_text(voice.note)} {quoted}<cite>{escape(voice.cite)}</cite>'


def _shapes(timeline: Timeline, head: Mapping[str, Any]) -> str:
    """Return what the small maps share: the shapes of places, waters, stripes."""
    map_ = head["map"]
    cells = "".join(f'<path id="cell-{i}" d="{place["cell"]}"/>' for i, place in enumerate(map_["places"]) if "cell" in place)
    waters = "".join(_path(d, fill=LIGHT.water, stroke=LIGHT.river, width=2) for kind, _, d in map_["backdrop"] if kind in WATERS)
    waters += "".join(_path(d, stroke=LIGHT.river, width=3) for kind, _, d in map_["backdrop"] if kind == "river")
    striped = {f"story-{step}": _colours(timeline, head, CONTESTED, step) for step in range(len(TINTS))}
    striped["story-undecided"] = _colours(timeline, head, "undecided", 0)
    patterns = "".join(
        f'<pattern id="{name}" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" width="{len(colours) * _STRIPE}" height="{_STRIPE}">'
        + "".join(f'<rect x="{i * _STRIPE}" width="{_STRIPE}" height="{_STRIPE}" fill="{colour}"/>' for i, colour in enumerate(colours))
        + "</pattern>"
        for name, colours in striped.items()
    )
    return (
        f'<svg class="hidden" width="0" height="0" aria-hidden="true"><defs>{patterns}{cells}<g id="story-water">{waters}</g></defs></svg>'
    )


def _picture(timeline: Timeline, chapter: Chapter, head: Mapping[str, Any]) -> str:
    """Return the map of a day: the ground by belief, the ring, and the names of the city and of what the chapter is about."""
    map_, snapshot = head["map"], timeline.at(chapter.day)
    high = map_["height"]
    filled: dict[str, list[int]] = {}
    for i, (code, step) in enumerate(zip(snapshot.status.tolist(), tint_steps(snapshot.belief, snapshot.status).tolist(), strict=True)):
        if "cell" in map_["places"][i]:
            filled.setdefault(_fill(timeline, head, snapshot.name_of(code), step), []).append(i)
    cells = "".join(f'<g fill="{fill}">{"".join(f"<use href=#cell-{i} />" for i in group)}</g>' for fill, group in filled.items())
    told = f"Map of {long_day(chapter.day)}. {' '.join(chapter.sentences)}"
    return (
        f'<figure><svg viewBox="0 0 1000 {high}" role="img" aria-label="{_text(short(told, most=_MOST_TOLD))}"><path d="M0,0H1000V{high}H0Z" fill="{LIGHT.unknown}"/><g stroke="{LIGHT.cell_edge}">{cells}</g>'
        f"<use href=#story-water />{_ring(head, timeline.position(chapter.day))}{_names(timeline, chapter, head)}"
        f'<path d="M0,0H1000V{high}H0Z" fill="none" stroke="{LIGHT.neatline}" stroke-width="3"/></svg>'
        f"<figcaption>{_key(timeline, head)}{_ring_key(head, timeline.position(chapter.day))}</figcaption></figure>"
    )


def _key(timeline: Timeline, head: Mapping[str, Any]) -> str:
    """Return what the colours mean."""
    names = [
        *((side.id, side.name) for side in timeline.theatre.sides),
        (CONTESTED, "contested"),
        ("undecided", "undecided"),
        ("unknown", "unknown"),
    ]
    signs = (
        f'<span><svg viewBox="0 0 30 16" width="30" height="16" aria-hidden="true"><rect width="30" height="16" stroke="{LIGHT.faint_ink}" fill="{_fill(timeline, head, status, 0)}"/></svg> {_text(name)}</span>'
        for status, name in names
    )
    return " ".join(signs)


def _ring_key(head: Mapping[str, Any], d: int) -> str:
    """Return what the lines of the ring mean, of those that the day has."""
    ring = head["tellings"][0]["ring"]
    if not ring or "drawn" not in ring:
        return ""
    today = ring["drawn"][ring["days"][d]]
    lines = [
        ("ring, as solid as it is likely closed", _path("M1,8H29", stroke=LIGHT.front, width=5), today["line"]),
        (
            "road out, broken on ground not its own",
            _path("M1,8H29", stroke=LIGHT.front, width=2, dashed=True),
            today["own"] + today["broken"],
        ),
    ]
    drawn = (
        f'<span><svg viewBox="0 0 30 16" width="30" height="16" aria-hidden="true">{sign}</svg> {name}</span>'
        for name, sign, there in lines
        if there
    )
    return "".join(f" {each}" for each in drawn)


def _colours(timeline: Timeline, head: Mapping[str, Any], status: str, step: int) -> tuple[str, ...]:
    return grounds(timeline.theatre, status, step, figure=head["figure"])


def _fill(timeline: Timeline, head: Mapping[str, Any], status: str, step: int) -> str:
    """Return the fill of a status: a colour, or stripes."""
    colours = _colours(timeline, head, status, step)
    return colours[0] if len(colours) == 1 else f"url(#story-{'undecided' if status == 'undecided' else step})"


def _ring(head: Mapping[str, Any], d: int) -> str:
    """Return the ring of a day, as solid as it is likely closed, and the roads out."""
    ring = head["tellings"][0]["ring"]
    if not ring or "drawn" not in ring:
        return ""
    today = ring["drawn"][ring["days"][d]]
    lines = "".join(_path(path, stroke=LIGHT.front, width=1.5 + grade, opacity=0.25 + 0.075 * grade) for grade, path in today["line"])
    roads = _path(today["own"], stroke=LIGHT.front, width=4) + _path(today["broken"], stroke=LIGHT.front, width=4, dashed=True)
    return lines + roads


def _names(timeline: Timeline, chapter: Chapter, head: Mapping[str, Any]) -> str:
    """Return the names of the city that is besieged and of the place that the chapter is about, clear of the frame."""
    ring = head["tellings"][0]["ring"]
    ids: Iterable[int] = [*([ring["place"]] if ring else []), *([timeline.theatre.index[chapter.place]] if chapter.place else [])]
    found = ""
    for i in dict.fromkeys(ids):
        place = head["map"]["places"][i]
        anchor = "end" if place["x"] > 600 else "start"
        away = 50 if place["id"] in timeline.theatre.parts else 16
        x = place["x"] + (-away if anchor == "end" else away)
        y = min(max(place["y"] + _LETTER / 3, _LETTER), head["map"]["height"] - 8)
        found += f'<circle cx="{place["x"]}" cy="{place["y"]}" r="6" stroke-width="3"/>' if away < 50 else ""
        found += f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{_text(place["name"])}</text>'
    return f'<g font-size="{_LETTER}" font-weight="700" fill="{LIGHT.ink}" stroke="{LIGHT.casing}" stroke-width="8" paint-order="stroke">{found}</g>'


def _path(d: str, *, stroke: str, fill: str = "none", width: float = 1.0, opacity: float = 1.0, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="14 9"' if dashed else ""
    return (
        f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="{width:.1f}" stroke-opacity="{opacity:.2f}" stroke-linejoin="round"{dash}/>'
        if d
        else ""
    )
