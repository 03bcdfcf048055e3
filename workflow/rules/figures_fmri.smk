# Table 8 and what it rests on -> results/figures/figure-12-* to figure-16-*: brain regions (paper, Appendix D).


rule figure_fmri_regions:
    input:
        "results/tables/table-08-fmri.csv",
    output:
        pdf="results/figures/figure-12-fmri-regions.pdf",
        png=report(
            "results/figures/figure-12-fmri-regions.png",
            caption="../report/figure-12-fmri-regions.rst",
            category="Brain regions",
        ),
        csv="results/figures/figure-12-fmri-regions.csv",
    log:
        "logs/figures/figure-12-fmri-regions.log",
    benchmark:
        "benchmarks/figures/figure-12-fmri-regions.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_fmri_regions.py"),
        code=code("figure_fmri_regions.py"),
        style=STYLE,
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --table {input} --style {params.style:q} "
        "--output {params.stem} --log {log}"


# Figure 13: against loss; figure 16: against size.
rule figure_fmri_against:
    input:
        table="results/tables/table-08-fmri.csv",
        loss=lambda w: [
            f"results/loss/{corpus}/{model}.csv"
            for corpus in ([GROUPS[w.group]["corpus"]] if w.number == "13" else TEXTS)
            for model in drawn_against_size(w.group)
        ],
    output:
        pdf="results/figures/figure-{number}-fmri-{against}-{group}.pdf",
        png=report(
            "results/figures/figure-{number}-fmri-{against}-{group}.png",
            caption="../report/figure-fmri-against.rst",
            category="Brain regions",
        ),
        csv="results/figures/figure-{number}-fmri-{against}-{group}.csv",
    log:
        "logs/figures/figure-{number}-fmri-{against}-{group}.log",
    benchmark:
        "benchmarks/figures/figure-{number}-fmri-{against}-{group}.tsv"
    wildcard_constraints:
        number="13|16",
        against="loss|size",
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_fmri_against.py"),
        code=code("figure_fmri_against.py"),
        style=STYLE,
        column=lambda w: "loss_per_token" if w.number == "13" else "parameters",
        models=lambda w: drawn_against_size(w.group),
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --table {input.table} --loss {input.loss} --column {params.column} "
        "--group {wildcards.group} --models {params.models} --style {params.style:q} "
        "--output {params.stem} --log {log}"


rule figure_fmri_matrices:
    input:
        words=words,
        gaze="results/gaze/{group}.h5",
    output:
        pdf="results/figures/figure-14-fmri-matrices-{group}.pdf",
        png=report(
            "results/figures/figure-14-fmri-matrices-{group}.png",
            caption="../report/figure-14-fmri-matrices.rst",
            category="Brain regions",
        ),
        csv="results/figures/figure-14-fmri-matrices-{group}.csv",
    log:
        "logs/figures/figure-14-fmri-matrices-{group}.log",
    benchmark:
        "benchmarks/figures/figure-14-fmri-matrices-{group}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_fmri_matrices.py"),
        code=code("figure_fmri_matrices.py"),
        style=STYLE,
        regions=lambda w: list(GROUPS[w.group]["regions"]),
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --corpus {input.words} --gaze {input.gaze} --regions {params.regions} --style {params.style:q} "
        "--output {params.stem} --log {log}"


rule figure_fmri_layers:
    input:
        lambda w: resemblance_to_regions(w.group),
    output:
        pdf="results/figures/figure-15-fmri-layers-{group}.pdf",
        png=report(
            "results/figures/figure-15-fmri-layers-{group}.png",
            caption="../report/figure-15-fmri-layers.rst",
            category="Brain regions",
        ),
        csv="results/figures/figure-15-fmri-layers-{group}.csv",
    log:
        "logs/figures/figure-15-fmri-layers-{group}.log",
    benchmark:
        "benchmarks/figures/figure-15-fmri-layers-{group}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_fmri_layers.py"),
        code=code("figure_fmri_layers.py"),
        style=STYLE,
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --resemblance {input} --style {params.style:q} "
        "--output {params.stem} --log {log}"
