# What all rules share, and nothing of one stage: the checked configuration, how a script is called, what is to be made.
import functools
import os
import sys
from pathlib import Path

from snakemake.common import get_appdirs
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

ROOT = Path(workflow.basedir)
SOURCE = ROOT / "src"
sys.path.insert(0, str(SOURCE))

from readalike import jobs, strict_yaml  # noqa: E402  (found through the path above)
from readalike.errors import ReadalikeError  # noqa: E402
from readalike.experiment import missing, paths, readers, weights  # noqa: E402
from readalike.experiment.experiment import experiment_of  # noqa: E402
from readalike.running import arguments, asked, digests, messages, records  # noqa: E402
from readalike.running.parameters import as_json, given, one_of  # noqa: E402

# What is wrong with a job stands last, once.
logger.addFilter(messages.LastWords())

# Jobs find the library in this checkout, whatever environment they run in, and where no environment is activated for
# them, the interpreter that runs Snakemake: `.venv/bin/snakemake` needs no activated .venv. The revision goes into the
# record that each output has, and is no parameter: a commit that changes no code makes nothing again.
shell.prefix(asked.shell_prefix(SOURCE))
PYTHON = str(Path(sys.executable).parent)
os.environ["PATH"] = os.pathsep.join([PYTHON, *os.get_exec_path()])
os.environ[records.REVISION] = asked.revision_of(ROOT)


try:
    for file in workflow.configfiles:
        strict_yaml.read_strict(Path(file))
    asked.require_plain_path(ROOT)
    EXPERIMENT, notices = experiment_of(
        config, ROOT, dry_run=asked.is_dry_run(sys.argv)
    )
except ReadalikeError as error:
    raise WorkflowError(str(error)) from None
for notice in notices:
    logger.warning(notice)
for own in asked.hidden_profiles(
    sys.argv,
    os.environ,
    [get_appdirs().user_config_dir, get_appdirs().site_config_dir],
):
    logger.warning(
        f"--profile slurm is this project's, workflow/profiles/slurm, and hides {own}; to use that one: --profile {own}"
    )

CONFIG, CORPORA, GROUPS, MODELS = (
    EXPERIMENT.config,
    EXPERIMENT.corpora,
    EXPERIMENT.groups,
    EXPERIMENT.models,
)
TEXTS = EXPERIMENT.with_text
STYLE = CONFIG["figures"].get("style", {})

# What there is to make, by target; every file of rules adds what it makes. Measures of one model stand apart: they are
# shown together, and are one job on a cluster.
TARGETS = {"measures": [], "statistics": [], "tables": [], "figures": [], "reports": []}
MEASURES_OF = {model: [] for model in MODELS}
every = functools.partial(paths.every, EXPERIMENT)


wildcard_constraints:
    corpus=one_of(CORPORA),
    group=one_of(GROUPS),
    high=one_of(GROUPS),
    low=one_of(GROUPS),
    model=one_of(MODELS),
    a=one_of(MODELS),
    b=one_of(MODELS),
    comparison="scaling|tuning|reference",
    first="[0-9]+",
    last="[0-9]+",


@functools.cache
def code(script):
    """Digest of what a script does, with the library that it reaches; a parameter everywhere."""
    return digests.code_digest(ROOT / "scripts" / script, SOURCE)


def call(script, **places):
    """The shell command that gives a script each argument, quoted, from input, output or params of the same name.

    The script's signature says from which; `places` names another place.
    """
    path = ROOT / "scripts" / script
    return (
        f"{asked.python(path)} {arguments.command_line(path, **places)} --log {{log:q}}"
    )


def in_order(rule):
    """A parameter of every rule that sets files side by side: its inputs in order, which Snakemake compares as a set.

    No function of `input`: what derives from it is no reason for Snakemake to make a file again.
    """
    return lambda wildcards: [
        str(file) for file in workflow.get_rule(rule).expand_input(wildcards)[0]
    ]


def words(wildcards):
    """words.tsv of the corpus that a job works on."""
    corpus = (
        EXPERIMENT.corpus_of(wildcards.group)
        if hasattr(wildcards, "group")
        else wildcards.corpus
    )
    return f"results/corpus/{corpus}/words.tsv"


def measured(pattern, **only):
    """Add the files of a measure, `pattern`, to those of each model."""
    for model in set(only.pop("model", MODELS)) & set(MODELS):
        MEASURES_OF[model] += every(pattern, model=model, **only)


def drawn(stem, category):
    """Output of a figure: the picture twice and the data it draws. `stem` names its caption too."""
    caption = ROOT / "workflow" / "report" / f"{stem.partition('-{')[0]}.rst"
    return {
        "pdf": f"results/figures/{stem}.pdf",
        "png": report(
            f"results/figures/{stem}.png", caption=str(caption), category=category
        ),
        "csv": f"results/figures/{stem}.csv",
    }


def figure_files(stem, **wildcards):
    """What a figure adds to the targets: its files for every value of its wildcards."""
    return expand(
        f"results/figures/{stem}.{{ending}}", ending=["pdf", "png", "csv"], **wildcards
    )


def table_files(stem):
    """Output of a table that a person reads."""
    return {ending: f"results/tables/{stem}.{ending}" for ending in ("csv", "tex")}
