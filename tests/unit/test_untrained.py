"""Models before their training: drawn as transformers draws them, the same in any split, and nothing of a file read."""

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from readalike.attention.blocks import Block
from readalike.attention.extract import Extraction, extract_block
from readalike.attention.untrained import draw
from readalike.configuration import check, read_schema
from readalike.errors import ConfigurationError, UnsupportedModelError
from readalike.weights.description import read_config
from readalike.weights.files import weight_files
from readalike.weights.tensors import Checkpoint
from tests.running import ROOT
from tests.tiny_models import FAMILIES, make_tiny_checkpoint
from tests.unit.test_extract import ATTENTION_TOL, CONDITIONS, CORPUS, LOSS_TOL

# Of a standard deviation estimated from some thousand numbers, or of some hundred.
MANY, FEW = 0.1, 0.3


def run(checkpoint: Checkpoint, first: int = 0, last: int = 3, **options: Any) -> Extraction:
    settings: dict[str, Any] = {"token_budget": 64, "dtype": "float32", "threads": 1, "device": "cpu", "layers": 4}
    settings |= {"model_name": "tiny", "first": first, "last": last, "progress": False}
    return extract_block(checkpoint, CORPUS, CONDITIONS, **{**settings, **options})


@pytest.fixture(params=sorted(FAMILIES))
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return make_tiny_checkpoint(tmp_path / request.param, family=request.param)


def test_weights_are_drawn_as_transformers_draws_them(folder: Path) -> None:
    """By parameter: constants are the same, and what is random has the same spread."""
    checkpoint = Checkpoint(folder, untrained=1)
    config = read_config(checkpoint)
    torch.manual_seed(5)
    expected = dict(AutoModelForCausalLM.from_config(config, dtype=torch.float32).named_parameters())
    found = dict(Block(checkpoint, config, 0, 3, torch.float32).model.named_parameters())
    assert found
    drawn = 0
    for name, parameter in found.items():
        other = expected[name].detach()
        assert parameter.shape == other.shape
        if float(other.std()) == 0:
            assert torch.equal(parameter, other), name
        else:
            drawn += 1
            ratio = float(parameter.std() / other.std())
            assert abs(math.log(ratio)) < (MANY if other.numel() > 2000 else FEW), (name, ratio)
            assert not torch.equal(parameter, other)
    assert drawn > 8


def test_a_split_draws_what_the_whole_draws_and_nothing_is_read(folder: Path, tmp_path: Path) -> None:
    checkpoint = Checkpoint(folder, untrained=1)
    trained, whole = run(Checkpoint(folder)), run(checkpoint)
    for path in weight_files(folder):
        path.write_bytes(b"nothing of use")
    states = [tmp_path / f"{k}.safetensors" for k in range(4)]
    for k, (first, last) in enumerate([(0, 0), (1, 2), (3, 3)]):
        part = run(checkpoint, first, last, states_in=states[k - 1] if k else None, states_out=states[k])
        for name in CONDITIONS:
            own, of_whole = part.conditions[name], whole.conditions[name]
            np.testing.assert_allclose(own.attention, of_whole.attention[first : last + 1], atol=ATTENTION_TOL)
            if last == 3:
                np.testing.assert_allclose(own.loss, of_whole.loss, atol=LOSS_TOL)
    assert whole.attributes["weights"] == {"drawn with seed": 1}
    assert float(np.abs(whole.conditions["plain"].attention - trained.conditions["plain"].attention).max()) > 1e-3
    other = run(dataclasses.replace(checkpoint, untrained=2))
    assert float(np.abs(other.conditions["plain"].attention - whole.conditions["plain"].attention).max()) > 1e-3
    # It guesses: about the logarithm of the vocabulary a token.
    nats = whole.conditions["plain"].loss.sum() / whole.conditions["plain"].tokens.sum()  # type: ignore[union-attr]
    assert abs(nats - math.log(read_config(checkpoint).get_text_config().vocab_size)) < 0.3


def test_global_random_numbers_are_left_alone(tmp_path: Path) -> None:
    checkpoint = Checkpoint(make_tiny_checkpoint(tmp_path / "model"), untrained=1)
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    Block(checkpoint, read_config(checkpoint), 0, 3, torch.float32)
    assert torch.equal(torch.rand(1), expected)


def test_a_parameter_that_no_class_draws_is_refused(tmp_path: Path) -> None:
    config = read_config(Checkpoint(make_tiny_checkpoint(tmp_path / "model")))
    with torch.device("meta"):
        model: Any = AutoModelForCausalLM.from_config(config)
        model.model.norm.register_parameter("strange", torch.nn.Parameter(torch.ones(3)))
    with pytest.raises(UnsupportedModelError, match=r"how model.norm.strange is drawn"):
        draw(model, 1)


def test_a_configuration_with_one(tmp_path: Path) -> None:
    def configured(**more: Any) -> dict[str, Any]:
        weights = {"folder": "resources/models/tiny-0.1m"}
        models = {name: {"weights": dict(weights)} for name in ("a", "b", "c")}
        models["drawn"] = {"weights": {**weights, "untrained": 1}}
        demo = {"sentences": "resources/demo/sentences.tsv"}
        reader = {"simulate": {"readers": 4, "seed": 1, "profile": "native"}}
        return {
            "corpora": {"demo": demo}, "groups": {"L1": {"corpus": "demo", "saccades": reader}}, "models": models,
            "conditions": {"plain": ""}, "seed": 1, **more,
        }  # fmt: skip

    assert check(configured(comparisons={"tuning": [["drawn", "a"]]}), read_schema(ROOT))
    with pytest.raises(ConfigurationError, match="scaling_law: drawn is untrained"):
        check(configured(scaling_law=["a", "b", "drawn"]), read_schema(ROOT))
    wrong = configured()
    wrong["models"]["drawn"]["weights"]["delta"] = {"folder": "x"}
    with pytest.raises(ConfigurationError, match="models.drawn.weights.untrained: nothing is left of a delta"):
        check(wrong, read_schema(ROOT))
