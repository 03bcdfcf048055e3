# Weights and corpus -> results/attention/{corpus}/{model}/layers-{first}-{last}.h5: word-level attention of a block
# of layers in all conditions, in one pass over its weights. A block starts from the hidden states that the one before
# it left, so that a job loads its own layers only; they are removed once the next block stands.


ATTENTION = "<results>/attention/{corpus}/{model}/layers-{first}-{last}.h5"
CONDITIONS = "<results>/corpus/conditions.json"
STATES = "<results>/attention/{corpus}/{model}/states-{first}-{last}.safetensors"

from readalike.running.parameters import hand_over_conditions


localrules:
    conditions,


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


rule attention:
    input:
        words=words,
        conditions=CONDITIONS,
        weights=lambda w: weights.files_of(EXPERIMENT, w.model),
        # None before the first block.
        states_before=lambda w: every(
            STATES, corpus=w.corpus, model=w.model, last=str(int(w.first) - 1)
        ),
    output:
        attention=ATTENTION,
        states=temp(STATES),
    log:
        "<logs>/attention/{corpus}/{model}/layers-{first}-{last}.log",
    benchmark:
        "<benchmarks>/attention/{corpus}/{model}/layers-{first}-{last}.tsv"
    wildcard_constraints:
        model=one_of(EXPERIMENT.extracted),
    # Before measures that are ready as well: those of one thread would leave too few for it, one after the other.
    priority: 1
    conda:
        "../../envs/attention.yaml"
    threads: CONFIG["threads"]
    resources:
        gpu=1,
        mem_mb=lambda w, attempt: jobs.memory_mb(
            weights.size_of(EXPERIMENT, w.model),
            int(w.first),
            int(w.last),
            dtype=MODELS[w.model]["dtype"],
            conditions=len(CONFIG["conditions"]),
            attempt=attempt,
        ),
        runtime=lambda w, attempt: jobs.minutes(
            weights.size_of(EXPERIMENT, w.model),
            int(w.first),
            int(w.last),
            dtype=MODELS[w.model]["dtype"],
            attempt=attempt,
        ),
    params:
        code=code("attention/extract.py"),
        weights=lambda w: weights.weights_folder(EXPERIMENT, w.model),
        delta=lambda w: weights.delta_folders(EXPERIMENT, w.model),
        missing_rows=lambda w: given(
            MODELS[w.model]["weights"].get("delta", {}).get("missing_rows")
        ),
        trust_remote_code=lambda w: MODELS[w.model]["trust_remote_code"],
        revisions=as_json(lambda w: weights.commits(EXPERIMENT, w.model)),
        model="{model}",
        first="{first}",
        last="{last}",
        layers=lambda w: EXPERIMENT.layers[w.model],
        dtype=lambda w: MODELS[w.model]["dtype"],
        token_budget=CONFIG["token_budget"],
        # Not {threads}, which Snakemake lowers to the cores it was given: results must not depend on them.
        threads=CONFIG["threads"],
        start_token=lambda w: given(MODELS[w.model].get("start_token")),
        share_prefixes=lambda w: MODELS[w.model]["share_prefixes"],
        kind=CONFIG["attention"],
        storage=lambda w: MODELS[w.model]["storage"],
    shell:
        call("attention/extract.py", weights="params", delta="params")


# Attention that others released, in place of weights: the same files, a run of consecutive layers each.
rule import_attention:
    input:
        words=words,
        arrays=lambda w: EXPERIMENT.released_files(w.model, int(w.first), int(w.last)),
    output:
        attention=ATTENTION,
    log:
        "<logs>/attention/{corpus}/{model}/layers-{first}-{last}.log",
    benchmark:
        "<benchmarks>/attention/{corpus}/{model}/layers-{first}-{last}.tsv"
    wildcard_constraints:
        model=one_of(EXPERIMENT.imported),
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("attention/import_released.py"),
        folder=lambda w: EXPERIMENT.imported_folder(w.model),
        model="{model}",
        first="{first}",
        last="{last}",
        layers=lambda w: EXPERIMENT.layers[w.model],
        parameters=lambda w: MODELS[w.model].get("parameters", "nan"),
        crop=lambda w: MODELS[w.model]["imported"].get("crop", False),
    shell:
        call("attention/import_released.py", folder="params")
