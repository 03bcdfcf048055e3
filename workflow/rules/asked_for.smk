# What a configuration asks for: the functions by which rules after attention name their inputs, stage by stage.


# human


def human(table):
    """One kind of table of all groups."""
    return [f"results/human/{group}/{table}.csv" for group in GROUPS]


# resemblance


def resemblance_of(model, suffix=".csv"):
    return [
        f"results/resemblance/{model}/{group}{suffix}"
        for group in GROUPS
        if model in models_on(GROUPS[group]["corpus"])
    ]


def resemblance(suffix=".csv", models=MODELS):
    """One kind of file of all models and groups."""
    return [path for model in models for path in resemblance_of(model, suffix)]


def resemblance_of_whole(suffix=".csv"):
    """The same of the models that have all their layers."""
    return resemblance(suffix, filter(is_whole, MODELS))


def thinned_of(model, suffix=".csv"):
    return [
        f"results/resemblance/{model}/{high}--{low}-thinned{suffix}"
        for high, low in CONFIG["contrasts"]
        if high in SACCADES and model in models_on(GROUPS[high]["corpus"])
    ]


def thinned(suffix=".csv"):
    return [path for model in MODELS for path in thinned_of(model, suffix)]


# reliance


def by_corpus(stage, suffix=".csv", models=MODELS):
    """One kind of file of all corpora with text and all models."""
    return [
        f"results/{stage}/{corpus}/{model}{suffix}"
        for corpus in TEXTS
        for model in models
    ]


# divergence


def divergence(*kinds):
    """Tables of all compared pairs of some kinds, in all corpora with text."""
    return [
        f"results/divergence/{corpus}/{kind}/{a}--{b}.csv"
        for corpus in TEXTS
        for kind in kinds
        for a, b in compared(kind)
    ]


def sensitivities(models=MODELS):
    """Sensitivity of every model that has attention in another condition than plain."""
    return [
        f"results/sensitivity/{corpus}/{model}.csv"
        for corpus in TEXTS
        for model in models
        if set(conditions_of(model)) - {"plain"}
    ]


def all_measures():
    """Every table of observations that the configuration asks for."""
    return (
        human("ceilings")
        + [f"results/human/{group}/means.csv" for group in WITH_MEANS]
        + resemblance()
        + thinned()
        + by_corpus("reliance")
        + by_corpus("loss")
        + sensitivities()
        + divergence("scaling", "tuning", "reference")
        + [f"results/overview/{model}.csv" for model in MODELS]
    )


# statistics


def draws_mb(wildcards, attempt):
    """Memory of tests that hold the bootstrap draws of all layers of all models (2 MB a layer at 500 draws)."""
    return round(
        (1500 + 4 * sum(LAYERS.values()) * CONFIG["bootstrap_draws"] / 500) * attempt
    )


def all_statistics():
    """Every table of tests that the configuration has observations for."""
    names = ["best-layer"] if any(map(is_whole, MODELS)) else []
    if COMPARISONS["scaling"] or COMPARISONS["tuning"]:
        names += ["divergence", "reliance-change"]
    if sensitivities():
        names.append("sensitivity")
    if PREFIXED and COMPARISONS["tuning"]:
        names.append("sensitivity-tuning")
    if COMPARISONS["tuning"]:
        names.append("resemblance-tuning")
    if CONFIG["contrasts"]:
        names += ["resemblance-groups", "reliance-groups"]
    if len(CONFIG["scaling_law"]) >= 3:
        names += ["correlations", "scaling-law"]
    return [f"results/statistics/{name}.csv" for name in names]


# tables


def resemblance_to_regions(group=None):
    """Of all models to one group of brain regions, or to all groups."""
    return [
        f"results/resemblance/{model}/{name}.csv"
        for name in REGIONS
        if group in (None, name)
        for model in models_on(GROUPS[name]["corpus"])
    ]


