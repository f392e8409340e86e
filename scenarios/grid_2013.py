"""The city by its sixteen squares: al-Qusayr from 19 May to 5 June 2013, and how far the reports of its share swing."""

import os

import qsim
from qsim.draw.charts.plain import share_chart
from qsim.terminal.text import wrapped

QUICK = bool(os.environ.get("QSIM_QUICK"))  # the tests play three days
FIRST, LAST = ("2013-05-28", "2013-05-30") if QUICK else ("2013-05-19", "2013-06-05")

theatre, ledger = qsim.load("qusayr")
timeline = qsim.reconstruct(theatre, ledger, start=FIRST, end=LAST, policy="hmm")
city = theatre.place("qusayr")

print(f"{city.name}: the government's share of the city, {FIRST} to {LAST},\nand every report of a share.\n")

for day, share in zip(timeline.days, timeline.share("qusayr", "government"), strict=True):
    print(f"{day}  government {share:4.0%}  {'#' * round(share * 16):<16}")
    for claim in ledger.claims:
        if claim.place == "qusayr" and claim.kind == "share" and claim.effective == day:
            bound = {"approx": "about ", "at_least": "at least ", "at_most": "at most "}.get(claim.bound or "", "")
            told = f"{ledger.source(claim.source)}: {claim.side} {bound}{claim.value:.0%} ({', '.join(claim.cites)})"
            print(wrapped(f"{'':12}{told}", indent=14))

print("\nTurning points in the city:")
for event in qsim.belief.events.events(timeline):
    if any(theatre.place(place).parent == "qusayr" for place in event.places):
        print(wrapped(f"{event.day}  {event}"))

print("\nThe reported shares swing without any reported reconquest; a replay that follows\nthe last figure swings with them.")
print("Belief follows none of them alone: the chart has its band beside every reported\nshare.")
share_chart(timeline, "qusayr", "government", "outputs/grid_2013/share.png")
qsim.render(timeline, "outputs/grid_2013/grid.gif", progress=True)
print("The chart lies in outputs/grid_2013/share.png,\nthe animation in outputs/grid_2013/grid.gif")
