# Sentences or events -> results/corpus/{corpus}/: the order that everything else follows.


def corpus_input(wildcards):
    source = CORPORA[wildcards.corpus]
    if "sentences" in source:
        return located(source["sentences"])
    return [
        file for folder in as_list(source["events"]) for file in events_files(folder)
    ]


def corpus_source(wildcards):
    source = CORPORA[wildcards.corpus]
    if "sentences" in source:
        return f"--sentences {located(source['sentences'])}"
    return "--events " + " ".join(
        located(folder) for folder in as_list(source["events"])
    )


rule corpus:
    input:
        corpus_input,
    output:
        sentences="results/corpus/{corpus}/sentences.tsv",
        words="results/corpus/{corpus}/words.tsv",
    log:
        "logs/corpus/{corpus}.log",
    benchmark:
        "benchmarks/corpus/{corpus}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("corpus.py"),
        code=code("corpus.py"),
        source=corpus_source,
    shell:
        "{params.script} {params.source} --output results/corpus/{wildcards.corpus} --log {log}"
