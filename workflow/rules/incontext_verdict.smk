# Tables of in-context learning -> results/incontext/verdict.txt, and what `snakemake incontext` makes.

VERDICT = "<results>/incontext/verdict.txt"


rule incontext_verdict:
    input:
        risk=[RISK] if "regression" in SOLVED else [],
        crossing=[CROSSINGS] if "regression" in SOLVED else [],
        accuracy=[ACCURACY] if "parity" in SOLVED else [],
        turning=[ORDER] if "parity" in SOLVED else [],
        margin=[MARGINS] if "parity" in SOLVED else [],
        layers=OF_TRAINED["regression"],
        heads=OF_TRAINED["parity"],
        weight=OF_TRAINED["weight"],
        slopes=[NOISE_SLOPES] if TASKS else [],
        pairs=[NOISE_PAIRS] if TASKS else [],
        sizes=[NOISE_SIZES] if TASKS else [],
        noisy=[NOISY_LOOKS] if TASKS else [],
    output:
        verdict=VERDICT,
    log:
        "<logs>/incontext/verdict.log",
    benchmark:
        "<benchmarks>/incontext/verdict.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("incontext/verdict.py"),
        order=in_order("incontext_verdict"),
        covered=as_json(SOLVED.get("parity", {}).get("covered", 0)),
    shell:
        call("incontext/verdict.py")


TARGETS["reports"] += [VERDICT] if SOLVED or TASKS else []
# Alone, without the attention of any model on a corpus: `snakemake incontext`.
OF_INCONTEXT = [
    *OF_REGRESSION,
    *OF_PARITY,
    *[file for files in OF_TRAINED.values() for file in files],
    *FIGURES_INCONTEXT,
    *OF_MODELS_IN_CONTEXT,
    *OF_NOISE,
    *FIGURES_OF_NOISE,
    *([VERDICT] if SOLVED or TASKS else []),
]
