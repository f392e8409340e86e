"""The pincer of 2013: how the ring around al-Qusayr closed, village by village, 4 April - 8 June 2013."""

import os

import qsim
from qsim.belief.enclosure import ring_claims
from qsim.draw.charts.plain import ring_chart
from qsim.record.casualties import casualties_text
from qsim.terminal.text import wrapped

QUICK = bool(os.environ.get("QSIM_QUICK"))  # the tests play a week
FIRST, LAST = ("2013-05-25", "2013-06-01") if QUICK else ("2013-04-04", "2013-06-08")
CHAPTERS = {
    "2013-04-11": "The hill of Nabi Mando", "2013-05-13": "The villages north of the town", "2013-05-19": "The assault on the town",
    "2013-05-29": "The air base", "2013-05-31": "The last entrances", "2013-06-05": "The town", "2013-06-08": "The last village",
}  # fmt: skip

theatre, ledger = qsim.load("qusayr")
timeline = qsim.reconstruct(theatre, ledger, start=FIRST, end=LAST, policy="hmm")

# The countryside first: what changed, by whose word.
print(f"{theatre.title}: {FIRST} to {LAST},\n{len(ledger)} claims by {len(ledger.sources)} sources.")
print("What changed in the most likely history, and on whose word (in brackets).\n")
for event in qsim.belief.events.events(timeline):
    print(wrapped(f"{event.day}  {event}"))

# Then the ring: what the map makes of it, in a thousand histories, beside what was said of it. They are two witnesses.
histories = timeline.sample(1000, seed=7)
ways = qsim.metrics.exits(timeline.most_likely(), "qusayr", "opposition")
computed = qsim.encirclement(histories, "qusayr", "opposition").mean(axis=0)
reported = qsim.belief.enclosure.enclosure(timeline, "qusayr")
print("\nThe ring around the city: ways out for the opposition, and the probability\nthat it was cut off, computed and reported.")
told = [claim for claim, _ in ring_claims(theatre, ledger, "qusayr")]
for d, day in enumerate(timeline.days):
    said = [claim for claim in told if claim.window.start == day]
    if said or d == 0 or len(ways[d]) != len(ways[d - 1]):
        print(f"{day}  {ways[d]!s:<11}  computed {computed[d]:4.0%}  reported {reported[d]:4.0%}")
    for claim in said:
        print(wrapped(f"{'':12}{ledger.source(claim.source)}: {claim.note} ({', '.join(claim.cites)})", indent=14))

for name, probability in (("by the map", computed), ("by what was said", reported)):
    print(f"More likely closed than not, {name}: {qsim.metrics.first_day(timeline.days, probability) or 'never'}")
last = max((d for d, way in enumerate(ways) if len(way) == 1), default=None)
if last is not None:
    *road, base = ways[last].routes[0]
    held = ", ".join(f"{theatre.place(p)} ({timeline.at(timeline.days[last]).most_likely(p)})" for p in road)
    way = f"by {held} to the base at {theatre.place(base)}"
    print(wrapped(f"The last road out, open to {timeline.days[last]} in the most likely history: {way}", indent=2))

# The toll, as the sources give it; no figure is added to another.
print("\nThe toll among civilians, and among people for whom no side is given\n(that of fighters: `qsim casualties qusayr`):\n")
tolls = qsim.casualties(theatre, ledger, start=timeline.start, end=timeline.end)
print(casualties_text(theatre, [toll for toll in tolls if toll.side is None]))

ring_chart(timeline, "qusayr", "opposition", "outputs/pincer_2013/ring.png")
qsim.render(timeline, "outputs/pincer_2013/pincer.gif", progress=True)
marked = {day: text for day, text in CHAPTERS.items() if FIRST <= day <= LAST}
player = qsim.render(timeline, "outputs/pincer_2013/player.html", chapters=marked)
print("\nThe chart of the ring lies in outputs/pincer_2013/ring.png\nThe animation lies in outputs/pincer_2013/pincer.gif")
print(f"Open {player} in a browser to step through the days\nand ask who says so.")
