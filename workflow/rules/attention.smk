# Weights and corpus -> results/attention/{corpus}/{model}/{condition}/layers-{first}-{last}.h5: word-level attention of a
# block of layers. All conditions of a lot go through it in one pass over its weights; a condition that is added later is
# a lot of its own (experiment/lots.py). A block starts from the hidden states that the one before it left, so that a job
# loads its own layers only; they are removed once the next block stands, or kept with `keep_states: true`.


ATTENTION = "<results>/attention/{corpus}/{model}/{condition}/layers-{first}-{last}.h5"
CONDITIONS = "<results>/corpus/conditions.json"
LOT = "<results>/corpus/conditions-{lot}.json"
STATES = "<results>/attention/{corpus}/{model}/states-{lot}-{first}-{last}.safetensors"

from readalike.imports import gao2023
from readalike.running.parameters import hand_over_conditions


localrules:
    conditions,
    lot,


try:
    missing.require_sources(
        EXPERIMENT,
        {
            # Where they are: Snakemake fills in its own names only where it makes something.
            model: every(
                ATTENTION.replace("<results>", EXPERIMENT.results),
                model=model,
                corpus=TEXTS,
            )
            for model in EXPERIMENT.extracted
        },
    )
except ReadalikeError as error:
    raise WorkflowError(str(error)) from None


# The texts before the sentences. Not by a script: they would have to go on its command line, which ends at 128 kB.
rule conditions:
    output:
        conditions=CONDITIONS,
    log:
        "<logs>/corpus/conditions.log",
    benchmark:
        "<benchmarks>/corpus/conditions.tsv"
    params:
        # Sorted: their order in the configuration makes nothing again.
        conditions=lambda w: sorted(CONFIG["conditions"].items()),
    run:
        hand_over_conditions(output.conditions, params.conditions)


# Those that are extracted together, removed ones too: what was made of the file stays as it is.
use rule conditions as lot with:
    output:
        conditions=LOT,
    log:
        "<logs>/corpus/conditions-{lot}.log",
    benchmark:
        "<benchmarks>/corpus/conditions-{lot}.tsv"
    wildcard_constraints:
        lot="[0-9]+",
    params:
        conditions=lambda w: sorted(EXPERIMENT.lots[w.lot].written.items()),


# A rule a lot, since its files have no wildcard for the condition. What a profile sets for `attention` holds for all.
for number, (LOT_NAME, OWN) in enumerate(EXPERIMENT.lots.items(), start=1):
    RULE = "attention" if number == 1 else f"attention_{number}"
    as_attention(RULE)

    rule:
        name:
            RULE
        input:
            words=words,
            conditions=LOT.format(lot=LOT_NAME),
            weights=lambda w: weights.files_of(EXPERIMENT, w.model),
            states_before=before(LOT_NAME),
        output:
            attention=[
                ATTENTION.replace("{condition}", folder)
                for folder in OWN.folders.values()
            ],
            states=handed_on(STATES.replace("{lot}", LOT_NAME)),
        log:
            f"<logs>/attention/{{corpus}}/{{model}}/lot-{LOT_NAME}/layers-{{first}}-{{last}}.log",
        benchmark:
            f"<benchmarks>/attention/{{corpus}}/{{model}}/lot-{LOT_NAME}/layers-{{first}}-{{last}}.tsv"
        wildcard_constraints:
            model=one_of(EXPERIMENT.extracted),
        # Before measures that are ready as well: those of one thread would leave too few for it, one after the other.
        priority: 1
        group:
            in_allocation(LOT_NAME)
        conda:
            "../../envs/attention.yaml"
        threads: CONFIG["threads"]
        resources:
            gpu=1,
            mem_mb=extraction_mb(LOT_NAME),
            # Of the GPU; no limit to Snakemake or SLURM, but for a person and `make preflight`.
            device_mb=lambda w: jobs.device_mb(
                weights.size_of(EXPERIMENT, w.model),
                int(w.first),
                int(w.last),
                dtype=MODELS[w.model]["dtype"],
                token_budget=CONFIG["token_budget"],
            ),
            runtime=lambda w, attempt: jobs.minutes(
                weights.size_of(EXPERIMENT, w.model),
                int(w.first),
                int(w.last),
                dtype=MODELS[w.model]["dtype"],
                machine=MACHINE,
                attempt=attempt,
                follows=allocation(w)[0] != (int(w.first), int(w.last)),
            ),
        params:
            code=code_unless_accepted(
                "attention/extract.py", accepted.JOB.replace("{lot}", LOT_NAME)
            ),
            # By the files, and hence no parameter that Snakemake compares: a removed condition makes nothing again.
            names=lambda w, output: [
                Path(file).parent.name.partition("+")[0] for file in output.attention
            ],
            weights=lambda w: weights.weights_folder(EXPERIMENT, w.model),
            delta=lambda w: weights.delta_folders(EXPERIMENT, w.model),
            missing_rows=lambda w: given(
                MODELS[w.model]["weights"].get("delta", {}).get("missing_rows")
            ),
            untrained=lambda w: given(MODELS[w.model]["weights"].get("untrained")),
            trust_remote_code=lambda w: MODELS[w.model]["trust_remote_code"],
            revisions=as_json(lambda w: weights.commits(EXPERIMENT, w.model)),
            model="{model}",
            first="{first}",
            last="{last}",
            layers=lambda w: EXPERIMENT.layers[w.model],
            dtype=lambda w: MODELS[w.model]["dtype"],
            token_budget=CONFIG["token_budget"],
            # Not {threads}, which Snakemake lowers to the cores it was given: results must not depend on them. What
            # counts of them is the parameter below: one by the files is none that Snakemake compares.
            threads=lambda w, output: CONFIG["threads"],
            counted=counted_threads(OWN),
            start_token=lambda w: given(MODELS[w.model].get("start_token")),
            share_prefixes=lambda w: MODELS[w.model]["share_prefixes"],
            kind=CONFIG["attention"],
            storage=lambda w: MODELS[w.model]["storage"],
            keep=kept_in(LOT_NAME, last=False),
            drop=kept_in(LOT_NAME, last=True),
        shell:
            call("attention/extract.py", weights="params", delta="params")
            + " --keep {params.keep:q} --drop {params.drop:q}"


# Attention that others released, in place of weights: the same files, a run of consecutive layers in one condition each.
rule import_attention:
    input:
        words=words,
        arrays=lambda w: EXPERIMENT.released_files(
            w.model, w.condition, int(w.first), int(w.last)
        ),
    output:
        attention=ATTENTION,
    log:
        "<logs>/attention/{corpus}/{model}/{condition}/layers-{first}-{last}.log",
    benchmark:
        "<benchmarks>/attention/{corpus}/{model}/{condition}/layers-{first}-{last}.tsv"
    wildcard_constraints:
        model=one_of(EXPERIMENT.imported),
        condition=one_of(gao2023.PREFIXES),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("attention/import_released.py"),
        folder=lambda w: EXPERIMENT.imported_folder(w.model),
        model="{model}",
        condition="{condition}",
        first="{first}",
        last="{last}",
        layers=lambda w: EXPERIMENT.layers[w.model],
        parameters=lambda w: MODELS[w.model].get("parameters", "nan"),
        crop=lambda w: MODELS[w.model]["imported"].get("crop", False),
    shell:
        call("attention/import_released.py", folder="params")


# By name: Snakemake does not miss a block that only stands between two files that are there.
TARGETS["measures"] += every(ATTENTION)
