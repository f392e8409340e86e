"""The words of the record: what a claim can say, who can say it, and how people otherwise write the same."""

from typing import NamedTuple

CONTROL = ("holds", "takes", "loses", "contests", "denies", "share", "repulses")
ENCLOSURE = ("encircles", "cuts", "opens")
CONTEXT = ("reinforces", "withdraws", "bombards", "casualties", "strength", "other")
KINDS = (*CONTROL, *ENCLOSURE, *CONTEXT)


class Meaning(NamedTuple):
    """What a kind of claim says, whose `side` it names, whether it is evidence of control (of who holds the place), and an example."""

    says: str
    side: str
    control: str
    example: str


KIND_MEANINGS = {
    "holds": Meaning("a side has the place on that day, or all through the window", "who has it", "yes", "The mill was the League's all week."),
    "takes": Meaning("the place passes to a side; with `part`, ground in it that is told as won", "who wins it", "yes", "The Company took two streets of Tarnby: `part`."),
    "loses": Meaning("the place, or part of it, passes from a side; to whom is not said", "who had it", "yes: it is another's", "Dunmoor was lost to the League."),
    "contests": Meaning("fighting for the place, or an advance on it or in it of which nothing is told as won", "who attacks; blank where nobody says", "yes: contested", "The Company advanced in the east of Tarnby: `part`."),
    "denies": Meaning("the source denies another claim, which it names in `denies`", "whose hold is denied", "yes: it is not theirs", "The League denied that the mill was lost to the Company: side company."),
    "share": Meaning("a fraction of the place is a side's: `value`, read by its `bound`", "whose share it is", "yes", "The Gazette put the Company at about half of Tarnby: 0.5, `approx`."),
    "repulses": Meaning("an attack on the place failed; no `contests` is needed beside it", "the defender, who keeps it", "yes, less than `holds`", "An attack on the bridge was beaten off."),
    "encircles": Meaning("the place is shut in, all ways or (`part`, `most`) some of them", "who shuts it in", "hardly: of the ring; who besieges it does not hold it", "Tarnby was surrounded."),
    "cuts": Meaning("a way, or ways into a place, cannot be used", "who closes it", "no: of a way by name, or of the ring", "The League blocked the mill road."),
    "opens": Meaning("a way is free, or a gap is left in a ring", "who can use it", "no: of a way by name, or of the ring", "Carts came in by the hill track again."),
    "reinforces": Meaning("men, arms or supplies come to the place, or are on their way to it", "whose they are", "no", "Sixty riders were sent to the ferry."),
    "withdraws": Meaning("a force leaves the place, beaten or not; `part` of it or all", "who leaves", "hardly: who leaves has it no longer; who has it then is a claim of its own", "The Company left most of Tarnby: `most`."),
    "bombards": Meaning("fire on the place: guns, aircraft, bombs", "who fires", "no", "Guns on the hill fired at the mill."),
    "casualties": Meaning("people killed, wounded, captured, ...: `low`, `best`, `high`, and `of` whom", "whose they are; blank for civilians of no side", "no", "Some dozens of villagers fled: low 24, of \"civilians fled\"."),
    "strength": Meaning("how many fight, or with what: `low`, `best`, `high`, and `of` what", "whose they are", "no", "About 300 men stood at the ferry: best 300, of \"men\"."),
    "other": Meaning("anything else that is worth telling of the place, forecasts too", "whom it concerns", "no", "The captain expected the town to fall within days."),
}  # fmt: skip
_TOLD = {
    "holds": "{place} held by {side}", "takes": "{place} taken by {side}", "loses": "{place} lost by {side}",
    "contests": "{place} attacked by {side}", "denies": "{place} not held by {side}", "repulses": "attack on {place} beaten off by {side}",
    "encircles": "{place} closed by {side}", "cuts": "{place} cut by {side}", "opens": "{place} open for {side}",
    "reinforces": "{place} reinforced by {side}", "withdraws": "{place} left by {side}", "bombards": "{place} fired on by {side}",
}  # fmt: skip


def told(kind: str, place: str, side: str | None) -> str:
    """
    Return what a claim says in a few words, by the names of place and side, whatever their number and grammar.

    Examples
    --------
    >>> told("takes", "Tarnby", "League and Company"), told("contests", "Tarnby", None), told("other", "Tarnby", None)
    ('Tarnby taken by League and Company', 'fighting for Tarnby', 'told of Tarnby')
    """
    if kind == "contests" and side is None:
        return f"fighting for {place}"
    return _TOLD[kind].format(place=place, side=side or "somebody") if kind in _TOLD else f"told of {place}"


