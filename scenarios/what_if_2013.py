"""What if: the battle of 2013 simulated from what was known on its eve, 18 May, and three things that could have gone otherwise."""

import os

import numpy as np

import qsim
from qsim.forecasts import forecast
from qsim.metrics import encirclement, share
from qsim.rules import Hold, Intervention, Open, Reinforce
from qsim.simulation import difference, first_time, simulate

QUICK = bool(os.environ.get("QSIM_QUICK"))  # the tests play a week, a few hundred times
EVE, DAYS, RUNS = "2013-05-18", 7 if QUICK else 21, 512 if QUICK else 10_000

# What was known on the eve, and the rules that fit the five weeks before it.
theatre, ledger = qsim.load("qusayr")
eve = forecast(theatre, ledger, EVE, since="2013-04-04", days=DAYS, runs=RUNS)
print(f"Rules fitted to the reports known on {EVE}, about 4 April to then:\n\n{eve.rules.table()}\n")

# The relief of 30 May brought some 300 fighters to 1,900 (004:107#2, 004:113#1); nobody knew of it on the eve, so all branches are given it.
relief, tenfold = (Reinforce("opposition", "qusayr", 1 + men / 1900, start=None if QUICK else "2013-05-30") for men in (300, 3000))
road = [Hold(village, "opposition") for village in ("burak", "haret_al_turkumen", "hamidiya")]
questions: dict[str, list[Intervention]] = {
    "the air base had held": [relief, Hold("dabaa_airbase", "opposition")],
    "the relief of 30 May had been ten times larger": [tenfold],
    "the last road by Hamidiya had stayed open": [relief, Open("supply_line_hamidiya"), *road],
}


def played(*interventions: Intervention) -> qsim.Ensemble:
    """Return the battle under the fitted rules; one seed, so that all branches share their luck."""
    return simulate(eve.known.at(EVE), eve.rules, days=DAYS, runs=RUNS, seed=7, interventions=interventions)


battle = played(relief)
recorded = qsim.reconstruct(theatre, ledger, start=EVE, end=str(battle.days[-1] + 1))
print(f"{'days after the eve, and shares: 5%, 50%, 95%':<46}{'ring closes':>18}{'city falls':>18}{'share, 29 May':>20}{'last day':>20}")
for name, histories in {"the record": recorded.sample(RUNS, seed=7), "simulated": battle}.items():
    held = share(histories, "qusayr", "government")
    days = [first_time(encirclement(histories, "qusayr", "opposition")), first_time(held > 0.97)]
    told = ["  ".join(f"{d:.0f}" for d in np.quantile(each, (0.05, 0.5, 0.95))) for each in days]
    told += ["  ".join(f"{s:.0%}" for s in np.quantile(held[:, day], (0.05, 0.5, 0.95))) for day in (min(11, DAYS), DAYS)]
    print(f"{name:<46}{told[0]:>18}{told[1]:>18}{told[2]:>20}{told[3]:>20}")

print("\nWhat if ...? Differences from the simulated battle, with 90% intervals of the mean (of luck; the rules are taken as fitted):")
for question, interventions in questions.items():
    otherwise = played(*interventions)
    closure = difference(battle, otherwise, lambda h: first_time(encirclement(h, "qusayr", "opposition")))
    city = difference(battle, otherwise, lambda h: share(h, "qusayr", "government")[:, -1])
    (early, late), (less, more) = closure.interval(), city.interval()
    print(f"\n... {question}?")
    print(f"  the ring closes {closure.mean:+.2f} days later ({early:+.2f} to {late:+.2f}), where never counts as day {DAYS + 1}")
    print(f"  the government's share of the city is {city.mean:+.1%} on the last day ({less:+.1%} to {more:+.1%})")

qsim.render({"record": recorded, "simulated": battle.mean()}, "outputs/what_if_2013/what_if.gif", fps=2, progress=True)
print("\nThe mean of the simulation beside the record lies in outputs/what_if_2013/what_if.gif")
