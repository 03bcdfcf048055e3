# Tables -> results/figures/figure-*.{pdf,png,csv}, numbered as in the paper where it has the figure. A figure of a
# corpus carries the corpus's name.

STYLE = as_json(CONFIG["figures"].get("style", {}))
# The model drawn beside the readers: the first configured, unless the configuration names another.
SHOWN_MODEL = CONFIG["figures"].get("model", next(filter(is_whole, MODELS), None))


rule figure_saccades:
    input:
        words="results/corpus/{corpus}/words.tsv",
        gaze=lambda w: [f"results/gaze/{group}.h5" for group in groups_of(w.corpus)],
        attention=lambda w: attention(w.corpus, SHOWN_MODEL),
        best_layer="results/statistics/best-layer.csv",
    output:
        pdf="results/figures/figure-01-saccades-{corpus}.pdf",
        png=report(
            "results/figures/figure-01-saccades-{corpus}.png",
            caption="../report/figure-01-saccades.rst",
            category="Readers",
        ),
        csv="results/figures/figure-01-saccades-{corpus}.csv",
    log:
        "logs/figures/figure-01-saccades-{corpus}.log",
    benchmark:
        "benchmarks/figures/figure-01-saccades-{corpus}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_saccades.py"),
        code=code("figure_saccades.py"),
        style=STYLE,
        sentence=(
            f"--sentence {CONFIG['figures']['sentence']}"
            if "sentence" in CONFIG["figures"]
            else ""
        ),
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --corpus {input.words} --gaze {input.gaze} --attention {input.attention} "
        "--best-layer {input.best_layer} {params.sentence} --style {params.style:q} "
        "--output {params.stem} --log {log}"


rule figure_divergence:
    input:
        compared=lambda w: [
            f"results/divergence/{w.corpus}/{w.kind}/{a}--{b}.csv"
            for a, b in compared(w.kind)
        ],
        reference=lambda w: [
            f"results/divergence/{w.corpus}/reference/{a}--{b}.csv"
            for a, b in compared("reference")
        ],
    output:
        pdf="results/figures/figure-{number}-divergence-{kind}-{corpus}.pdf",
        png=report(
            "results/figures/figure-{number}-divergence-{kind}-{corpus}.png",
            caption="../report/figure-divergence.rst",
            category="Divergence",
        ),
        csv="results/figures/figure-{number}-divergence-{kind}-{corpus}.csv",
    log:
        "logs/figures/figure-{number}-divergence-{kind}-{corpus}.log",
    benchmark:
        "benchmarks/figures/figure-{number}-divergence-{kind}-{corpus}.tsv"
    wildcard_constraints:
        number="02|03",
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_divergence.py"),
        code=code("figure_divergence.py"),
        style=STYLE,
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --kind {wildcards.kind} --divergence {input.compared} --reference {input.reference} "
        "--style {params.style:q} --output {params.stem} --log {log}"


rule figure_sensitivity:
    input:
        sensitivity=lambda w: [
            path for path in sensitivities() if path.split("/")[2] == w.corpus
        ],
        reference=lambda w: [
            f"results/divergence/{w.corpus}/reference/{a}--{b}.csv"
            for a, b in compared("reference")
        ],
    output:
        pdf="results/figures/figure-04-sensitivity-{corpus}.pdf",
        png=report(
            "results/figures/figure-04-sensitivity-{corpus}.png",
            caption="../report/figure-04-sensitivity.rst",
            category="Divergence",
        ),
        csv="results/figures/figure-04-sensitivity-{corpus}.csv",
    log:
        "logs/figures/figure-04-sensitivity-{corpus}.log",
    benchmark:
        "benchmarks/figures/figure-04-sensitivity-{corpus}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_sensitivity.py"),
        code=code("figure_sensitivity.py"),
        style=STYLE,
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --sensitivity {input.sensitivity} --reference {input.reference} "
        "--style {params.style:q} --output {params.stem} --log {log}"


rule figure_layerwise:
    input:
        resemblance=resemblance_in,
        ceilings=human_in("ceilings"),
    output:
        pdf="results/figures/figure-06-resemblance-layers-{corpus}.pdf",
        png=report(
            "results/figures/figure-06-resemblance-layers-{corpus}.png",
            caption="../report/figure-06-resemblance-layers.rst",
            category="Resemblance",
        ),
        csv="results/figures/figure-06-resemblance-layers-{corpus}.csv",
    log:
        "logs/figures/figure-06-resemblance-layers-{corpus}.log",
    benchmark:
        "benchmarks/figures/figure-06-resemblance-layers-{corpus}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_layerwise.py"),
        code=code("figure_layerwise.py"),
        style=STYLE,
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --resemblance {input.resemblance} --ceilings {input.ceilings} --style {params.style:q} "
        "--output {params.stem} --log {log}"


rule figure_scaling:
    input:
        "results/statistics/scaling-law.csv",
    output:
        pdf="results/figures/figure-07-resemblance-size.pdf",
        png=report(
            "results/figures/figure-07-resemblance-size.png",
            caption="../report/figure-07-resemblance-size.rst",
            category="Resemblance",
        ),
        csv="results/figures/figure-07-resemblance-size.csv",
    log:
        "logs/figures/figure-07-resemblance-size.log",
    benchmark:
        "benchmarks/figures/figure-07-resemblance-size.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_scaling.py"),
        code=code("figure_scaling.py"),
        style=STYLE,
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --scaling-law {input} --style {params.style:q} --output {params.stem} --log {log}"


rule figure_controls:
    input:
        resemblance=resemblance_in,
        baseline=human_in("baseline"),
        ceilings=human_in("ceilings"),
    output:
        pdf="results/figures/figure-17-controls-{corpus}.pdf",
        png=report(
            "results/figures/figure-17-controls-{corpus}.png",
            caption="../report/figure-17-controls.rst",
            category="Resemblance",
        ),
        csv="results/figures/figure-17-controls-{corpus}.csv",
    log:
        "logs/figures/figure-17-controls-{corpus}.log",
    benchmark:
        "benchmarks/figures/figure-17-controls-{corpus}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_controls.py"),
        code=code("figure_controls.py"),
        style=STYLE,
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --resemblance {input.resemblance} --baseline {input.baseline} "
        "--ceilings {input.ceilings} --style {params.style:q} --output {params.stem} --log {log}"


rule figure_patterns:
    input:
        reliance=lambda w: [
            f"results/reliance/{w.corpus}/{model}.csv" for model in MODELS
        ],
    output:
        pdf="results/figures/figure-18-patterns-{corpus}.pdf",
        png=report(
            "results/figures/figure-18-patterns-{corpus}.png",
            caption="../report/figure-18-patterns.rst",
            category="Reliance",
        ),
        csv="results/figures/figure-18-patterns-{corpus}.csv",
    log:
        "logs/figures/figure-18-patterns-{corpus}.log",
    benchmark:
        "benchmarks/figures/figure-18-patterns-{corpus}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("figure_patterns.py"),
        code=code("figure_patterns.py"),
        style=STYLE,
        stem=lambda w, output: output.pdf.removesuffix(".pdf"),
    shell:
        "{params.script} --reliance {input.reliance} --style {params.style:q} --output {params.stem} --log {log}"
