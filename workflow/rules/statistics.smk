# Tables of observations -> results/statistics/*.csv: tests with their corrections.

TESTS = "<results>/statistics/{name}.csv"
RELIANCE_CHANGE = TESTS.format(name="reliance-change")
RELIANCE_TESTS = TESTS.format(name="reliance-groups")
GROUP_TESTS = TESTS.format(name="resemblance-groups")
COMPARISONS = EXPERIMENT.comparisons
# Every rule here tests by permutation with this many draws and this seed.
DRAWS = {"seed": CONFIG["seed"], "permutations": CONFIG["permutations"]}


rule divergence_tests:
    input:
        compared=every(DIVERGENCE, comparison=["scaling", "tuning"]),
        reference=every(DIVERGENCE, comparison="reference"),
    output:
        table="<results>/statistics/divergence.csv",
    log:
        "<logs>/statistics/divergence.log",
    benchmark:
        "<benchmarks>/statistics/divergence.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        **DRAWS,
        code=code("statistics/divergence_tests.py"),
        order=in_order("divergence_tests"),
        comparisons=as_json(COMPARISONS),
    shell:
        call("statistics/divergence_tests.py")


rule sensitivity_tests:
    input:
        sensitivity=every(SENSITIVITY, corpus=TEXTS, model=PREFIXED),
        reference=every(DIVERGENCE, comparison="reference"),
    output:
        table="<results>/statistics/sensitivity.csv",
    log:
        "<logs>/statistics/sensitivity.log",
    benchmark:
        "<benchmarks>/statistics/sensitivity.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        **DRAWS,
        code=code("statistics/sensitivity_tests.py"),
        order=in_order("sensitivity_tests"),
        comparisons=as_json(COMPARISONS),
    shell:
        call("statistics/sensitivity_tests.py")


rule sensitivity_tuning_tests:
    input:
        sensitivity=every(SENSITIVITY, corpus=TEXTS, model=PREFIXED),
    output:
        table="<results>/statistics/sensitivity-tuning.csv",
    log:
        "<logs>/statistics/sensitivity-tuning.log",
    benchmark:
        "<benchmarks>/statistics/sensitivity-tuning.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        **DRAWS,
        code=code("statistics/sensitivity_tuning_tests.py"),
        order=in_order("sensitivity_tuning_tests"),
        comparisons=as_json(COMPARISONS),
    shell:
        call("statistics/sensitivity_tuning_tests.py")


rule resemblance_tuning_tests:
    input:
        resemblance=every(RESEMBLANCE),
        sums=every(SUMS),
    output:
        table="<results>/statistics/resemblance-tuning.csv",
    log:
        "<logs>/statistics/resemblance-tuning.log",
    benchmark:
        "<benchmarks>/statistics/resemblance-tuning.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=lambda w, attempt: jobs.sums_mb(sum(EXPERIMENT.layers.values()), attempt),
    params:
        **DRAWS,
        code=code("statistics/resemblance_tuning_tests.py"),
        order=in_order("resemblance_tuning_tests"),
        comparisons=as_json(COMPARISONS),
        equivalence=CONFIG["equivalence"],
    shell:
        call("statistics/resemblance_tuning_tests.py")


rule resemblance_group_tests:
    input:
        resemblance=every(RESEMBLANCE),
        thinned=every(THINNED, high=EXPERIMENT.saccade_groups),
        sums=every(SUMS),
        thinned_sums=every(THINNED_SUMS, high=EXPERIMENT.saccade_groups),
        human_sums=every(READER_SUMS),
        ceilings=every(CEILINGS),
    output:
        table=GROUP_TESTS,
    log:
        "<logs>/statistics/resemblance-groups.log",
    benchmark:
        "<benchmarks>/statistics/resemblance-groups.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=lambda w, attempt: jobs.sums_mb(sum(EXPERIMENT.layers.values()), attempt),
    params:
        **DRAWS,
        code=code("statistics/resemblance_group_tests.py"),
        order=in_order("resemblance_group_tests"),
        contrasts=as_json(CONFIG["contrasts"]),
    shell:
        call("statistics/resemblance_group_tests.py")


rule reliance_group_tests:
    input:
        reliance=every(READER_RELIANCE),
        human_sums=every(READER_SUMS),
    output:
        table=RELIANCE_TESTS,
    log:
        "<logs>/statistics/reliance-groups.log",
    benchmark:
        "<benchmarks>/statistics/reliance-groups.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        **DRAWS,
        code=code("statistics/reliance_group_tests.py"),
        order=in_order("reliance_group_tests"),
        contrasts=as_json(CONFIG["contrasts"]),
    shell:
        call("statistics/reliance_group_tests.py")


rule reliance_change:
    input:
        reliance=every(RELIANCE, corpus=TEXTS),
        bootstrap=every(RELIANCE_BOOTSTRAP, corpus=TEXTS),
    output:
        table=RELIANCE_CHANGE,
    log:
        "<logs>/statistics/reliance-change.log",
    benchmark:
        "<benchmarks>/statistics/reliance-change.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("statistics/reliance_change.py"),
        order=in_order("reliance_change"),
        comparisons=as_json(COMPARISONS),
    shell:
        call("statistics/reliance_change.py")


# What the configuration has observations for.
TARGETS["statistics"] += [
    *(
        expand(TESTS, name=["divergence", "reliance-change"])
        if COMPARISONS["scaling"] or COMPARISONS["tuning"]
        else []
    ),
    *(expand(TESTS, name="sensitivity") if PREFIXED and TEXTS else []),
    *(
        expand(TESTS, name="sensitivity-tuning")
        if EXPERIMENT.prefixed and COMPARISONS["tuning"]
        else []
    ),
    *(expand(TESTS, name="resemblance-tuning") if COMPARISONS["tuning"] else []),
    *([GROUP_TESTS, RELIANCE_TESTS] if CONFIG["contrasts"] else []),
]
