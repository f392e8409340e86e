"""What if: the battle of 2013 simulated from what was known on its eve, 18 May, and three things that could have gone otherwise."""

from pathlib import Path

import qsim
from qsim.cli.play import NO_FORECAST, beside_the_record, in_words, recorded_shares
from qsim.geography.metrics import encirclement, share
from qsim.simulation.differences import difference, first_time
from qsim.simulation.forecasts import checks_report, forecast, predictive_checks
from qsim.simulation.interventions import Hold, Intervention, Open, Reinforce
from qsim.simulation.model import simulate
from qsim.terminal.story import quick
from qsim.terminal.text import wrapped

QUICK = quick()  # the tests play a week, a few hundred times
EVE, DAYS, RUNS, DRAWS = "2013-05-18", 7 if QUICK else 21, 512 if QUICK else 10_000, 40
# What was known on the eve, the links reported cut by then, and the rules that fit the six weeks before it, drawn as the record leaves them open.
theatre, ledger = qsim.load("qusayr")
eve = forecast(theatre, ledger, EVE, since="2013-04-04", days=DAYS, runs=RUNS)
rules = eve.fitted.draw(DRAWS, seed=7)

# The relief of 30 May brought some 300 fighters to 1,900 (004:107#2, 004:113#1); nobody knew of it on the eve, so all branches are given it.
COMES, CAME = (None, "the relief of 30 May, moved to the first day,") if QUICK else ("2013-05-30", "the relief of 30 May")
relief, tenfold = (Reinforce("opposition", "qusayr", 1 + men / 1900, start=COMES) for men in (300, 3000))
road = [Hold(village, "opposition") for village in ("burak", "haret_al_turkumen", "hamidiya")]
questions: dict[str, list[Intervention]] = {
    "the air base had held": [relief, Hold("dabaa_airbase", "opposition")],
    f"{CAME} had been ten times larger": [tenfold],
    "the last road by Hamidiya had stayed open": [relief, Open("supply_line_hamidiya"), *road],
}


def played(*interventions: Intervention) -> qsim.Ensemble:
    """Return the battle with the links cut that were reported cut; one seed, so that all branches share their luck and their rules."""
    return simulate(eve.known.at(EVE), rules, days=DAYS, runs=RUNS, seed=7, interventions=[*eve.cuts, *interventions])


battle = played(relief)
recorded = qsim.reconstruct(theatre, ledger, start=EVE, end=battle.days[-1])
on = str(battle.days[min(11, DAYS)])
print(wrapped(f"The battle from what was known on {EVE}, with {CAME} simulated, beside the record.", indent=0))
print(f"What does not come about within these {DAYS} days counts as day {DAYS + 1}.\n")
print(checks_report(predictive_checks(battle, recorded.sample(RUNS, seed=7), place="qusayr", inside="opposition", by="government", on=on)))

for question, interventions in questions.items():
    otherwise = played(*interventions)
    print(f"\nWhat if {question}?")
    closure = difference(battle, otherwise, lambda h: first_time(encirclement(h, "qusayr", "opposition")))
    never, then = (1 - encirclement(h, "qusayr", "opposition").any(axis=1).mean() for h in (battle, otherwise))
    print(f"  The day on which the ring closes moves by, in days:\n  {in_words(closure, DRAWS)};")
    print(f"  it does not close within these days in {never:.0%} of the runs, otherwise in {then:.0%}.")
    city = difference(battle, otherwise, lambda h: 100 * share(h, "qusayr", "government")[:, -1])
    print(f"  The government's share of the city at the end changes by, in points:\n  {in_words(city, DRAWS)}.")

print("\nIn brackets: 90 % intervals of the mean, of luck, and over the rules left open.")
shares = recorded_shares(theatre, ledger, "qusayr", recorded.start, recorded.end, "hmm")
print(wrapped(f"{NO_FORECAST} {beside_the_record(theatre, recorded.end, shares, Path('scenarios/qusayr/README.md'))}", indent=0))
print(f"\nThe rules, fitted to the reports known on {EVE}, from about 4 April to then:\n\n{eve.rules.table()}\n")
film = qsim.render({"record": recorded, "simulated": battle.mean()}, "outputs/what_if_2013/what_if.gif", fps=2, progress=True)
print(f"The mean of the simulation beside the record lies in\n{film}")
