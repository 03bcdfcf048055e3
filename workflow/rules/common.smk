# What every stage shares: the checked configuration, digests of code, names of files.
import dataclasses
import functools
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml
from snakemake.common import get_appdirs
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

ROOT = Path(workflow.basedir)
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE))

from readalike import (
    configuration,
    digests,
    jobs,
    provenance,
)  # noqa: E402  (found through the path above)
from readalike.weights import revisions  # noqa: E402
from readalike.weights.files import weight_files  # noqa: E402
from readalike.imports import gao2023  # noqa: E402
from readalike.reproduction.workbooks import WORKBOOKS  # noqa: E402
from readalike.errors import FileFormatError, ReadalikeError  # noqa: E402


def revision():
    """Commit of the project, with `-dirty` behind it where files were changed since, or `unknown` without git."""
    command = [
        "git",
        "-C",
        str(ROOT),
        "describe",
        "--always",
        "--dirty",
        "--abbrev=40",
        "--exclude=*",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"


# Jobs find the library in this checkout, whatever environment they run in, and where no environment is activated for
# them, the interpreter that runs Snakemake: `.venv/bin/snakemake` needs no activated .venv. The revision goes into the
# record that each output has, and is no parameter: a commit that changes no code makes nothing again.
shell.prefix(f"export PYTHONPATH={SOURCE}; export {provenance.REVISION}={revision()}; ")
os.environ.update(
    PATH=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()])
)


def is_dry_run():
    """Whether jobs are only listed; Snakemake itself tells it too late."""
    return any(
        # Short options that take no value may stand together.
        re.fullmatch("-[npqFk]*n[npqFk]*|--dry-?run", word)
        for word in sys.argv
    )


def warn_of_hidden_profile():
    """Snakemake looks for a profile in the current folder first: the project's `slurm` hides one of the user's own."""
    asked = (
        re.search(r"--profile[ =]slurm( |$)", " ".join(sys.argv))
        or os.environ.get("SNAKEMAKE_PROFILE") == "slurm"
    )
    for folder in (get_appdirs().user_config_dir, get_appdirs().site_config_dir):
        own = Path(folder) / "slurm"
        if asked and own.exists():
            logger.warning(
                f"--profile slurm is this project's, workflow/profiles/slurm, and hides {own}; "
                f"to use that one: --profile {own}"
            )


