"""What a user writes reaches a job as it is: nothing is expanded, and nothing runs."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from tests.running import ROOT, few_readers, short_sentences, snakemake
from tests.tiny_models import make_tiny_checkpoint

pytestmark = pytest.mark.slow

# Wildcards of the rules, what shells expand, quotes, line ends, what formats and JSON read.
STRANGE = "{model} $(touch PWNED) `touch PWNED`; 'x' \"y\" \\n %s {{z}}\n$HOME é\t!"


def no_command_ran(*folders: Path) -> bool:
    return not any(found for folder in folders for found in folder.rglob("PWNED"))


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A configuration with strange texts and paths, and the folder where it is run."""
    folder = tmp_path_factory.mktemp("strange")
    place = folder / "a b$(touch PWNED); 'x'"
    place.mkdir()
    sentences = short_sentences(place).rename(place / "-s $HOME.tsv")
    make_tiny_checkpoint(place / "-m &", layers=2, heads=2, seed=1, tied=True)
    events = {"corpus": "short", "saccades": {"events": str(place / "e `x`"), "exclude": {"sub-01": STRANGE}}}
    config = {
        "corpora": {"short": {"sentences": str(sentences)}},
        "groups": {"L1": few_readers(1, "native"), "L2": events},
        "conditions": {"plain": "", "strange": STRANGE},
        "models": {"m": {"weights": {"folder": str(place / "-m &")}}},
        "bootstrap_draws": 100,
        "permutations": 100,
        "seed": 1,
    }
    simulated = snakemake(folder, config | {"groups": {"L1": few_readers(1, "native")}}, "results/gaze/L1.h5")
    assert simulated.returncode == 0, simulated.stdout[-3000:]
    shutil.copytree(folder / "results/gaze/simulated/L1", place / "e `x`")
    return folder, config


def test_mending_1_conditions_reach_the_model_as_they_are(strange: tuple[Path, dict[str, Any]]) -> None:
    folder, config = strange
    done = snakemake(folder, config, "results/attention/short/m/plain/layers-0-1.h5")
    assert done.returncode == 0, done.stdout[-3000:]
    assert json.loads((folder / "results/corpus/conditions-1.json").read_text(encoding="utf-8"))["strange"] == STRANGE
    assert no_command_ran(folder)


def test_mending_1_reasons_and_paths_reach_the_reader_as_they_are(strange: tuple[Path, dict[str, Any]]) -> None:
    folder, config = strange
    done = snakemake(folder, config, "results/gaze/L2.h5")
    assert done.returncode == 0, done.stdout[-3000:]
    corpus = read_corpus(folder / "results/corpus/short/words.tsv")
    assert read_gaze(folder / "results/gaze/L2.h5", corpus).excluded == {"sub-01": STRANGE}
    assert no_command_ran(folder)


def test_mending_1_a_condition_may_be_longer_than_a_command_line(strange: tuple[Path, dict[str, Any]]) -> None:
    folder, config = strange
    long = STRANGE * 4000
    assert len(long) > 200_000
    described = Path(config["models"]["m"]["weights"]["folder"]) / "config.json"
    text = described.read_text(encoding="utf-8")
    described.write_text(text.replace('"max_position_embeddings": 128', '"max_position_embeddings": 1000000'))
    config = config | {"conditions": {"plain": "", "long": long}}
    done = snakemake(folder, config, "results/corpus/conditions.json")
    assert done.returncode == 0, done.stdout[-3000:]
    assert json.loads((folder / "results/corpus/conditions.json").read_text(encoding="utf-8"))["long"] == long


def test_mending_5_a_checkout_may_lie_anywhere_and_runs_its_own_library(tmp_path: Path) -> None:
    project = tmp_path / "my $(touch PWNED) work; 'x'"
    command = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (
            name.startswith(("Snakefile", "workflow/", "scripts/", "src/", "envs/", "resources/demo"))
            and (ROOT / name).is_file()
        ):
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, project / name)
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    make_tiny_checkpoint(tmp_path / "m", layers=2, heads=2, seed=1, tied=True)
    config |= {"models": {"m": {"weights": {"folder": str(tmp_path / "m")}}}, "comparisons": {}, "scaling_law": []}
    config |= {"results": "results"}
    done = snakemake(tmp_path / "run", config, "results/gaze/L1.h5", project=project)
    assert done.returncode == 0, done.stdout[-3000:]
    assert no_command_ran(tmp_path)
    # A job that meets another library says so.
    text = (project / "src/readalike/running/asked.py").read_text(encoding="utf-8")
    stolen = text.replace("shlex.quote(str(source))", repr(str(ROOT / "src")))
    assert stolen != text
    (project / "src/readalike/running/asked.py").write_text(stolen, encoding="utf-8")
    done = snakemake(tmp_path / "run", config, "results/gaze/L2.h5", project=project)
    assert done.returncode != 0
    assert "runs with the library in " in done.stdout
    assert not (tmp_path / "run/results/gaze/L2.h5").exists()


@pytest.mark.parametrize("name", ["a{b}", "a:b"])
def test_mending_5_a_checkout_whose_path_would_be_misread_is_refused(name: str, tmp_path: Path) -> None:
    project = tmp_path / name
    for part in ("workflow", "src", "scripts"):
        shutil.copytree(ROOT / part, project / part)
    shutil.copy(ROOT / "Snakefile", project)
    done = snakemake(tmp_path / "run", (ROOT / "config.yaml").read_text(encoding="utf-8"), "-n", project=project)
    assert done.returncode != 0
    assert "move it to another folder" in done.stdout
