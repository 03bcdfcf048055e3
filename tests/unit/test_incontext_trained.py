"""Trained heads and layers: seeded, the same prompts for every size, and near the optimum where that is known."""

import numpy as np
import pytest

from readalike.errors import ConfigurationError
from readalike.files.contracts import incontext as contracts
from readalike.incontext import parity_tables, regression, regression_tables, trained_parity, trained_regression
from readalike.incontext.parity import Heads, coded_heads, numbered_heads, pairs
from readalike.incontext.parity_accuracy import Setting
from readalike.incontext.trained_tables import trained_parity as parity_table
from readalike.incontext.trained_tables import trained_regression as regression_table

RECIPE = trained_parity.Recipe(
    d=8, covered=4, g=0.2, rare=0.2, examples=32, starts=2, steps=40, batch=64, rate=0.02, seed=3
)
EIGENVALUES = np.array([1.5, 0.5])
LAYERS = trained_regression.Recipe(
    eigenvalues=(1.5, 0.5), examples=10, starts=4, steps=400, batch=128, rate=0.02, test_prompts=4000, seed=3
)
PARITY: parity_tables.Parity = {
    "features": 8, "covered": 4, "g": 0.2, "examples": [32], "flips": [0, 0.2, 0.5], "prompts": 400,
    "training": {"heads": [4, 6], "rare": [0.1], "examples": 32, "starts": 2, "steps": 20, "batch": 32, "rate": 0.02,
                 "test_examples": [32], "test_prompts": 200},
}  # fmt: skip
REGRESSION: regression_tables.Regression = {
    "eigenvalues": [0.5, 1.5], "examples": 10, "lengths": [5], "demonstrations": [10], "label_noise": [0, 5],
    "input_noise": [0, 1], "prompts": 500,
    "training": {"ranks": [1, 2], "starts": 2, "steps": 20, "batch": 32, "rate": 0.02, "test_prompts": 200},
}  # fmt: skip


def test_batches_are_what_the_setting_says() -> None:
    """Products of query and z: at exact z the two entries of the task tell the label, and the others are 0."""
    recipe = trained_parity.Recipe(**{**vars(RECIPE), "rare": 0.0, "examples": None})
    seen, labels = trained_parity.draw_batch(recipe, 4000, np.random.default_rng(1))
    assert set(labels) == {-1.0, 1.0}
    assert (np.count_nonzero(seen, axis=1) == 2).all()
    assert not seen[:, 4:].any()
    np.testing.assert_allclose(np.abs(seen[seen != 0]), 0.4)
    own = seen[seen != 0].reshape(-1, 2)
    np.testing.assert_array_equal(np.sign(own[:, 0] * own[:, 1]), labels)
    both_down = np.mean((own < 0).all(axis=1))
    assert both_down == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 4000))


def test_rare_tasks_are_of_all_features() -> None:
    tasks = trained_parity.draw_tasks(RECIPE, 20_000, np.random.default_rng(1))
    assert (tasks[:, 0] < tasks[:, 1]).all()
    uncovered = np.mean(tasks[:, 1] >= 4)
    expected = 0.2 * (1 - 6 / 28)
    assert uncovered == pytest.approx(expected, abs=4 * np.sqrt(expected / 20_000))


def test_the_same_seed_gives_the_same_bits_and_every_size_the_same_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[np.ndarray] = []
    plain = trained_parity.draw_batch

    def watched(*given: object) -> tuple[np.ndarray, np.ndarray]:
        batch = plain(*given)  # type: ignore[arg-type]
        drawn.append(batch[0])
        return batch

    monkeypatch.setattr(trained_parity, "draw_batch", watched)
    once, loss = trained_parity.train(4, RECIPE)
    again, same = trained_parity.train(4, RECIPE)
    trained_parity.train(6, RECIPE)
    for a, b in zip(once, again, strict=True):
        np.testing.assert_array_equal(a.diagonals, b.diagonals)
    np.testing.assert_array_equal(loss, same)
    for a, b, c in zip(drawn[:40], drawn[40:80], drawn[80:], strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)
    assert not np.array_equal(once[0].diagonals, once[1].diagonals)


def test_training_learns_and_a_step_goes_down_the_hinge_loss() -> None:
    recipe = trained_parity.Recipe(**{**vars(RECIPE), "examples": None, "steps": 400, "rare": 1.0})
    heads, losses = trained_parity.train(16, recipe)
    best = heads[int(np.argmin(losses))]
    assert trained_parity.exact_accuracy(best, pairs(8), 0.2) > 0.9
    _, short = trained_parity.train(16, trained_parity.Recipe(**{**vars(recipe), "steps": 10}))
    assert losses.min() < short.min() / 2


def test_weight_by_feature() -> None:
    heads = Heads(np.array([[1.0, 2.0], [3.0, 0.0]]), np.array([2.0, -1.0]))
    np.testing.assert_allclose(trained_parity.weight_by_feature(heads), [(4 + 9) / 29, 16 / 29])
    covered = trained_parity.weight_by_feature(coded_heads(4, 8))
    np.testing.assert_allclose(covered, [0.25] * 4 + [0] * 4)


def test_accuracy_at_exact_z_and_on_drawn_prompts() -> None:
    assert trained_parity.exact_accuracy(numbered_heads(4, 8), pairs(4), 0.2) == 1
    assert trained_parity.exact_accuracy(coded_heads(4, 8), pairs(8, 4), 0.2) == 0.5  # ties
    one = trained_parity.tested(coded_heads(4, 8), pairs(4), Setting(64, 0.2, 0.1), 500, [1, 2])
    np.testing.assert_array_equal(
        one, trained_parity.tested(coded_heads(4, 8), pairs(4), Setting(64, 0.2, 0.1), 500, [1, 2])
    )
    assert (one > 0.7).all()


def test_a_trained_layer_is_near_the_best_head_of_its_rank() -> None:
    read = np.array([regression.diagonal_of_best(EIGENVALUES, 10)[0], 0.0])
    found = trained_regression.train(1, read, LAYERS)
    best = int(np.argmin(found.losses))
    assert (np.abs(found.gaps) < 0.02).any()
    # In whichever way a start combines label and input: near it in loss is near it in what is kept.
    near = np.abs(found.gaps) < 0.02
    np.testing.assert_allclose(found.kept[near], np.tile(read * EIGENVALUES, (near.sum(), 1)), atol=0.1)
    # The loss on test prompts is that of the formula, within its error.
    expected = regression.pretraining_loss(EIGENVALUES, 10, 1)
    assert found.losses[best] - found.gaps[best] == pytest.approx(expected, abs=0.15)
    again = trained_regression.train(1, read, LAYERS)
    np.testing.assert_array_equal(found.kept, again.kept)


def test_tables_have_a_row_for_all_that_was_asked() -> None:
    tested, weights = parity_table(PARITY, "finite", 1)
    assert list(tested.columns) == contracts.TRAINED_PARITY.names
    assert len(tested) == 2 * 2 * 2 * 3
    assert list(weights.columns) == contracts.TRAINED_WEIGHT.names
    np.testing.assert_allclose(weights.groupby(["heads", "start"])["weight"].sum(), 1)
    layers = regression_table(REGRESSION, 1)
    assert list(layers.columns) == contracts.TRAINED_REGRESSION.names
    assert len(layers) == 2 * 2 * 2
    for table, settings in ((parity_table, PARITY), (regression_table, REGRESSION)):
        without = {key: value for key, value in settings.items() if key != "training"}
        with pytest.raises(ConfigurationError, match="training is missing"):
            table(without, *(["finite", 1] if table is parity_table else [1]))  # type: ignore[operator]
