"""The whole campaign, November 2011 - June 2013: two battles, and a winter of which almost nothing was reported."""

import os
from dataclasses import replace

import numpy as np

import qsim
from qsim.record.casualties import casualties_text
from qsim.terminal.text import wrapped

QUICK = bool(os.environ.get("QSIM_QUICK"))  # the tests play the end of the first battle and the silence after it
FIRST, LAST = ("2012-07-28", "2012-08-05") if QUICK else ("2011-11-01", "2013-06-08")

theatre, ledger = qsim.load("qusayr")
timeline = qsim.reconstruct(theatre, ledger, start=FIRST, end=LAST, policy="hmm")

# Silence is not peace: what nobody has spoken of for two months is an old report, and is shown as unknown again.
silent = timeline.days[:, None] - timeline.last_report > np.timedelta64(60, "D")
spoken = replace(
    timeline,
    belief=np.where(silent[..., None], 1 / len(timeline.statuses), timeline.belief),
    history=np.where(silent, np.int8(-1), timeline.history),
)

print(f"{theatre.title}: {len(ledger)} claims by {len(ledger.sources)} sources.\n")
print("Places and squares on the first of each month, in the most likely history;")
print("`silent` were once spoken of, but not for two months; at the end of a row\nstand the days since the last word on anything.\n")
print(f"{'':<12}{'government':>11}{'opposition':>11}{'contested':>10}{'silent':>8}{'never told':>11}")

for now, heard in zip(timeline, spoken, strict=True):
    if now.day.day == 1:
        held, unknown = heard.counts(), now.counts()["unknown"]
        age = min((days for place in now if (days := now.silent_days(place)) is not None), default=0)
        sides = f"{held['government']:>11}{held['opposition']:>11}{held['contested']:>10}"
        print(f"{now.day}  {sides}{held['unknown'] - unknown:>8}{unknown:>11}   {age:>4} {'.' * (age // 10)}")

reported = np.array([(timeline.last_report[d] == day).any() for d, day in enumerate(timeline.days)])
quiet = np.flatnonzero(~reported)
runs = np.split(quiet, np.flatnonzero(np.diff(quiet) > 1) + 1) if len(quiet) else []
print("\nThe longest silences: nobody spoke of who held any place, anywhere on the map.")
for run in sorted(runs, key=len, reverse=True)[:5]:
    print(f"{timeline.days[run[0]]} to {timeline.days[run[-1]]}  {len(run)} days")

print("\nThe turning points of the city:")
for event in qsim.belief.events.events(timeline):
    if any(theatre.place(place).parent == "qusayr" for place in event.places):
        print(wrapped(f"{event.day}  {event}"))

print(
    "\nThe toll among civilians, and among people for whom no side is given, as far as\nanybody counted (that of fighters: `qsim casualties qusayr`):\n"
)
tolls = qsim.casualties(theatre, ledger, start=timeline.start, end=timeline.end)
print(casualties_text(theatre, [toll for toll in tolls if toll.side is None]))

qsim.render(spoken, "outputs/campaign/campaign.gif", fps=12, progress=True)
print("\nThe animation lies in outputs/campaign/campaign.gif;\nwhat falls silent there turns unknown.")
