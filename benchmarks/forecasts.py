"""
Forecasts of al-Qusayr from four days, by what was known then, scored against the reconstruction from the whole record: a Markdown table.

    python benchmarks/forecasts.py
"""

import qsim
from qsim.forecasts import forecast, outcomes, report

CASES = (
    ("2012-04-20", "2012-02-10", (3, 7, 14, 28)),
    ("2013-05-18", "2013-04-04", (3, 7, 14, 21)),
    ("2013-05-24", "2013-04-04", (3, 7, 14)),
    ("2013-05-29", "2013-04-04", (3, 7, 10)),
)

theatre, ledger = qsim.load("qusayr")
record = qsim.reconstruct(theatre, ledger, start="2012-02-01", end="2013-06-09")
found = []
for moment, since, ahead in CASES:
    made = forecast(theatre, ledger, moment, since=since, days=max(ahead))
    found += outcomes(made, record, ahead_days=ahead)
print(report(found))
print("Places that change are chosen with hindsight, which flatters every forecast that moves.")
