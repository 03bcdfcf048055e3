# Weights, corpus -> results/surprisal/{corpus}/{model}.csv: how unexpected every word is to a model, by a pass over the
# sentences alone, so that attention that stands is not made again; results/frequency/{corpus}.csv: how frequent.
# With both, resemblance has baseline b3.


SURPRISAL = "<results>/surprisal/{corpus}/{model}.csv"
FREQUENCY = "<results>/frequency/{corpus}.csv"

from readalike.experiment import words as of_words

if notice := of_words.warning(EXPERIMENT):
    logger.warning(notice)


rule frequency:
    input:
        words=words,
    output:
        table=FREQUENCY,
    log:
        "<logs>/frequency/{corpus}.log",
    benchmark:
        "<benchmarks>/frequency/{corpus}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("measures/frequency.py"),
        corpus_name="{corpus}",
    shell:
        call("measures/frequency.py")


as_attention("surprisal")


rule surprisal:
    input:
        words=words,
        weights=lambda w: weights.files_of(EXPERIMENT, w.model),
    output:
        table=SURPRISAL,
    log:
        "<logs>/surprisal/{corpus}/{model}.log",
    benchmark:
        "<benchmarks>/surprisal/{corpus}/{model}.tsv"
    wildcard_constraints:
        model=one_of(EXPERIMENT.extracted),
    conda:
        "../../envs/attention.yaml"
    threads: CONFIG["threads"]
    resources:
        gpu=1,
        mem_mb=lambda w, attempt: max(
            jobs.memory_mb(
                weights.size_of(EXPERIMENT, w.model),
                *block,
                dtype=MODELS[w.model]["dtype"],
                conditions=1,
                attempt=attempt,
            )
            for block in EXPERIMENT.blocks(w.model)
        ),
        runtime=lambda w, attempt: jobs.minutes(
            weights.size_of(EXPERIMENT, w.model),
            0,
            EXPERIMENT.layers[w.model] - 1,
            dtype=MODELS[w.model]["dtype"],
            machine=MACHINE,
            attempt=attempt,
        ),
    params:
        code=code("attention/surprisal.py"),
        weights=lambda w: weights.weights_folder(EXPERIMENT, w.model),
        delta=lambda w: weights.delta_folders(EXPERIMENT, w.model),
        missing_rows=lambda w: given(
            MODELS[w.model]["weights"].get("delta", {}).get("missing_rows")
        ),
        untrained=lambda w: given(MODELS[w.model]["weights"].get("untrained")),
        trust_remote_code=lambda w: MODELS[w.model]["trust_remote_code"],
        corpus_name="{corpus}",
        model="{model}",
        blocks=as_json(lambda w: EXPERIMENT.blocks(w.model)),
        dtype=lambda w: MODELS[w.model]["dtype"],
        token_budget=CONFIG["token_budget"],
        threads=CONFIG["threads"],
        start_token=lambda w: given(MODELS[w.model].get("start_token")),
    shell:
        call("attention/surprisal.py", weights="params", delta="params")


measured(SURPRISAL, corpus=TEXTS, model=of_words.with_surprisal(EXPERIMENT))
TARGETS["measures"] += every(FREQUENCY, corpus=of_words.with_frequency(EXPERIMENT))
