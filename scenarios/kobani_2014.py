"""The siege of Kobanî, September 2014 - January 2015: a ring against a border, a city fought over by quarters, and its recovery."""

import qsim
from qsim.draw.charts.plain import ring_chart, share_table
from qsim.geography.tables import enclosure_table, witnesses
from qsim.terminal.story import chapters, days, events_told, told, toll_told

FIRST, LAST = days("2014-09-13", "2015-01-31", tried=("2014-10-03", "2014-10-12"))
CHAPTERS = {
    "2014-09-15": "The villages", "2014-09-27": "Strikes from the air", "2014-10-05": "The hill", "2014-10-06": "Into the city",
    "2014-10-13": "Half of the city", "2014-10-28": "The gate holds", "2014-10-31": "Peshmerga", "2014-11-12": "The Raqqa road",
    "2014-11-29": "A day of counterattacks", "2015-01-05": "The security quarter", "2015-01-19": "The hill again", "2015-01-26": "The city",
}  # fmt: skip

theatre, ledger = qsim.load("kobani")
timeline = qsim.reconstruct(theatre, ledger, start=FIRST, end=LAST)
print(f"{theatre.title}: {FIRST} to {LAST},\n{len(ledger)} claims by {len(ledger.sources)} sources.")

# The villages, the hill, the gate, the quarters: what changed, by whose word.
print("\nWhat changed, and on whose word (in brackets):\n")
print(events_told(timeline))

# How much of the city? Rival voices gave figures that no battle in between explains.
for side in ("kurds", "isil"):
    print(f"\nShares of the city reported for {theatre.side(side).name}, beside the expected ones:\n")
    print(share_table(timeline, "kobani", side))

# Was it closed in? The border kept a way open; what passed on it was up to Turkey.
print("\nThe ring: what was said of it, beside what the map makes of it.\n")
print(enclosure_table(timeline, witnesses(timeline, "kobani", "kurds"), "kobani", "kurds"))
print("\nWhat was said of the ways out of Turkey:\n")
for claim in qsim.record.scope.in_order(ledger.claims):
    if claim.place == "border_ways" and claim.window.meets(timeline.window):
        print(told(ledger, claim))

print(f"\n{toll_told(timeline)}")

ring_chart(timeline, "kobani", "kurds", "outputs/kobani_2014/ring.png")
qsim.render(timeline, "outputs/kobani_2014/kobani.gif", fps=6, progress=True)
qsim.render(timeline, "outputs/kobani_2014/player.html", chapters=chapters(timeline, CHAPTERS))
print("\nThe chart of the ring lies in outputs/kobani_2014/ring.png\nThe animation lies in outputs/kobani_2014/kobani.gif")
print("Open outputs/kobani_2014/player.html in a browser to step through the days\nand ask who says so.")
