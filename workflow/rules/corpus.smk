# Sentences or events -> results/corpus/{corpus}/: the order that everything else follows.


rule corpus:
    input:
        lambda w: readers.corpus_files(EXPERIMENT, w.corpus),
    output:
        sentences="<results>/corpus/{corpus}/sentences.tsv",
        words="<results>/corpus/{corpus}/words.tsv",
    log:
        "<logs>/corpus/{corpus}.log",
    benchmark:
        "<benchmarks>/corpus/{corpus}.tsv"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("corpus/corpus.py"),
        text=lambda w: readers.corpus_source(EXPERIMENT, w.corpus).get("sentences", []),
        lengths=lambda w: readers.corpus_source(EXPERIMENT, w.corpus).get("lengths", []),
        events=lambda w: readers.corpus_source(EXPERIMENT, w.corpus).get("events", []),
    shell:
        call("corpus/corpus.py", text="params", lengths="params", events="params")