def all_tables():
    stems = ["table-05-reader-reliance"] if SACCADES else []
    if SACCADES and any(map(is_whole, MODELS)):
        stems += ["table-01-loss-and-resemblance", "table-headline"]
    if resemblance_to_regions():
        stems.append("table-08-fmri")
    if "reproduction" in CONFIG:
        stems.append("reproduction")
    return [
        f"results/tables/{stem}.{ending}" for stem in stems for ending in ("csv", "tex")
    ]


def reproduction_reports():
    """What a configuration with the authors' results makes beside the rest."""
    return ["results/reproduction.md"] if "reproduction" in CONFIG else []


def tables_named(stem):
    """The CSV of a table, where the configuration asks for it."""
    return [path for path in all_tables() if path == f"results/tables/{stem}.csv"]


# figures


def groups_of(corpus):
    """Groups whose saccades on a corpus were measured."""
    return [group for group in SACCADES if GROUPS[group]["corpus"] == corpus]


def resemblance_in(wildcards):
    return [
        f"results/resemblance/{model}/{group}.csv"
        for model in models_on(wildcards.corpus)
        for group in groups_of(wildcards.corpus)
    ]


def human_in(table):
    return lambda wildcards: [
        f"results/human/{group}/{table}.csv" for group in groups_of(wildcards.corpus)
    ]


def drawn_against_size(group):
    """Models whose best layer and size are known and that can be compared with a group."""
    return [
        model
        for model in models_on(GROUPS[group]["corpus"])
        if is_whole(model) and (model not in IMPORTED or "parameters" in MODELS[model])
    ]


def all_figures():
    """Every figure that the configuration has observations for."""
    read = [corpus for corpus in CORPORA if groups_of(corpus)]
    stems = [f"figure-01-saccades-{corpus}" for corpus in read if SHOWN_MODEL]
    for number, kind in (("02", "scaling"), ("03", "tuning")):
        if compared(kind):
            stems += [f"figure-{number}-divergence-{kind}-{corpus}" for corpus in TEXTS]
    if sensitivities():
        stems += [f"figure-04-sensitivity-{corpus}" for corpus in TEXTS]
    stems += [f"figure-06-resemblance-layers-{corpus}" for corpus in read]
    if len(CONFIG["scaling_law"]) >= 3:
        stems.append("figure-07-resemblance-size")
    stems += [f"figure-17-controls-{corpus}" for corpus in read]
    stems += [f"figure-18-patterns-{corpus}" for corpus in TEXTS]
    if "reproduction" in CONFIG:
        stems.append("figure-reproduction")
    if resemblance_to_regions():
        stems.append("figure-12-fmri-regions")
    for group in REGIONS:
        stems.append(f"figure-14-fmri-matrices-{group}")
        if resemblance_to_regions(group):
            stems.append(f"figure-15-fmri-layers-{group}")
        # Attention that others released comes without a loss.
        if len(set(drawn_against_size(group)) - set(IMPORTED)) >= 3:
            stems.append(f"figure-13-fmri-loss-{group}")
        if len(drawn_against_size(group)) >= 3:
            stems.append(f"figure-16-fmri-size-{group}")
    return [
        f"results/figures/{stem}.{ending}"
        for stem in stems
        for ending in ("pdf", "png", "csv")
    ]


# reproduction


def released():
    return located(CONFIG["reproduction"]["path"])


def released_scores():
    """The authors' scores of readers, all that were released."""
    names = [
        "heads_vs_saccade/num_1_gpt2_large",
        "heads_vs_saccade/num_1_llama_7B",
        "heads_vs_fmri/num_1_angular_llama_7B",
        "heads_vs_fmri/num_2_angular_llama_7B",
    ]
    return [f"{released()}/lr_scores_reading_brain/{name}.npy" for name in names]


def reproduced_corpus():
    return GROUPS[CONFIG["reproduction"]["groups"]["L1"]]["corpus"]
