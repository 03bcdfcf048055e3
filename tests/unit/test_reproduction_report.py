"""The report of the reproduction: every model has its own paragraph, with its own layer."""

import pandas as pd

from readalike.files.contracts.statistics import TESTS
from readalike.reproduction.report import _groups


def test_each_model_is_compared_with_the_groups_at_its_own_best_layer() -> None:
    scores = {"gpt": [0.05, 0.30, 0.10], "llama": [0.20, 0.10, 0.15]}
    rows = [
        {
            **{"model": model, "a": "L2", "b": "L1", "signal": "number", "index": layer, "scale": "r2", "test": test},
            **{"mean_a": 2 * score, "mean_b": score, "statistic": 3.0, "p": 0.01},
        }
        for model, by_layer in scores.items()
        for layer, score in enumerate(by_layer)
        for test in ("independent t", "Welch t", "clustered t")
    ]
    text = "\n".join(_groups(pd.DataFrame(rows, columns=TESTS.names)))
    assert "gpt, layer 1 (one-sided, L2 above L1):" in text
    assert "0.600 against 0.300" in text
    assert "llama, layer 0 (one-sided, L2 above L1):" in text
    assert "0.400 against 0.200" in text
