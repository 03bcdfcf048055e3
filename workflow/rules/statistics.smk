# Tables of observations -> results/statistics/*.csv: tests with their corrections, correlations, the scaling law.


rule best_layer:
    input:
        resemblance=resemblance_of_whole(),
        folds=resemblance_of_whole("-folds.csv"),
        ceilings=human("ceilings"),
    output:
        "results/statistics/best-layer.csv",
    log:
        "logs/statistics/best-layer.log",
    benchmark:
        "benchmarks/statistics/best-layer.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("best_layer.py"),
        code=code("best_layer.py"),
    shell:
        "{params.script} --resemblance {input.resemblance} --folds {input.folds} --ceilings {input.ceilings} "
        "--output {output} --log {log}"


rule divergence_tests:
    input:
        compared=divergence("scaling", "tuning"),
        reference=divergence("reference"),
    output:
        "results/statistics/divergence.csv",
    log:
        "logs/statistics/divergence.log",
    benchmark:
        "benchmarks/statistics/divergence.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("divergence_tests.py"),
        code=code("divergence_tests.py"),
        comparisons=as_json(COMPARISONS),
        seed=CONFIG["seed"],
        permutations=CONFIG["permutations"],
    shell:
        "{params.script} --comparisons {params.comparisons:q} --tables {input.compared} "
        "--reference {input.reference} --seed {params.seed} --permutations {params.permutations} "
        "--output {output} --log {log}"


rule sensitivity_tests:
    input:
        sensitivity=sensitivities(),
        reference=divergence("reference"),
    output:
        "results/statistics/sensitivity.csv",
    log:
        "logs/statistics/sensitivity.log",
    benchmark:
        "benchmarks/statistics/sensitivity.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("sensitivity_tests.py"),
        code=code("sensitivity_tests.py"),
        comparisons=as_json(COMPARISONS),
        seed=CONFIG["seed"],
        permutations=CONFIG["permutations"],
    shell:
        "{params.script} --comparisons {params.comparisons:q} --tables {input.sensitivity} "
        "--reference {input.reference} --seed {params.seed} --permutations {params.permutations} "
        "--output {output} --log {log}"


rule sensitivity_tuning_tests:
    input:
        sensitivity=sensitivities(),
    output:
        "results/statistics/sensitivity-tuning.csv",
    log:
        "logs/statistics/sensitivity-tuning.log",
    benchmark:
        "benchmarks/statistics/sensitivity-tuning.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("sensitivity_tuning_tests.py"),
        code=code("sensitivity_tuning_tests.py"),
        comparisons=as_json(COMPARISONS),
        seed=CONFIG["seed"],
        permutations=CONFIG["permutations"],
    shell:
        "{params.script} --comparisons {params.comparisons:q} --tables {input.sensitivity} "
        "--seed {params.seed} --permutations {params.permutations} --output {output} --log {log}"


rule resemblance_tuning_tests:
    input:
        resemblance=resemblance(),
        bootstrap=resemblance("-bootstrap.h5"),
        ceilings=human("ceilings"),
    output:
        "results/statistics/resemblance-tuning.csv",
    log:
        "logs/statistics/resemblance-tuning.log",
    benchmark:
        "benchmarks/statistics/resemblance-tuning.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=draws_mb,
    params:
        script=script("resemblance_tuning_tests.py"),
        code=code("resemblance_tuning_tests.py"),
        comparisons=as_json(COMPARISONS),
        equivalence=CONFIG["equivalence"],
        seed=CONFIG["seed"],
        permutations=CONFIG["permutations"],
    shell:
        "{params.script} --comparisons {params.comparisons:q} --tables {input.resemblance} "
        "--bootstrap {input.bootstrap} --ceilings {input.ceilings} --equivalence {params.equivalence} "
        "--seed {params.seed} --permutations {params.permutations} --output {output} --log {log}"


