"""Crowd-kit's Dawid-Skene on a table of answers, for `country.py`, which runs this by a Python that has crowd-kit: TABLE.npz ANSWER.npz."""

import sys
import time

import numpy as np
import pandas as pd
from crowdkit.aggregation import DawidSkene  # type: ignore[import-not-found]

given = np.load(sys.argv[1])
table = pd.DataFrame({name: given[name] for name in ("task", "worker", "label")})
begin = time.process_time()
found = DawidSkene(n_iter=20).fit_predict_proba(table)
seconds = time.process_time() - begin
np.savez(sys.argv[2], task=found.index.to_numpy(), belief=found.reindex(columns=range(3), fill_value=0.0).to_numpy(), seconds=seconds)
