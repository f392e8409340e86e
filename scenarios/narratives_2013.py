"""Three tellings of one battle: al-Qusayr, 19 - 31 May 2013, as the government's side, the opposition's and neutral voices told it."""

import qsim
from qsim.terminal.story import days, events_told
from qsim.terminal.text import wrapped

FIRST, LAST = days("2013-05-19", "2013-05-31", tried=("2013-05-28", "2013-05-29"))

theatre, ledger = qsim.load("qusayr")
tellings = {}
for side in ("government", "opposition", "neutral"):
    mine, told = qsim.told_by(theatre, ledger, side)
    tellings[side] = qsim.reconstruct(mine, told, start=FIRST, end=LAST, policy="last_claim")
    spoken = [claim for claim in told.claims if claim.window.meets(tellings[side].window)]
    print(f"{side:<11} {len(spoken):>4} claims of these days by {len({claim.source for claim in spoken})} sources")

print(f"\nThe government's share of the city, {FIRST} to {LAST},\nas each side told it:\n")
print(f"{'':<12}" + "".join(f"{side:>12}" for side in tellings))
shares = {side: timeline.share("qusayr", "government") for side, timeline in tellings.items()}
for i, day in enumerate(tellings["neutral"].days):
    print(f"{day}  " + "".join(f"{share[i]:>12.0%}" for share in shares.values()))

print("\nWhat changed, in each telling:")
for side, timeline in tellings.items():
    print(f"\n{side}:")
    print(events_told(timeline))

# Nobody tells only what serves him. What a side says against its own interest is worth more.
print("\nAgainst the interest of the speaker's own side:")
for claim in ledger.claims:
    if ledger.against_interest(claim) and tellings["neutral"].start <= claim.effective <= tellings["neutral"].end:
        print(wrapped(f"{claim.window}  {ledger.source(claim.source).name}: {claim.note} ({claim.cites[0]})"))

print("\nWhere the claims contradict each other:")
for conflict in qsim.conflicts(theatre, ledger, start=FIRST, end=LAST, place="qusayr"):
    print(wrapped(f"{conflict.window}  {theatre.named(conflict.place)}: {conflict.reason} ({len(conflict.claims)} claims)"))

shown = {f"Told by: {side}": timeline for side, timeline in tellings.items()}
qsim.render(shown, "outputs/narratives_2013/tellings.gif", fps=1, progress=True, place="qusayr", side="opposition")
print("\nThe animation, three tellings side by side, lies in\noutputs/narratives_2013/tellings.gif")
