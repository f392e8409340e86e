"""
What each part of the belief model is worth: the model without it, on left-out claims, on made-up wars and on rival maps left out.

    python benchmarks/belief.py [SCENARIO ...]        # qusayr and example where none is named

The claims left out of a scenario are scored by the natural logarithm of what is foretold of them (10 folds), paired with the whole model:
above 0, the model foretells worse without the part. Made-up wars (`tests/wars.py`) know the truth: Brier scores over all places and near
the front; of four rival maps each is foretold from the others. After +- one standard error, over claims or wars. What is measured on the
wars owes nothing to the model; neither does any of it to known answers of a battle.
"""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import qsim
from qsim.belief.foretelling import left_out
from qsim.belief.hmm import hmm
from qsim.belief.reconstruct import Policy
from qsim.belief.vote import vote
from qsim.record.settings import Model

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from synthetic import START
from wars import War, maps, war

SEEDS, RIVALS, NAMES = range(6), range(4), ("strict", "wary", "certain", "copy")
NEVER = 1e9
WITHOUT: Mapping[str, Mapping[str, object]] = {
    "the model": {},
    "- learned quiet hazard": {"quiet_changes": 4.0 * NEVER, "quiet_days": 1000.0 * NEVER},  # .004 a day everywhere
    "- silence heard": {"detection": 0.0},
    "- group factor": {"clear_held": 0.0, "clear_taken": 0.0, "clear_all": 0.0},
    "- yields to the specific": {"loose_days": 0},
    "- runs": {"run_days": 0.001},
    "- learning from the others": {"learn": False},
    "- own readings": {"readings_strength": NEVER},
    "- against interest": {"against_interest": 1.0},
    "- not before": {"not_before": 0.0},
    "- fighting somewhere (every part as busy)": {"somewhere": 0.0},
    "- delays": {"delays": False},
    "- drift": {"drift": 1.0},
    "- only sides near": {"elsewhere": 1.0},
    "- withdrawals": {"weight_withdraws": 0.0},
}


def policies() -> dict[str, Policy | str]:
    """Return the model, the model without each of its parts, and the simple policies."""
    models = {name: partial(hmm, model=Model(**changed)) for name, changed in WITHOUT.items()}  # type: ignore[arg-type]
    return {
        **models,
        "vote, 7 days": partial(vote, half_life_days=7),
        "vote, 30 days": partial(vote, half_life_days=30),
        "last_claim": "last_claim",
    }


def mean(values: NDArray[np.float64]) -> str:
    """Return a mean with its standard error."""
    return f"{values.mean():+.3f} +- {values.std(ddof=1) / len(values) ** 0.5:.3f}"


def claims(scenario: str, policy: Policy | str) -> NDArray[np.float64]:
    """Return the log score of every claim of a scenario that can be left out."""
    theatre, ledger = qsim.load(scenario)
    return np.array([each.log_score for each in left_out(theatre, ledger, policy=policy)])


def distance(made: War, status: NDArray[np.int8], policy: Policy | str, *, late: bool = False) -> NDArray[np.float64]:
    """
    Return the squared distance of belief from a status, shape (days, places); `late` as one sees it who is as late as the sources are.
    """
    found = qsim.reconstruct(made.theatre, made.ledger, start=START, end=START + np.timedelta64(len(status) - 1, "D"), policy=policy)
    delays = found.model.get("delays")
    behind = (
        round(sum(delays.values()) / len({claim.source for claim in made.ledger.claims})) if late and isinstance(delays, Mapping) else 0
    )
    belief = found.belief[np.maximum(0, np.arange(len(status)) - behind)]
    return np.asarray(((belief - (status[..., None] == np.arange(3))) ** 2).sum(axis=-1))


def wars(policy: Policy | str) -> NDArray[np.float64]:
    """Return the Brier scores of every war, over all places and near the front, shape (wars, 2)."""
    found = [(distance(war(seed), war(seed).status, policy), war(seed).near_front) for seed in SEEDS]
    return np.array([(each.mean(), each[near].mean()) for each, near in found])


def rivals(policy: Policy | str) -> NDArray[np.float64]:
    """Return the Brier score of each map left out, the mean over maps, shape (wars,)."""
    told = []
    for seed in RIVALS:
        made, drawn = maps(seed)
        told.append(
            np.mean(
                [
                    distance(War(made.theatre, made.ledger.without(name), made.status), drawn[name], policy, late=True).mean()
                    for name in NAMES
                ]
            )
        )
    return np.array(told)


def mapped(policy: Policy | str) -> NDArray[np.float64]:
    """Return the Brier score of wars told by maps alone, against the truth, shape (wars,)."""
    return np.array([distance(maps(seed)[0], maps(seed)[0].status, policy).mean() for seed in RIVALS])


def main(scenarios: list[str]) -> None:
    """Print the table."""
    heads = [f"{name}: log score lost" for name in scenarios] + [
        "wars: Brier all",
        "near the front",
        "told by maps: Brier",
        "maps left out: Brier",
    ]
    print("| | " + " | ".join(heads) + " |\n|" + "---|" * (len(heads) + 1))
    whole: dict[str, NDArray[np.float64]] = {}
    for name, policy in policies().items():
        cells = []
        for scenario in scenarios:
            scores = claims(scenario, policy)
            first = whole.setdefault(scenario, scores)
            cells.append(f"0 ({scores.mean():.3f}, {len(scores)} claims)" if first is scores else mean(first - scores))
        of_wars = wars(policy)
        cells += [f"{column.mean():.3f}" for column in of_wars.T] + [f"{of(policy).mean():.3f}" for of in (mapped, rivals)]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ["qusayr", "example"])
