# Answers and attention of models under noise -> results/incontext/*.csv: accuracy, slopes, models side by side, looks.

OF_WORDS = "<results>/incontext/tasks/{task}.csv"
NOISE_ACCURACY = "<results>/incontext/accuracy.csv"
NOISE_SLOPES = "<results>/incontext/noise-slopes.csv"
NOISE_SETS = "<results>/incontext/noise-sets.csv"
NOISE_PAIRS = "<results>/incontext/noise-pairs.csv"
NOISE_SIZES = "<results>/incontext/noise-sizes.csv"
LOOKS = "<results>/incontext/looks.csv"
NOISY_LOOKS = "<results>/incontext/noisy-looks.csv"
FIGURE_31 = "figure-31-noise-accuracy"
FIGURE_32 = "figure-32-noise-slopes"
FIGURE_33 = "figure-33-noisy-looks"


rule incontext_bag_of_words:
    input:
        texts=lambda w: EXPERIMENT.located(TASKS[w.task]),
    output:
        table=OF_WORDS,
    log:
        "<logs>/incontext/tasks/{task}.log",
    benchmark:
        "<benchmarks>/incontext/tasks/{task}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("incontext/bag_of_words.py"),
        task="{task}",
    shell:
        call("incontext/bag_of_words.py")


rule incontext_noise:
    input:
        answers=expand(ANSWERS, model=ASKED_IN_CONTEXT, task=TASKS),
        attention=expand(CONTEXT_ATTENTION, model=ASKED_IN_CONTEXT, task=TASKS),
        words=expand(OF_WORDS, task=TASKS),
    output:
        accuracy=NOISE_ACCURACY,
        slopes=NOISE_SLOPES,
        sets=NOISE_SETS,
        pairs=NOISE_PAIRS,
        sizes=NOISE_SIZES,
    log:
        "<logs>/incontext/noise.log",
    benchmark:
        "<benchmarks>/incontext/noise.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("incontext/noise.py"),
        order=in_order("incontext_noise"),
        comparisons=as_json(
            {
                name: [
                    pair
                    for pair in EXPERIMENT.compared(name)
                    if set(pair) <= set(ASKED_IN_CONTEXT)
                ]
                for name in ("scaling", "tuning")
            }
        ),
    shell:
        call("incontext/noise.py")


rule incontext_looks:
    input:
        attention=expand(CONTEXT_ATTENTION, model=ASKED_IN_CONTEXT, task=TASKS),
    output:
        looks=LOOKS,
        noisy=NOISY_LOOKS,
    log:
        "<logs>/incontext/looks.log",
    benchmark:
        "<benchmarks>/incontext/looks.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("incontext/looks.py"),
        order=in_order("incontext_looks"),
    shell:
        call("incontext/looks.py")


rule figure_noise_accuracy:
    input:
        accuracy=NOISE_ACCURACY,
        slopes=NOISE_SLOPES,
        pairs=NOISE_PAIRS,
        noisy=NOISY_LOOKS,
        risk=[RISK] if "regression" in SOLVED else [],
    output:
        **drawn(FIGURE_31, "In-context learning"),
    log:
        f"<logs>/figures/{FIGURE_31}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_31}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/incontext_noise.py"),
        which="accuracy",
        style=as_json(STYLE),
    shell:
        call("figures/incontext_noise.py")


use rule figure_noise_accuracy as figure_noise_slopes with:
    output:
        **drawn(FIGURE_32, "In-context learning"),
    log:
        f"<logs>/figures/{FIGURE_32}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_32}.tsv"
    params:
        code=code("figures/incontext_noise.py"),
        which="slopes",
        style=as_json(STYLE),


use rule figure_noise_accuracy as figure_noisy_looks with:
    output:
        **drawn(FIGURE_33, "In-context learning"),
    log:
        f"<logs>/figures/{FIGURE_33}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_33}.tsv"
    params:
        code=code("figures/incontext_noise.py"),
        which="looks",
        style=as_json(STYLE),


OF_NOISE = (
    [
        *[NOISE_ACCURACY, NOISE_SLOPES, NOISE_SETS, NOISE_PAIRS, NOISE_SIZES],
        *[LOOKS, NOISY_LOOKS],
    ]
    if TASKS
    else []
)
TARGETS["statistics"] += OF_NOISE
FIGURES_OF_NOISE = [
    file
    for stem in ([FIGURE_31, FIGURE_32, FIGURE_33] if TASKS else [])
    for file in figure_files(stem)
]
TARGETS["figures"] += FIGURES_OF_NOISE
