"""What if: the battle of 2013 simulated from what was known on its eve, 18 May, and three things that could have gone otherwise."""

import os

import qsim
from qsim.differences import difference, first_time
from qsim.forecasts import checks_report, forecast, predictive_checks
from qsim.metrics import encirclement, share
from qsim.rules import Hold, Intervention, Open, Reinforce
from qsim.simulation import simulate

QUICK = bool(os.environ.get("QSIM_QUICK"))  # the tests play a week, a few hundred times
EVE, DAYS, RUNS, DRAWS = "2013-05-18", 7 if QUICK else 21, 512 if QUICK else 10_000, 40

# What was known on the eve, the links reported cut by then, and the rules that fit the six weeks before it, drawn as the record leaves them open.
theatre, ledger = qsim.load("qusayr")
eve = forecast(theatre, ledger, EVE, since="2013-04-04", days=DAYS, runs=RUNS)
rules = eve.fitted.draw(DRAWS, seed=7)
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
    """Return the battle with the links cut that were reported cut; one seed, so that all branches share their luck and their rules."""
    return simulate(eve.known.at(EVE), rules, days=DAYS, runs=RUNS, seed=7, interventions=[*eve.cuts, *interventions])


battle = played(relief)
recorded = qsim.reconstruct(theatre, ledger, start=EVE, end=str(battle.days[-1] + 1))
on = str(battle.days[min(11, DAYS)])
print(f"Simulated from {EVE}, and the record; day {DAYS + 1} stands for never:\n")
print(checks_report(predictive_checks(battle, recorded.sample(RUNS, seed=7), place="qusayr", inside="opposition", by="government", on=on)))

for question, interventions in questions.items():
    otherwise = played(*interventions)
    print(f"\nWhat if {question}?")
    closure = difference(battle, otherwise, lambda h: first_time(encirclement(h, "qusayr", "opposition")))
    (low, high), (less, more) = closure.interval(), closure.over_rules(DRAWS)
    print(f"  The ring closes {closure.mean:+.2f} days later (luck {low:+.2f} to {high:+.2f}; rules {less:+.2f} to {more:+.2f}).")
    city = difference(battle, otherwise, lambda h: share(h, "qusayr", "government")[:, -1])
    (low, high), (less, more) = city.interval(), city.over_rules(DRAWS)
    print(
        f"  The government's share of the city is {city.mean:+.1%} at the end (luck {low:+.1%} to {high:+.1%}; rules {less:+.1%} to {more:+.1%})."
    )
print("\nIn brackets: 90 % intervals of the mean, of luck alone, and over the rules that the record leaves open.")

qsim.render({"record": recorded, "simulated": battle.mean()}, "outputs/what_if_2013/what_if.gif", fps=2, progress=True)
print("The mean of the simulation beside the record lies in outputs/what_if_2013/what_if.gif")