def load_configuration():
    """The configuration, checked; a user's mistake ends in one message."""
    for file in workflow.configfiles:
        configuration.read_strict(Path(file))
    schema = yaml.safe_load(
        (ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text()
    )
    checked, notices = configuration.without_absent(
        configuration.check(config, schema), ROOT
    )
    for notice in notices:
        logger.warning(notice)
    return checked


try:
    CONFIG = load_configuration()
    REVISIONS = revisions.read_revisions(ROOT / "revisions.lock")
    if is_dry_run():
        # What a run would take can be seen before anything was looked up, or where there is no network.
        REVISIONS = revisions.planned(CONFIG["models"], REVISIONS)
    LAYERS = {
        name: configuration.number_of_layers(
            name, model, ROOT, REVISIONS, archived=CONFIG["archived"]
        )
        for name, model in CONFIG["models"].items()
    }
except ReadalikeError as error:
    raise WorkflowError(str(error)) from None

warn_of_hidden_profile()

CORPORA, GROUPS, MODELS = CONFIG["corpora"], CONFIG["groups"], CONFIG["models"]
COMPARISONS = {"scaling": [], "tuning": [], **CONFIG["comparisons"]}
CACHE = os.path.relpath(ROOT / Path(CONFIG["cache"]).expanduser())
PREFIXED = [name for name in CONFIG["conditions"] if name != "plain"]
IMPORTED = [name for name, model in MODELS.items() if "imported" in model]
# Corpora with text; those known by lengths only serve the comparison of imported attention with brain regions.
TEXTS = [name for name, corpus in CORPORA.items() if "lengths" not in corpus]


def one_of(names):
    """A wildcard that is one of the configured names, so that no file of one rule looks like another's."""
    return "|".join(re.escape(name) for name in names)


wildcard_constraints:
    corpus=one_of(CORPORA),
    group=one_of(GROUPS),
    high=one_of(GROUPS),
    low=one_of(GROUPS),
    model=one_of(MODELS),
    a=one_of(MODELS),
    b=one_of(MODELS),
    kind="scaling|tuning|reference",
    first="[0-9]+",
    last="[0-9]+",


@functools.cache
def code(script):
    """Digest of a script and the library modules it imports: a parameter of every rule."""
    return digests.code_digest(ROOT / "scripts" / script, SOURCE)


def script(name):
    """How a job calls a script, from this checkout, wherever the working directory is."""
    return f"python {os.path.relpath(ROOT / 'scripts' / name)}"


def as_json(value):
    """A parameter that is equal when the entries are equal, in whatever order they were written."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def located(path):
    """A path of the configuration: absolute, or relative to the folder of the Snakefile."""
    return os.path.relpath(ROOT / Path(path).expanduser())


def conditions_of(model):
    """Conditions for which there is attention of a model: those configured, or those that were released."""
    if model in IMPORTED:
        return gao2023.conditions_and_layers(Path(imported_folder(model)))[0]
    return list(CONFIG["conditions"])


def is_whole(model):
    """Whether every layer of a model is there; best layers, quarters and sizes need all."""
    return sum(last - first + 1 for first, last in blocks(model)) == LAYERS[model]


def as_list(value):
    return [value] if isinstance(value, str) else list(value)


@functools.cache
def events_files(folder):
    """All events files below a data set's folder, sorted; the folder itself where there are none."""
    found = sorted(
        str(path) for path in Path(located(folder)).glob("sub-*/func/*_events.tsv")
    )
    return found or [located(folder)]


def require(found, made, message):
    """Find what is missing before any job runs; in an archive, unless what was made of it is there."""
    kept = CONFIG["archived"] and all(Path(file).exists() for file in made)
    if not found and not kept:
        raise WorkflowError(message)


def require_events(entry, made):
    for folder in as_list(entry.get("events", [])):
        require(
            events_files(folder) != [located(folder)],
            made,
            f"{located(folder)}: no events files (sub-*/func/*_events.tsv); "
            "correct events: in the configuration or put the data there",
        )


for name, corpus in CORPORA.items():
    require_events(corpus, [f"results/corpus/{name}/words.tsv"])
for name, group in GROUPS.items():
    saccades = group.get("saccades", {})
    require_events(saccades, [f"results/gaze/{name}.h5"])
    if "path" in saccades:
        require(
            Path(located(saccades["path"])).is_file(),
            [f"results/gaze/{name}.h5"],
            f"groups.{name}.saccades.path: no file {located(saccades['path'])}; "
            "correct path: in the configuration or put the table there",
        )


def words(wildcards):
    """words.tsv of the corpus that a job works on."""
    corpus = (
        GROUPS[wildcards.group]["corpus"]
        if hasattr(wildcards, "group")
        else wildcards.corpus
    )
    return f"results/corpus/{corpus}/words.tsv"


def imported_folder(model):
    return located(MODELS[model]["imported"]["path"])


def blocks(model):
    """First and last layer of each attention file of a model."""
    if "imported" in MODELS[model]:
        return gao2023.runs(
            gao2023.conditions_and_layers(Path(imported_folder(model)))[1]
        )
    return configuration.blocks(LAYERS[model], MODELS[model]["layers_per_job"])


def attention(corpus, model):
    """The attention files of a model on a corpus, one a block of layers."""
    return [
        f"results/attention/{corpus}/{model}/layers-{first}-{last}.h5"
        for first, last in blocks(model)
    ]


def attention_for_group(wildcards):
    return attention(GROUPS[wildcards.group]["corpus"], wildcards.model)


def models_on(corpus):
    """Models that have attention on a corpus: without text only those whose attention was imported."""
    return list(MODELS) if corpus in TEXTS else IMPORTED


def compared(kind):
    """Pairs of models of a kind of comparison; the reference is one pair or none."""
    pairs = COMPARISONS.get(kind, [])
    return [pairs] if kind == "reference" and pairs else pairs
