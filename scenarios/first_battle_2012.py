"""The first battle for al-Qusayr, February - October 2012: hospital, town hall, cemetery, and how the city was divided."""

import numpy as np

import qsim
from qsim.terminal.story import days, events_told, told
from qsim.terminal.text import wrapped

FIRST, LAST = days("2012-02-10", "2012-10-31", tried=("2012-04-15", "2012-04-24"))

theatre, ledger = qsim.load("qusayr")
timeline = qsim.reconstruct(theatre, ledger, start=FIRST, end=LAST, policy="hmm")
spoken = [claim for claim in qsim.record.scope.in_order(ledger.claims) if timeline.start <= claim.effective <= timeline.end]
print(f"{FIRST} to {LAST}: {len(spoken)} claims by {len({claim.source for claim in spoken})} sources.")

# The fight was for a few buildings; each changed hands on somebody's word.
for building in ("qusayr_hospital", "qusayr_town_hall", "qusayr_cemetery"):
    print(f"\n{theatre.place(building)}:")
    for claim in spoken:
        if claim.place == building:
            print(told(ledger, claim))

print("\nMen who changed sides:")
for toll in qsim.casualties(theatre, ledger, start=FIRST, end=LAST):
    if toll.outcome == "defected":
        print(wrapped(f"{toll} ({toll.claim.cites[0]})"))

print("\nWho held how much of the city, month by month\n(the expected share of its squares):")
for day, government, opposition in zip(
    timeline.days, timeline.share("qusayr", "government"), timeline.share("qusayr", "opposition"), strict=True
):
    if qsim.record.dates.day(day).day == 20:
        print(f"{day}  government {government:4.0%}  opposition {opposition:4.0%}")

print("\nWhat was said of the city as a whole, or of its halves:")
for claim in spoken:
    if claim.of_control and claim.kind != "contests" and claim.place in ("qusayr", "qusayr_north_half", "qusayr_south_half"):
        print(told(ledger, claim))

print("\nWhat changed, by whose word; nothing is told that nobody reports:")
print(events_told(timeline))

# Some of this was known late. Like is compared with like: the last word on each place by that day, and as we have it now.
known, now = (ask(theatre, ledger, start=FIRST, end=LAST, policy="last_claim") for ask in (qsim.as_known, qsim.reconstruct))
late = [d for d in now.days if not np.array_equal(known.at(d).belief, now.at(d).belief)]
print(f"\nOn {len(late)} of {len(now)} days the last word that was known of some place\nis not the one we know now.")

qsim.render(timeline, "outputs/first_battle_2012/first_battle.gif", fps=8, progress=True)
print("The animation lies in outputs/first_battle_2012/first_battle.gif")
