"""The whole campaign, November 2011 - June 2013: two battles, and a winter of which almost nothing was reported."""

from dataclasses import replace

import numpy as np

import qsim
from qsim.belief.events import ANNOUNCED
from qsim.terminal.story import days, events_told, toll_told

FIRST, LAST = days("2011-11-01", "2013-06-08", tried=("2012-07-28", "2012-08-05"))

theatre, ledger = qsim.load("qusayr")
timeline = qsim.reconstruct(theatre, ledger, start=FIRST, end=LAST, policy="hmm")

# Silence is not peace: what nobody has spoken of for two months is an old report, and is shown as unknown again; so is what nobody has
# spoken of yet, though later reports tell something of it.
not_yet = np.isnat(timeline.last_report)
silent = ~not_yet & (timeline.days[:, None] - timeline.last_report > np.timedelta64(60, "D"))
unheard = silent | not_yet
spoken = replace(
    timeline,
    belief=np.where(unheard[..., None], 1 / len(timeline.statuses), timeline.belief),
    history=np.where(unheard, np.int8(-1), timeline.history),
)
cells = [place.polygon is not None for place in theatre.places]

print(f"{theatre.title}: {len(ledger)} claims by {len(ledger.sources)} sources.\n")
print("How many places and squares each side held on the first of each month, where")
print(f"that is believed with more than {ANNOUNCED:.0%}; `undecided` where nothing is, `silent`")
print("what was once spoken of, but not for two months, `not yet` never so far; at the")
print("end of a row stand the days since the last word on anything.\n")
names = [*(side.id for side in theatre.sides), "contested", "undecided", "silent", "not yet"]
widths = [11] * len(theatre.sides) + [10, 10, 7, 8]
print(f"{'':<10}" + "".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True)))

for d, heard in enumerate(spoken):
    if heard.day.day == 1:
        sure = heard.belief[cells].max(axis=1) > ANNOUNCED
        held = [int((sure & (heard.belief[cells].argmax(axis=1) == code)).sum()) for code in range(len(timeline.statuses))]
        undecided = int((~sure & ~unheard[d, cells]).sum())
        age = int(np.min(timeline.days[d] - timeline.last_report[d][~not_yet[d]]).astype(int)) if not not_yet[d].all() else 0
        counts = [*held, undecided, silent[d, cells].sum(), not_yet[d, cells].sum()]
        row = "".join(f"{count:>{width}}" for count, width in zip(counts, widths, strict=True))
        print(f"{heard.day}{row} {age:>3} {'.' * (age // 15)}")

reported = np.array([(timeline.last_report[d] == day).any() for d, day in enumerate(timeline.days)])
quiet = np.flatnonzero(~reported)
runs = np.split(quiet, np.flatnonzero(np.diff(quiet) > 1) + 1) if len(quiet) else []
print("\nThe longest silences: nobody spoke of who held any place, anywhere on the map.")
for run in sorted(runs, key=len, reverse=True)[:5]:
    print(f"{timeline.days[run[0]]} to {timeline.days[run[-1]]}  {len(run)} days")

print("\nWhat changed in the city, by whose word:")
print(events_told(timeline, "qusayr"))

print(f"\n{toll_told(timeline)}")

qsim.render(spoken, "outputs/campaign/campaign.gif", fps=12, progress=True)
print("\nThe animation lies in outputs/campaign/campaign.gif;\nwhat falls silent there turns unknown.")
