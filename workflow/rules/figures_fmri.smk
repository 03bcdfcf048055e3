# Table 8 and what it rests on -> results/figures/figure-12-* to figure-16-*: brain regions (paper, Appendix D).

FIGURE_12 = "figure-12-fmri-regions"
FIGURE_13 = "figure-13-fmri-loss-{group}"
FIGURE_14 = "figure-14-fmri-matrices-{group}"
FIGURE_15 = "figure-15-fmri-layers-{group}"
FIGURE_16 = "figure-16-fmri-size-{group}"
# Models whose best layer and size are known, by group of regions; attention that others released comes without a loss.
SIZED = {group: EXPERIMENT.known_size(EXPERIMENT.models_of(group)) for group in REGIONS}
WITH_LOSS = {
    group: sorted(set(models) & set(EXPERIMENT.extracted))
    for group, models in SIZED.items()
}


rule figure_fmri_regions:
    input:
        table=FMRI_TABLE["csv"],
    output:
        **drawn(FIGURE_12, "Brain regions"),
    log:
        f"<logs>/figures/{FIGURE_12}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_12}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/fmri_regions.py"),
        style=as_json(STYLE),
    shell:
        call("figures/fmri_regions.py")


rule figure_fmri_loss:
    input:
        table=FMRI_TABLE["csv"],
        loss=lambda w: every(
            LOSS, corpus=EXPERIMENT.corpus_of(w.group), model=SIZED[w.group]
        ),
    output:
        **drawn(FIGURE_13, "Brain regions"),
    log:
        f"<logs>/figures/{FIGURE_13}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_13}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/fmri_against.py"),
        order=in_order("figure_fmri_loss"),
        style=as_json(STYLE),
        column="loss_per_token",
        group="{group}",
        models=lambda w: SIZED[w.group],
    shell:
        call("figures/fmri_against.py")


# The number of parameters stands beside the loss.
use rule figure_fmri_loss as figure_fmri_size with:
    input:
        table=FMRI_TABLE["csv"],
        loss=lambda w: every(LOSS, corpus=TEXTS, model=SIZED[w.group]),
    output:
        **drawn(FIGURE_16, "Brain regions"),
    log:
        f"<logs>/figures/{FIGURE_16}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_16}.tsv"
    params:
        order=in_order("figure_fmri_size"),
        column="parameters",


rule figure_fmri_matrices:
    input:
        words=words,
        gaze=GAZE,
    output:
        **drawn(FIGURE_14, "Brain regions"),
    log:
        f"<logs>/figures/{FIGURE_14}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_14}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/fmri_matrices.py"),
        style=as_json(STYLE),
        regions=lambda w: list(GROUPS[w.group]["regions"]),
    shell:
        call("figures/fmri_matrices.py")


rule figure_fmri_layers:
    input:
        resemblance=lambda w: every(RESEMBLANCE, group=w.group),
    output:
        **drawn(FIGURE_15, "Brain regions"),
    log:
        f"<logs>/figures/{FIGURE_15}.log",
    benchmark:
        f"<benchmarks>/figures/{FIGURE_15}.tsv"
    group:
        "results"
    conda:
        "../../envs/analysis.yaml"
    params:
        code=code("figures/fmri_layers.py"),
        order=in_order("figure_fmri_layers"),
        style=as_json(STYLE),
    shell:
        call("figures/fmri_layers.py")


TARGETS["figures"] += [
    *(figure_files(FIGURE_12) if TO_REGIONS else []),
    *figure_files(FIGURE_14, group=REGIONS),
    *figure_files(
        FIGURE_15, group=[group for group in REGIONS if every(RESEMBLANCE, group=group)]
    ),
    *figure_files(
        FIGURE_13, group=[group for group in REGIONS if len(WITH_LOSS[group]) >= 3]
    ),
    *figure_files(
        FIGURE_16, group=[group for group in REGIONS if len(SIZED[group]) >= 3]
    ),
]
