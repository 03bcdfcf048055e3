# Sentences or events -> results/corpus/{corpus}/: the order that everything else follows.


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
