"""The city by its sixteen squares: al-Qusayr from 19 May to 5 June 2013, and how far the reports of its share swing."""

import qsim
from qsim.draw.charts.plain import share_chart
from qsim.terminal.story import days, events_told
from qsim.terminal.text import wrapped

FIRST, LAST = days("2013-05-19", "2013-06-05", tried=("2013-05-28", "2013-05-30"))

theatre, ledger = qsim.load("qusayr")
timeline = qsim.reconstruct(theatre, ledger, start=FIRST, end=LAST, policy="hmm")
city, squares = theatre.place("qusayr"), theatre.parts["qusayr"]
shares = [claim for claim in ledger.claims if claim.place == city.id and claim.kind == "share" and claim.value]


def said(claim: qsim.Claim) -> str:
    """Return a reported share in words: who, whose, how much, and where it stands."""
    bound = {"approx": "about ", "at_least": "at least ", "at_most": "at most "}.get(claim.bound or "", "")
    return f"{ledger.source(claim.source)}: {claim.side} {bound}{claim.value:.0%} ({', '.join(claim.cites)})"


print(f"{city.name}: the government's share of the city, {FIRST} to {LAST},\nand every report of a share.\n")
for day, share in zip(timeline.days, timeline.share("qusayr", "government"), strict=True):
    print(f"{day}  government {share:4.0%}  {'#' * round(share * 16):<16}")
    for claim in shares:
        if claim.effective == day:
            print(wrapped(f"{'':12}{said(claim)}", indent=14))

# The most exact of these reports, and why the map does not follow it.
(thirteen,) = [claim for claim in shares if claim.value == 13 / 16]
day = timeline.at(thirteen.effective)
held = sum(day[square]["government"] > 0.5 for square in squares)
print(f"\nWhose grid? On {thirteen.effective} a Hezbollah fighter had 13 of the 16 squares taken.")
for told in [thirteen, *(claim for claim in ledger.claims if claim.source == thirteen.source and claim is not thirteen)]:
    print(wrapped(f"{'':12}{told.note} ({', '.join(told.cites)})", indent=14))
others = "; ".join(said(claim) for claim in shares if claim is not thirteen and abs((claim.effective - thirteen.effective).days) <= 2)
print(wrapped("The grid is his side's, and no document draws it or says which 13. The squares of this map are our own, four by four over the "
              f"extent of the city. On that day {held} of them are more likely the government's than not: his is one figure among others "
              f"of those days, and its own side's. {others}.", indent=0))  # fmt: skip

print("\nWhat changed in the city, by whose word:")
print(events_told(timeline, city.id))

print("\nThe reported shares swing without any reported reconquest; a replay that follows\nthe last figure swings with them.")
print("Belief follows none of them alone: the chart has its band beside every reported\nshare.")
share_chart(timeline, "qusayr", "government", "outputs/grid_2013/share.png")
qsim.render(timeline, "outputs/grid_2013/grid.gif", focus="qusayr", progress=True)
print("The chart lies in outputs/grid_2013/share.png,\nthe animation in outputs/grid_2013/grid.gif")
