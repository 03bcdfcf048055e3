# What all rules share, and nothing of one stage: how a script is called, what is to be made.
import functools

from readalike import jobs
from readalike.conditions import PLAIN
from readalike.experiment import missing, paths, readers, weights
from readalike.running import (
    arguments,
    began,
    environment,
    known_digests,
    slurm_states,
)
from readalike.running.parameters import as_json, given, one_of

CONFIG, CORPORA, GROUPS, MODELS = (
    EXPERIMENT.config,
    EXPERIMENT.corpora,
    EXPERIMENT.groups,
    EXPERIMENT.models,
)
TEXTS = EXPERIMENT.with_text
STYLE = CONFIG["figures"].get("style", {})

# Where jobs go to SLURM: those that were preempted, and cancelled by it, are submitted again.
slurm_states.mend_loaded()

# What jobs compute with: environments of their own where there are such (--sdm), otherwise this one.
VERSIONS = (
    environment.pinned(ROOT / "envs" / "requirements.txt")
    if workflow.deployment_settings.deployment_method
    else environment.installed()
)
if workflow.is_main_process and "environment" not in CONFIG["rerun_on"]:
    if outdated := environment.outdated(Path(EXPERIMENT.results), VERSIONS):
        logger.warning(outdated)

# Jobs are refused where they would run other code than this run begins with, or by another plan.
plan = began.plan_files(ROOT)
configured = [CONFIG, EXPERIMENT.layers, EXPERIMENT.locked]
if workflow.is_main_process:
    began.begin(began.plan_digest(plan, configured))
else:
    began.compare(
        began.plan_digest(plan, configured),
        [*plan, CONFIGURED, ROOT / "revisions.lock"],
    )

# Of what each script does, with the library that it reaches.
CODE = known_digests.digests_of(ROOT, Path(EXPERIMENT.cache_folder))

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
    """Digest of what a script does; a parameter everywhere. With `rerun_on: [environment]` versions stand behind it."""
    path, digest = ROOT / "scripts" / script, CODE[script]
    if workflow.is_main_process:
        began.tell(path, digest)
    if "environment" in CONFIG["rerun_on"]:
        return f"{digest}, {environment.versions_for(path, SOURCE, VERSIONS)}"
    return digest


def call(script, **places):
    """The shell command that gives a script each argument, quoted, from input, output or params of the same name.

    The script's signature says from which; `places` names another place.
    """
    path = ROOT / "scripts" / script
    return (
        f"{asked.python(path)} {arguments.command_line(path, **places)} --log {{log:q}}"
    )


def of_profile(rule):
    """What a profile or the command line sets as resources of a rule."""
    given = workflow.resource_settings.overwrite_resources.get(rule, {})
    return {name: getattr(value, "raw", value) for name, value in given.items()}


def in_order(name):
    """A parameter of whatever sets files side by side: the inputs of a rule in order, which Snakemake compares as a set.

    No function of `input`: what derives from it is no reason for Snakemake to make a file again.
    """
    return lambda wildcards: [
        str(file) for file in workflow.get_rule(name).expand_input(wildcards)[0]
    ]


def words(wildcards):
    """words.tsv of the corpus that a job works on."""
    corpus = (
        EXPERIMENT.corpus_of(wildcards.group)
        if hasattr(wildcards, "group")
        else wildcards.corpus
    )
    return f"<results>/corpus/{corpus}/words.tsv"


def measured(pattern, **only):
    """Add the files of a measure, `pattern`, to those of each model."""
    for model in set(only.pop("model", MODELS)) & set(MODELS):
        MEASURES_OF[model] += every(pattern, model=model, **only)


def drawn(stem, category):
    """Output of a figure: the picture twice and the data it draws. `stem` names its caption too."""
    caption = ROOT / "workflow" / "report" / f"{stem.partition('-{')[0]}.rst"
    return {
        "pdf": f"<results>/figures/{stem}.pdf",
        "png": report(
            f"<results>/figures/{stem}.png", caption=str(caption), category=category
        ),
        "csv": f"<results>/figures/{stem}.csv",
    }


def figure_files(stem, **wildcards):
    """What a figure adds to the targets: its files for every value of its wildcards."""
    return expand(
        f"<results>/figures/{stem}.{{ending}}",
        ending=["pdf", "png", "csv"],
        **wildcards,
    )


def table_files(stem):
    """Output of a table that a person reads."""
    return {ending: f"<results>/tables/{stem}.{ending}" for ending in ("csv", "tex")}
