"""The pincer of 2013: how the ring around al-Qusayr closed, village by village, 4 April - 8 June 2013."""

import os

import qsim

QUICK = bool(os.environ.get("QSIM_QUICK"))  # the tests play a week
FIRST, LAST = ("2013-05-25", "2013-06-01") if QUICK else ("2013-04-04", "2013-06-08")

theatre, ledger = qsim.load("qusayr")
timeline = qsim.reconstruct(theatre, ledger, start=FIRST, end=qsim.dates.after(LAST), policy="hmm")

print(f"{theatre.title}: {FIRST} to {LAST}, {len(ledger)} claims by {len(ledger.sources)} sources.")
print("What changed in the most likely history, and on whose word (in brackets).\n")

# The countryside first: what changed, by whose word.
for event in qsim.replay.events(timeline):
    print(f"{event.day}  {event}")

# Then the ring: how many ways out the city had, on the day they changed.
print("\nWays out of the city for the opposition, on the map so read:")
ways = qsim.exits(timeline.most_likely(), "qusayr", "opposition")
for yesterday, day, before, now in zip(timeline.days, timeline.days[1:], ways, ways[1:], strict=False):
    if len(before) != len(now):
        print(f"{day}  {now} (on {yesterday}: {before})")

# What was reported of the ring itself is another witness; the two need not agree.
print("\nWhat was said of the ring:")
for claim in qsim.evidence.in_order(ledger.claims):
    if claim.place == "qusayr" and claim.kind in ("encircles", "opens") and timeline.start <= claim.effective < timeline.end:
        print(f"{claim.window}  {ledger.source(claim.source)}: {claim.note} ({', '.join(claim.cites)})")

# The toll, as the sources give it; the figures overlap and contradict each other and are not to be summed.
print("\nCivilians and residents killed, by who says so:")
for claim in ledger.claims:
    if (
        claim.kind == "casualties"
        and claim.side is None
        and claim.of.endswith("killed")
        and timeline.start <= claim.window.start < timeline.end
    ):
        print(f"{claim.window}  {ledger.source(claim.source)}: {claim.note} ({', '.join(claim.cites)})")

qsim.render(timeline, "outputs/pincer_2013/pincer.gif", progress=True)
print("\nThe animation lies in outputs/pincer_2013/pincer.gif")
