# The published numbers beside those computed here: the authors' released results through this project's own tests and
# normalisation -> results/tables/reproduction.*, results/reproduction.md and a figure.


rule published_significance:
    input:
        lambda w: [f"{released()}/divergence/{name}" for name in WORKBOOKS],
    output:
        tests="results/statistics/published-significance.csv",
        lists="results/tables/published-significance.csv",
    log:
        "logs/reproduction/significance.log",
    benchmark:
        "benchmarks/reproduction/significance.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("published_significance.py"),
        code=code("published_significance.py"),
        folder=lambda w: f"{released()}/divergence",
        seed=CONFIG["seed"],
        permutations=CONFIG["permutations"],
    shell:
        "{params.script} --divergences {params.folder} --permutations {params.permutations} --seed {params.seed} "
        "--tests {output.tests} --lists {output.lists} --log {log}"


rule reproduction:
    input:
        published=located("resources/published-values.csv"),
        scores=lambda w: released_scores(),
        resemblance=resemblance(),
        ceilings=human("ceilings"),
        reliance=human("reliance"),
        reliance_tests="results/statistics/reliance-groups.csv",
    output:
        multiext("results/tables/reproduction", ".csv", ".tex"),
    log:
        "logs/reproduction/values.log",
    benchmark:
        "benchmarks/reproduction/values.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("reproduction.py"),
        code=code("reproduction.py"),
        folder=lambda w: f"{released()}/lr_scores_reading_brain",
        names=as_json(CONFIG.get("reproduction", {})),
        layers=as_json(LAYERS),
        stem=lambda w, output: output[0].removesuffix(".csv"),
    shell:
        "{params.script} --published {input.published} --scores {params.folder} --resemblance {input.resemblance} "
        "--ceilings {input.ceilings} --reliance {input.reliance} --reliance-tests {input.reliance_tests} "
        "--names {params.names:q} --layers {params.layers:q} --output {params.stem} --log {log}"


rule reproduction_report:
    input:
        values="results/tables/reproduction.csv",
        lists="results/tables/published-significance.csv",
        group_tests="results/statistics/resemblance-groups.csv",
        regions="results/tables/table-08-fmri.csv",
        words=lambda w: f"results/corpus/{reproduced_corpus()}/words.tsv",
        attention=lambda w: [
            attention(reproduced_corpus(), model)[0]
            for model in CONFIG["reproduction"]["models"].values()
        ],
    output:
        "results/reproduction.md",
    log:
        "logs/reproduction/report.log",
    benchmark:
        "benchmarks/reproduction/report.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("reproduction_report.py"),
        code=code("reproduction_report.py"),
    shell:
        "{params.script} --values {input.values} --lists {input.lists} --group-tests {input.group_tests} "
        "--regions {input.regions} --corpus {input.words} --attention {input.attention} --output {output} --log {log}"


rule figure_reproduction:
    input:
        "results/tables/reproduction.csv",
    output:
        pdf="results/figures/figure-reproduction.pdf",
        png=report(
            "results/figures/figure-reproduction.png",
            caption="../report/figure-reproduction.rst",
            category="Reproduction",
        ),
        csv="results/figures/figure-reproduction.csv",
    log:
        "logs/figures/figure-reproduction.log",
    benchmark:
        "benchmarks/figures/figure-reproduction.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_reproduction.py"),
        code=code("figure_reproduction.py"),
        style=STYLE,
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --values {input} --style {params.style:q} --output {params.stem} --log {log}"
