"""The pincer of 2013: how the ring around al-Qusayr closed, village by village, 4 April - 8 June 2013."""

import qsim
from qsim.belief.enclosure import ring_claims
from qsim.draw.charts.plain import ring_chart
from qsim.terminal.story import chapters, days, events_told, told, toll_told
from qsim.terminal.text import wrapped

FIRST, LAST = days("2013-04-04", "2013-06-08", tried=("2013-05-25", "2013-06-01"))
CHAPTERS = {
    "2013-04-11": "The hill of Nabi Mando", "2013-05-13": "The villages north of the town", "2013-05-19": "The assault on the town",
    "2013-05-27": "Hamidiya, the last supply line", "2013-05-29": "The air base", "2013-05-31": "The last entrances",
    "2013-06-04": "A way out by agreement", "2013-06-05": "The town", "2013-06-08": "The last village",
}  # fmt: skip
STORIES = {  # the sentences that tell them: document, line, sentence
    "A pincer of two arms": ("004:43#4",),
    "The last supply line, by Hamidiya": ("003:159#4", "003:159#5", "003:159#6", "004:99#1", "004:103#1", "004:103#2"),
    "The way out by agreement": ("003:124#1", "003:215#1", "003:213#3", "003:213#5"),
}

theatre, ledger = qsim.load("qusayr")
timeline = qsim.reconstruct(theatre, ledger, start=FIRST, end=LAST, policy="hmm")
print(f"{theatre.title}: {FIRST} to {LAST},\n{len(ledger)} claims by {len(ledger.sources)} sources.")
for story, sentences in STORIES.items():
    print(f"\n{story}:")
    for claim in ledger.claims:
        if claim.cites and claim.cites[0] in sentences:
            print(told(ledger, claim, cites=2))

print("\nWhat changed, by whose word (in brackets); nothing is told that nobody reports:\n")
print(events_told(timeline))

# Then the ring. The map is one witness, what was said of the ring another; the answer hears both.
ring = qsim.ring(timeline, "qusayr", "opposition")
ways = qsim.ways_out(timeline.sample(1000, seed=7, given="ring"), "qusayr", "opposition")
of_ring = [claim for claim, _ in ring_claims(theatre, ledger, "qusayr")]
print("\nWas the opposition in the city cut off? In so many of 100 courses that events")
print("may have taken: by the map and the words together, and by either alone.\n")
for d, day in enumerate(timeline.days):
    said = [claim for claim in of_ring if claim.window.start == day]
    if said or d == 0 or round(ring.both[d]) != round(ring.both[d - 1]):
        best = [f"to {theatre.place(way.base)}{'*' * way.estimated} {100 * way.open:.0f}" for way in ways[d] if way.open >= 0.05]
        inside = timeline.share("qusayr", "opposition")[d] > 0.01
        left = ", ".join(best) or ("hardly any" if inside else "none; it holds no part of the city any more")
        either = f"(map {100 * ring.by_map[d]:3.0f}, words {100 * ring.by_words[d]:3.0f})"
        print(wrapped(f"{day}  {100 * ring.both[d]:3.0f}  {either}  ways out: {left}", indent=41))
    for claim in said:
        print(wrapped(f"{'':12}{ledger.source(claim.source)}: {claim.note} ({', '.join(claim.cites)})", indent=14))
for name, p in (("by both", ring.both), ("by the map alone", ring.by_map), ("by the words alone", ring.by_words)):
    print(f"More likely cut off than not, {name}, first on: {qsim.metrics.first_day(timeline.days, p) or 'no day'}")
bare = f"by those alone that a document names it would be cut off in {100 * ring.documented.mean():.0f} of 100 on average, not in {100 * ring.both.mean():.0f}"
print(wrapped(f"* By ways that are inferred, in part at least: {bare}.", indent=0))

print(f"\n{toll_told(timeline)}")

ring_chart(timeline, "qusayr", "opposition", "outputs/pincer_2013/ring.png")
qsim.render(timeline, "outputs/pincer_2013/pincer.gif", progress=True)
player = qsim.render(timeline, "outputs/pincer_2013/player.html", chapters=chapters(timeline, CHAPTERS))
print("\nThe chart of the ring lies in outputs/pincer_2013/ring.png\nThe animation lies in outputs/pincer_2013/pincer.gif")
print(f"Open {player} in a browser to step through the days\nand ask who says so.")