EVENTS = ("takes", "loses", "repulses")
QUANTIFIERS = ("all", "most", "part")
BOUNDS = ("exact", "approx", "at_least", "at_most")
CONFIDENCES = ("unconfirmed", "claimed", "stated", "confirmed")
OUTCOMES = ("killed", "wounded", "captured", "missing", "trapped", "fled", "evacuated", "defected", "detained")
NEUTRAL = "neutral"

# Kinds of voice, of any war. `narration` is the account's own voice, `unspecified` one of which nothing is known.
SOURCE_KINDS = (
    "narration", "scholar", "press", "monitor", "humanitarian", "imagery", "map", "dataset", "civilian", "activist", "official",
    "military", "state_media", "militia", "armed_group", "politician", "unspecified",
)  # fmt: skip
# The same kinds under names that one war gave them, or that people otherwise use.
SOURCE_ALIASES = {
    "government_media": "state_media", "armed_opposition": "armed_group", "opposition_politician": "politician",
    "media": "press", "newspaper": "press", "news": "press", "agency": "press", "journalist": "press", "broadcaster": "press",
    "ngo": "monitor", "observer": "monitor", "historian": "scholar", "researcher": "scholar", "book": "scholar", "think_tank": "monitor",
    "resident": "civilian", "witness": "civilian", "government": "official", "spokesman": "official", "army": "military",
    "rebels": "armed_group", "insurgents": "armed_group", "satellite": "imagery", "un": "humanitarian", "aid": "humanitarian",
}  # fmt: skip

# What people write for the kinds of claim. A word with two meanings ("falls", "captured 40 men") is left out: it is asked about instead.
_SAID = {
    "holds": "hold held holding controls control controlled controlling occupies occupied keeps kept in_control under_control has",
    "takes": "take took taken taking captures capture captured recaptures recaptured retakes retook retaken seizes seized secures secured conquers conquered liberates liberated reclaims reclaimed overruns overran",
    "loses": "lose lost losing",
    "contests": "contest contested contesting clashes clash clashed fighting fights fight battle battles disputed skirmish skirmishes fought fought_over fought_for fighting_over fighting_for contended frontline front_line",
    "denies": "deny denied denying",
    "repulses": "repulse repulsed repels repelled repel",
    "encircles": "encircle encircled besieges besieged besiege surrounds surrounded surround siege",
    "cuts": "cut severs severed blocks blocked",
    "opens": "open opened reopens reopened reopen",
    "reinforces": "reinforce reinforced reinforcements",
    "withdraws": "withdraw withdrew withdrawn retreats retreated retreat",
    "bombards": "bombard bombarded shells shelled shelling shell airstrike airstrikes bombs bombed bombing",
    "casualties": "casualty killed wounded dead deaths fatalities",
}  # fmt: skip
KIND_SYNONYMS = {word: kind for kind, words in _SAID.items() for word in words.split()}
# Words that may mean several kinds: they are asked about, with these as the likely ones.
_SAID_OF_SEVERAL = {
    ("contests", "takes"): "attack attacks attacked assault assaults assaulted storm storms stormed raid raids raided advance advances advanced enters entered clears cleared offensive",
    ("takes", "loses"): "fall falls fell fallen surrender surrenders surrendered capitulates capitulated changed_hands changes_hands handed_over evacuated lost_to taken_from",
    ("bombards", "contests"): "hit hits strike strikes struck under_attack under_fire",
}  # fmt: skip
KIND_DOUBTFUL = {word: kinds for kinds, words in _SAID_OF_SEVERAL.items() for word in words.split()}
QUANTIFIER_SYNONYMS = {"whole": "all", "entire": "all", "majority": "most", "parts": "part", "some": "part", "partly": "part"}
BOUND_SYNONYMS = {
    "about": "approx", "approximately": "approx", "around": "approx", "circa": "approx", "min": "at_least", "minimum": "at_least",
    "more_than": "at_least", "over": "at_least", "max": "at_most", "maximum": "at_most", "less_than": "at_most", "up_to": "at_most",
}  # fmt: skip
LINK_SYNONYMS = {
    "highway": "road", "motorway": "road", "street": "road", "path": "track", "trail": "track", "bridge": "river_crossing",
    "ford": "river_crossing", "ferry": "river_crossing", "border": "border_crossing", "adjacent": "adjacency", "neighbour": "adjacency",
}  # fmt: skip
