"""The benchmark of resemblance on tiny sizes: its ways agree, its lines are whole, its memory is of the child alone."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from readalike.corpus import FloatArray
from tests.benchmarks import regression
from tests.benchmarks.regression import GIB, SAME, SENTENCES, SLOW, TARGETS, Inputs, measured, memory, speed

CORPUS = regression.synthetic_corpus((4, 3, 3))


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return regression.synthetic_inputs(CORPUS, layers=3, heads=4, readers=3)


def test_every_way_gives_the_same_r2_of_the_layers_asked_for(inputs: Inputs) -> None:
    found = {name: way(inputs, [2, 0]) for name, way in SLOW.items()}
    found |= {"ours": regression.in_sample(inputs, [2, 0]), "all columns": regression.all_columns(inputs, [2, 0])}
    X = inputs.arrays[2]
    rows, signal = [], []
    for item in CORPUS.sentences:
        for i in range(len(item.words)):
            for j in range(i + 1):
                rows.append([1, *X[item.article - 1, item.sentence - 1, :, i, j]])
                signal.append(inputs.readers[1][item.article, item.sentence][i, j])
    y = np.array(signal)
    residual = y - np.array(rows) @ np.linalg.lstsq(np.array(rows), y)[0]
    for name, scores in found.items():
        assert scores.shape == (2, 3), name
        assert scores[0, 1] == pytest.approx(1 - residual @ residual / ((y - y.mean()) ** 2).sum(), abs=SAME), name
        np.testing.assert_allclose(scores, found["ours"], rtol=0, atol=SAME, err_msg=name)


def test_speed_gives_a_line_a_way(inputs: Inputs) -> None:
    lines = speed(inputs, rounds=2, some=[1], threads=1)
    assert [line["case"].removeprefix("in-sample R2 beside ") for line in lines] == [*SLOW, "all columns"]
    for line in lines:
        assert json.loads(json.dumps(line)) == line
        assert line["largest_difference"] <= SAME
        assert (line["data"], line["layers"], line["heads"], line["readers"]) == ("synthetic", 3, 4, 3)
        assert line["blas_threads"] == [1]
        assert 0 < line["ratio_lowest"] <= line["ratio"] <= line["ratio_highest"]
    assert lines[-1]["ratio_to_all_columns"] == 1
    judged = {line["case"]: line["met"] for line in lines if "met" in line}
    assert len(judged) == len(TARGETS)


def test_null_models_are_timed_on_the_same_scores() -> None:
    lines = regression.null_models(heads=3, readers=2, rounds=1)
    assert [line["case"] for line in lines] == ["20 shuffles", "100 swaps by sums", "100 swaps by refits"]
    for line in lines:
        assert json.loads(json.dumps(line)) == line
        assert line["median_s"] > 0
        assert (line["heads"], line["signals"], line["pairs"]) == (3, 4, 8953)
        assert line["sentences_and_attentions"] > 148


def test_scores_that_differ_end_the_benchmark(inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(X: FloatArray) -> FloatArray:
        return np.eye(len(X), 1)

    monkeypatch.setattr(regression, "orthonormal", wrong)
    with pytest.raises(SystemExit, match="rows rebuilt for each fit: R2 differs by"):
        speed(inputs, rounds=1, some=[0], threads=None)


def test_the_synthetic_corpus_is_as_large_as_the_real_one() -> None:
    assert regression.synthetic_corpus(SENTENCES).n_pairs == 8953


def test_peak_memory_is_of_the_child_alone() -> None:
    mine = np.ones(200 * 2**17)  # 200 MiB in this process
    _, small = measured(sys.executable, "-S", "-c", "pass")
    _, large = measured(sys.executable, "-S", "-c", "print(len(b'x' * (100 << 20)))")
    assert small < 100 * 2**20 < mine.nbytes
    assert large - small == pytest.approx(100 * 2**20, rel=0.1)


def test_a_child_that_fails_ends_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="what went wrong"):
        measured(sys.executable, "-c", "import sys; sys.exit('what went wrong')")


def test_memory_of_the_real_scripts(tmp_path: Path) -> None:
    lines = memory(tmp_path, released=None, sentences=(4, 3), layers=3, heads=4)
    assert [line["case"] for line in lines] == ["memory of importing", "memory of scoring"]
    for line in lines:
        assert line["shape"][:2] == [3, 4]
        assert (line["data"], line["conditions"], line["readers"]) == ("synthetic", 1, 51)
        assert 20 < line["peak_mib"] < GIB / 2**20
        assert line["met"]
