# What the rules of attention.smk, and others that need a GPU, ask of a profile and of Snakemake: what they run on, which
# jobs share an allocation of a cluster, what counts of a configuration.
import functools
import shutil

from snakemake.io import IOFile

from readalike.running import accepted

# Jobs that keep their files although code changed.
ACCEPTED = accepted.read_accepted(Path(EXPERIMENT.results))
# Hidden states are removed once the next block stands.
handed_on = str if CONFIG["keep_states"] else temp


def code_unless_accepted(script, job):
    """`code` of a job whose files `make accept` may keep. job : its name there, with wildcards"""
    digest, *versions = code(script).split(", ", 1)
    return lambda w: ", ".join([ACCEPTED.known_as(job.format(**w), digest), *versions])


def before(lot):
    """Input of a lot's job: states of the block before; none for the first.

    What they depend on the job depends on as well: a block that is made again makes none of those behind it again.
    """
    states = STATES.replace("{lot}", lot)
    return lambda w: [
        ancient(path)
        for path in every(
            states, corpus=w.corpus, model=w.model, last=str(int(w.first) - 1)
        )
    ]


# What extraction runs on, as the profile has it.
MACHINE = jobs.machine_of(of_profile("attention"))


@functools.cache
def allocations(model):
    return jobs.allocations(
        weights.size_of(EXPERIMENT, model),
        EXPERIMENT.blocks(model),
        dtype=MODELS[model]["dtype"],
        machine=MACHINE,
    )


def allocation(w):
    """Blocks that a cluster runs in one allocation, this one among them."""
    return next(
        own for own in allocations(w.model) if (int(w.first), int(w.last)) in own
    )


def in_allocation(lot):
    """Snakemake's group of a job: none where it has its allocation for itself."""

    def group(w):
        blocks = allocation(w)
        name = f"attention_{w.corpus}_{w.model}_{lot}_{blocks[0][0]}"
        return name if len(blocks) > 1 else None

    return group


def kept_in(lot, last):
    """Where a job in a shared allocation leaves its outputs for another try, or, of the last, what is then removed.

    Of the files, since it is nothing that Snakemake is to compare.
    """

    def folder(w, output):
        blocks = allocation(w)
        is_last = (int(w.first), int(w.last)) == blocks[-1]
        if workflow.is_main_process or len(blocks) == 1 or is_last != last:
            return []
        place = Path(output.attention[0]).parents[1]
        return [str(place / f"unfinished-{lot}-{blocks[0][0]}")]

    return folder


def drop_unfinished():
    """Remove what jobs of one allocation left for another try: a try of some of them alone has no last one."""
    for folder in Path(EXPERIMENT.results, "attention").glob("*/*/unfinished-*"):
        shutil.rmtree(folder, ignore_errors=True)


def extraction_mb(lot):
    return lambda w, attempt: jobs.memory_mb(
        weights.size_of(EXPERIMENT, w.model),
        int(w.first),
        int(w.last),
        dtype=MODELS[w.model]["dtype"],
        conditions=len(EXPERIMENT.lots[lot].folders),
        attempt=attempt,
    )


def counted_threads(lot):
    """A parameter: the threads of an extraction, which determine the last bits where a processor does it.

    What a GPU did stays as it was recorded, whatever the configuration says now.
    """

    def counted(w):
        # Here, where it is seldom needed: it takes as long to import as all else of this file.
        from readalike.files.attention import device_of

        file = ATTENTION.format(condition=next(iter(lot.folders.values())), **w)
        file = file.replace("<results>", EXPERIMENT.results)
        now = f"threads: {CONFIG['threads']}"
        recorded = workflow.persistence.params(IOFile(file)) or []
        before = next(
            (own[1:-1] for own in recorded if own[1:].startswith("threads: ")), now
        )
        return before if before != now and device_of(Path(file)) == "cuda" else now

    return counted


def as_attention(rule):
    """What a profile or the command line sets for the rule `attention` holds for another that needs a GPU as well."""
    of = workflow.resource_settings._parsed_overwrite_resources
    if "attention" in of:
        of.setdefault(rule, of["attention"])
