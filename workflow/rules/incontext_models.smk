# Weights and tasks -> results/incontext/models/{model}/{task}/: what a model answers when the demonstrations before a
# question are noisy, and where the last token of its prompts looks. One job a model and task, as an extraction.

ANSWERS = "<results>/incontext/models/{model}/{task}/answers.csv"
CONTEXT_ATTENTION = "<results>/incontext/models/{model}/{task}/attention.h5"
ASKING = INCONTEXT.get("models", {})
TASKS = ASKING.get("tasks", {})
# One whose weights are drawn answers by chance.
ASKED_IN_CONTEXT = [m for m in EXPERIMENT.extracted if m in EXPERIMENT.trained]


wildcard_constraints:
    task=one_of(TASKS),


as_attention("incontext_ask")


rule incontext_ask:
    input:
        texts=lambda w: EXPERIMENT.located(TASKS[w.task]),
        irrelevant=(
            [EXPERIMENT.located(ASKING["irrelevant"])]
            if "irrelevant" in ASKING
            else []
        ),
        weights=lambda w: weights.files_of(EXPERIMENT, w.model),
    output:
        answers=ANSWERS,
        attention=CONTEXT_ATTENTION,
    log:
        "<logs>/incontext/models/{model}/{task}.log",
    benchmark:
        "<benchmarks>/incontext/models/{model}/{task}.tsv"
    wildcard_constraints:
        model=one_of(ASKED_IN_CONTEXT),
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
                tokens=jobs.asked_tokens(ASKING),
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
            tokens=jobs.asked_tokens(ASKING),
        ),
    params:
        code=code("incontext/ask.py"),
        weights=lambda w: weights.weights_folder(EXPERIMENT, w.model),
        delta=lambda w: weights.delta_folders(EXPERIMENT, w.model),
        missing_rows=lambda w: given(
            MODELS[w.model]["weights"].get("delta", {}).get("missing_rows")
        ),
        untrained=lambda w: given(MODELS[w.model]["weights"].get("untrained")),
        trust_remote_code=lambda w: MODELS[w.model]["trust_remote_code"],
        task="{task}",
        model="{model}",
        # Without the files, so that another task makes nothing of this one again.
        settings=as_json(
            {k: v for k, v in ASKING.items() if k not in ("tasks", "irrelevant")}
        ),
        blocks=as_json(lambda w: EXPERIMENT.blocks(w.model)),
        dtype=lambda w: MODELS[w.model]["dtype"],
        token_budget=CONFIG["token_budget"],
        threads=CONFIG["threads"],
        start_token=lambda w: given(MODELS[w.model].get("start_token")),
        share_prefixes=lambda w: MODELS[w.model]["share_prefixes"],
        seed=CONFIG["seed"],
    shell:
        call("incontext/ask.py", weights="params", delta="params")


OF_MODELS_IN_CONTEXT = [
    file
    for pattern in (ANSWERS, CONTEXT_ATTENTION)
    for file in expand(pattern, model=ASKED_IN_CONTEXT, task=TASKS)
]
TARGETS["measures"] += OF_MODELS_IN_CONTEXT
