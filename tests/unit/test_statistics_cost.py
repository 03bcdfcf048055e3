"""The benchmark of measures and statistics: its estimates and sums, and commands that are the scripts' own."""

from pathlib import Path

import numpy as np
import pytest

from readalike.files.attention import open_attention
from tests.benchmarks.regression import synthetic_corpus
from tests.benchmarks.statistics_cost import Part, all_layers, attention, command, laid, parts_of
from tests.plumbing import main_of


def test_layers_that_were_not_made_are_estimated_from_two_numbers_of_layers() -> None:
    """A start of 3 s and 2 s a layer; a part that does not grow; one that noise makes shrink."""
    assert all_layers([7, 4, 5], [11, 4, 4.9], 2, 60) == pytest.approx([123, 4, 5])


def test_parts_go_to_the_core_that_is_free_and_statistics_wait() -> None:
    parts = [Part(str(k), script, {}) for k, script in enumerate(["measures/a.py"] * 4 + ["statistics/b.py"] * 2)]
    # 5 and 3 start; 4 follows the 3, and 1 the 5: 7. Then 2 and 1 side by side.
    assert laid(parts, [5, 3, 4, 1, 2, 1], 2) == 9
    assert laid(parts, [5, 3, 4, 1, 2, 1], 1) == 16


def test_attention_that_is_made_sums_to_one(tmp_path: Path) -> None:
    corpus = synthetic_corpus((2, 2))
    attention(tmp_path / "a.h5", corpus, layers=2, heads=3)
    with open_attention([tmp_path / "a.h5"], corpus) as model:
        heads = model.layer("noise", 1)
        assert model.whole
    for k, item in enumerate(corpus.sentences):
        matrix = corpus.matrix(heads[2], k)
        np.testing.assert_allclose(matrix.sum(axis=1), np.ones(len(item.words)), rtol=1e-6)


# What baseline b3 knows of words is a model's own, and the attention here is drawn at random.
OF_WORDS = {"frequency", "surprisal"}


def test_every_part_gives_its_script_all_that_it_takes(tmp_path: Path) -> None:
    for parts in parts_of(tmp_path, landing=True, at_once=True):
        for part in parts:
            taken = set(main_of(part.script).__annotations__) - {"return"} - OF_WORDS
            assert set(part.arguments) == taken, part.name
            words = command(part)
            assert words[1].endswith(part.script)
            assert [word for word in words if word.startswith("--")] == [
                f"--{name.replace('_', '-')}" for name in part.arguments
            ]
