"""What a checkpoint's folder says of it, and what is said where it cannot be read."""

import json
import shutil
from pathlib import Path

import pytest
import sentencepiece
from transformers import LlamaConfig

from readalike.attention.extract import items_of
from readalike.attention.words import tokenise
from readalike.errors import FileFormatError, UnsupportedModelError
from readalike.weights.description import read_config, read_tokenizer
from readalike.weights.tensors import Checkpoint
from tests.tiny_models import DEMO, make_tiny_checkpoint
from tests.unit.test_extract import CONDITIONS, CORPUS


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("plain"), layers=2)


@pytest.fixture
def folder(plain: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    shutil.copytree(plain, tmp_path / "spoilt")
    return tmp_path / "spoilt"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    for read in (read_config, read_tokenizer):
        with pytest.raises(FileFormatError, match="nowhere: there is no such folder"):
            read(Checkpoint(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    "config", ["{", "[]", '{"model_type": "none-such"}', '{"model_type": "llama", "hidden_size": "wide"}']
)
def test_a_configuration_of_no_model(folder: Path, config: str) -> None:
    (folder / "config.json").write_text(config, encoding="utf-8")
    with pytest.raises(FileFormatError, match="(?s)not a model that transformers can load .*save"):
        read_config(Checkpoint(folder))


@pytest.mark.parametrize("number", [0, -1, 10**30])
def test_mending_6_a_number_of_layers_that_cannot_be_is_named(folder: Path, number: int) -> None:
    """Before an empty model of so many is made."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8")) | {"num_hidden_layers": number}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(FileFormatError, match=rf"config\.json: num_hidden_layers is {number}, not a whole number"):
        read_config(Checkpoint(folder))


def test_no_tokenizer(folder: Path) -> None:
    for damaged in ("{", None):
        for name in ("tokenizer.json", "tokenizer_config.json"):
            (folder / name).unlink()
            if damaged is not None:
                (folder / name).write_text(damaged, encoding="utf-8")
        with pytest.raises(FileFormatError, match="(?s)no tokenizer that transformers can load .*save"):
            read_tokenizer(Checkpoint(folder))


def test_code_of_a_tokenizer_runs_only_where_it_is_trusted(folder: Path, own_modules: None) -> None:
    code = "from transformers import PreTrainedTokenizerFast\nclass Own(PreTrainedTokenizerFast):\n    own = True\n"
    (folder / "own.py").write_text(code, encoding="utf-8")
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    config |= {"tokenizer_class": "Own", "auto_map": {"AutoTokenizer": [None, "own.Own"]}}
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(FileFormatError, match="trust_remote_code: true for the model if you trust it"):
        read_tokenizer(Checkpoint(folder))
    assert read_tokenizer(Checkpoint(folder, trust_remote_code=True)).own


class Slow:
    """A tokenizer without offsets."""

    is_fast = False


def test_a_tokenizer_without_offsets_is_refused(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("readalike.attention.extract.read_tokenizer", lambda _: Slow())
    with pytest.raises(UnsupportedModelError, match="tiny: its tokenizer has no offsets"):
        items_of(Checkpoint(plain), CORPUS, CONDITIONS, None, "tiny")


def test_a_sentencepiece_model_without_tokenizer_json(tmp_path: Path) -> None:
    """As LLaMA was first converted: its pieces are SentencePiece's own, behind <s>, and every word has its tokens."""
    text = [line.split("\t")[2] for line in DEMO.read_text(encoding="utf-8").splitlines()[1:]]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text), model_prefix=str(tmp_path / "tokenizer"), byte_fallback=True, minloglevel=2,
        normalization_rule_name="identity", remove_extra_whitespaces=False, model_type="bpe", vocab_size=400,
    )  # fmt: skip
    LlamaConfig(vocab_size=400).save_pretrained(tmp_path)
    about = {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "bos_token": "<s>", "eos_token": "</s>"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(about | {"unk_token": "<unk>"}), encoding="utf-8")
    tokenizer = read_tokenizer(Checkpoint(tmp_path))
    oracle = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "tokenizer.model"))
    for sentence in CORPUS.sentences:
        found = tokenise(tokenizer, sentence, CONDITIONS["noise"], None)
        assert list(found.ids) == [1, *oracle.encode(f"{CONDITIONS['noise']} {sentence.text}")]
        for k, word in enumerate(sentence.words):
            own = [token for token, owner in zip(found.ids, found.words, strict=True) if owner == k]
            assert oracle.decode(own) == word
