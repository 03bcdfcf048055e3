# Weights and corpus -> results/attention/{corpus}/{model}/layers-{first}-{last}.h5: word-level attention of a block
# of layers in all conditions, in one pass over its weights. A block starts from the hidden states that the one before
# it left, so that a job loads its own layers only; they are removed once the next block stands.


rule attention:
    input:
        words=words,
        weights=lambda w: weights_files(w.model),
        states=states_before,
    output:
        attention="results/attention/{corpus}/{model}/layers-{first}-{last}.h5",
        states=temp(
            "results/attention/{corpus}/{model}/states-{first}-{last}.safetensors"
        ),
    log:
        "logs/attention/{corpus}/{model}/layers-{first}-{last}.log",
    benchmark:
        "benchmarks/attention/{corpus}/{model}/layers-{first}-{last}.tsv"
    wildcard_constraints:
        model=one_of([name for name in MODELS if name not in IMPORTED]) or "none",
    conda:
        "../../envs/attention.yaml"
    threads: CONFIG["threads"]
    resources:
        gpu=1,
        mem_mb=lambda w, attempt: jobs.memory_mb(
            size_of(w.model),
            int(w.first),
            int(w.last),
            dtype=MODELS[w.model]["dtype"],
            conditions=len(CONFIG["conditions"]),
            attempt=attempt,
        ),
        runtime=lambda w, attempt: jobs.minutes(
            size_of(w.model),
            int(w.first),
            int(w.last),
            dtype=MODELS[w.model]["dtype"],
            attempt=attempt,
        ),
    params:
        script=script("extract_attention.py"),
        code=code("extract_attention.py"),
        weights=lambda w: weights_folder(w.model),
        options=lambda w: weights_options(w.model),
        conditions=as_json(CONFIG["conditions"]),
        layers=lambda w: LAYERS[w.model],
        dtype=lambda w: MODELS[w.model]["dtype"],
        storage=lambda w: MODELS[w.model]["storage"],
        start_token=lambda w: str(
            MODELS[w.model].get("start_token", "tokenizer")
        ).lower(),
        token_budget=CONFIG["token_budget"],
        # Not {threads}, which Snakemake lowers to the cores it was given: results must not depend on them.
        cpu_threads=CONFIG["threads"],
        states_in=lambda w, input: f"--states-in {input.states}" if input.states else "",
    shell:
        "{params.script} --corpus {input.words} --weights {params.weights:q} {params.options:q} "
        "--model {wildcards.model} "
        "--conditions {params.conditions:q} --first {wildcards.first} --last {wildcards.last} "
        "--layers {params.layers} --dtype {params.dtype} --token-budget {params.token_budget} "
        "--threads {params.cpu_threads} --start-token {params.start_token} --storage {params.storage} "
        "{params.states_in} --states-out {output.states} --output {output.attention} --log {log}"


# Attention that others released, in place of weights: the same files, a run of consecutive layers each.
rule import_attention:
    input:
        words=words,
        arrays=lambda w: released_files(w.model, w.first, w.last),
    output:
        "results/attention/{corpus}/{model}/layers-{first}-{last}.h5",
    log:
        "logs/attention/{corpus}/{model}/layers-{first}-{last}.log",
    benchmark:
        "benchmarks/attention/{corpus}/{model}/layers-{first}-{last}.tsv"
    wildcard_constraints:
        model=one_of(IMPORTED) or "none",
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("import_attention.py"),
        code=code("import_attention.py"),
        folder=lambda w: imported_folder(w.model),
        layers=lambda w: LAYERS[w.model],
        crop=lambda w: (
            "--crop" if MODELS[w.model]["imported"].get("crop", False) else ""
        ),
        parameters=lambda w: MODELS[w.model].get("parameters", "nan"),
    shell:
        "{params.script} --corpus {input.words} --folder {params.folder} --model {wildcards.model} "
        "--first {wildcards.first} --last {wildcards.last} --layers {params.layers} "
        "--parameters {params.parameters} {params.crop} --output {output} --log {log}"