rule resemblance_group_tests:
    input:
        resemblance=resemblance(),
        thinned=thinned(),
        thinned_bootstrap=thinned("-bootstrap.h5"),
        bootstrap=resemblance("-bootstrap.h5"),
        human=[f"results/human/{group}/bootstrap.h5" for group in GROUPS],
        ceilings=human("ceilings"),
    output:
        "results/statistics/resemblance-groups.csv",
    log:
        "logs/statistics/resemblance-groups.log",
    benchmark:
        "benchmarks/statistics/resemblance-groups.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=draws_mb,
    params:
        script=script("resemblance_group_tests.py"),
        code=code("resemblance_group_tests.py"),
        contrasts=as_json(CONFIG["contrasts"]),
        seed=CONFIG["seed"],
        permutations=CONFIG["permutations"],
    shell:
        "{params.script} --contrasts {params.contrasts:q} --tables {input.resemblance} --thinned {input.thinned} "
        "--bootstrap {input.bootstrap} --thinned-bootstrap {input.thinned_bootstrap} "
        "--human-bootstrap {input.human} --ceilings {input.ceilings} "
        "--seed {params.seed} --permutations {params.permutations} --output {output} --log {log}"


rule reliance_group_tests:
    input:
        reliance=human("reliance"),
        human=[f"results/human/{group}/bootstrap.h5" for group in GROUPS],
    output:
        "results/statistics/reliance-groups.csv",
    log:
        "logs/statistics/reliance-groups.log",
    benchmark:
        "benchmarks/statistics/reliance-groups.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("reliance_group_tests.py"),
        code=code("reliance_group_tests.py"),
        contrasts=as_json(CONFIG["contrasts"]),
        seed=CONFIG["seed"],
        permutations=CONFIG["permutations"],
    shell:
        "{params.script} --contrasts {params.contrasts:q} --tables {input.reliance} "
        "--human-bootstrap {input.human} --seed {params.seed} --permutations {params.permutations} "
        "--output {output} --log {log}"


rule reliance_change:
    input:
        reliance=by_corpus("reliance"),
        bootstrap=by_corpus("reliance", "-bootstrap.h5"),
    output:
        "results/statistics/reliance-change.csv",
    log:
        "logs/statistics/reliance-change.log",
    benchmark:
        "benchmarks/statistics/reliance-change.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("reliance_change.py"),
        code=code("reliance_change.py"),
        comparisons=as_json(COMPARISONS),
    shell:
        "{params.script} --comparisons {params.comparisons:q} --tables {input.reliance} "
        "--bootstrap {input.bootstrap} --output {output} --log {log}"


rule correlations:
    input:
        best_layer="results/statistics/best-layer.csv",
        loss=by_corpus("loss"),
    output:
        "results/statistics/correlations.csv",
    log:
        "logs/statistics/correlations.log",
    benchmark:
        "benchmarks/statistics/correlations.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("correlations.py"),
        code=code("correlations.py"),
        scaling_law=as_json(sorted(CONFIG["scaling_law"])),
        corpora=as_json({name: group["corpus"] for name, group in GROUPS.items()}),
        seed=CONFIG["seed"],
    shell:
        "{params.script} --best-layer {input.best_layer} --loss {input.loss} "
        "--scaling-law {params.scaling_law:q} --corpora {params.corpora:q} --seed {params.seed} "
        "--output {output} --log {log}"


rule scaling_law:
    input:
        best_layer="results/statistics/best-layer.csv",
        loss=by_corpus("loss"),
    output:
        "results/statistics/scaling-law.csv",
    log:
        "logs/statistics/scaling-law.log",
    benchmark:
        "benchmarks/statistics/scaling-law.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        script=script("scaling_law.py"),
        code=code("scaling_law.py"),
        scaling_law=as_json(sorted(CONFIG["scaling_law"])),
    shell:
        "{params.script} --best-layer {input.best_layer} --loss {input.loss} "
        "--scaling-law {params.scaling_law:q} --output {output} --log {log}"
