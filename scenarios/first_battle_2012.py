"""The first battle for al-Qusayr, February - October 2012: hospital, town hall, cemetery, and how the city was divided."""

import os

import qsim
from qsim.terminal.text import wrapped

QUICK = bool(os.environ.get("QSIM_QUICK"))  # the tests play April
FIRST, LAST = ("2012-04-15", "2012-04-24") if QUICK else ("2012-02-10", "2012-10-31")

theatre, ledger = qsim.load("qusayr")
timeline = qsim.reconstruct(theatre, ledger, start=FIRST, end=LAST, policy="hmm")
told = [claim for claim in qsim.record.scope.in_order(ledger.claims) if timeline.start <= claim.effective <= timeline.end]


def tell(claim: qsim.Claim) -> None:
    """Print one claim, with who says so and where."""
    print(wrapped(f"{claim.window}  {ledger.source(claim.source)}: {claim.note} ({claim.cites[0]})"))


print(f"{FIRST} to {LAST}: {len(told)} claims by {len({claim.source for claim in told})} sources.")

# The fight was for a few buildings; each changed hands on somebody's word.
for building in ("qusayr_hospital", "qusayr_town_hall", "qusayr_cemetery"):
    print(f"\n{theatre.place(building)}:")
    for change in timeline.changes():
        if change.place == building:
            print(f"  {change.day}  {change.before} -> {change.after}")
    for claim in told:
        if claim.place == building:
            tell(claim)

print("\nMen who changed sides:")
for toll in qsim.casualties(theatre, ledger, start=FIRST, end=LAST):
    if toll.outcome == "defected":
        tell(toll.claim)

print("\nWho held how much of the city, month by month\n(the expected share of its squares):")
for day, government, opposition in zip(
    timeline.days, timeline.share("qusayr", "government"), timeline.share("qusayr", "opposition"), strict=True
):
    if qsim.record.dates.day(day).day == 20:
        print(f"{day}  government {government:4.0%}  opposition {opposition:4.0%}")

print("\nWhat was said of the city as a whole, or of its halves:")
for claim in told:
    if claim.of_control and claim.kind != "contests" and claim.place in ("qusayr", "qusayr_north_half", "qusayr_south_half"):
        tell(claim)

# Some of this was known late: the map as it looked on the day is another map.
known = qsim.as_known(theatre, ledger, start=FIRST, end=LAST, policy="last_claim")
late = [d for d in timeline.days if not (known.at(d).status == timeline.at(d).status).all()]
print(f"\nOn {len(late)} of {len(timeline)} days the map as it was known on the day\ndiffers from the map as we know it now.")

qsim.render(timeline, "outputs/first_battle_2012/first_battle.gif", fps=8, progress=True)
print("The animation lies in outputs/first_battle_2012/first_battle.gif")
