"""One checked configuration: its corpora, groups, models and comparisons, and which of them belong together."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from readalike import configuration
from readalike.conditions import PLAIN
from readalike.experiment.lots import Lot, lots_of
from readalike.experiment.optional import without_absent
from readalike.imports import gao2023
from readalike.weights import revisions
from readalike.weights.revisions import Revision

Entry = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Experiment:
    """A configuration with what was looked up for it.

    config : checked, with defaults (`configuration.check`)
    root : folder of the project, which relative paths of the configuration start from
    locked : entries of revisions.lock; layers : of each whole model
    lots : conditions that are extracted together (`lots.py`)
    """

    config: configuration.Configuration
    root: Path
    locked: Mapping[str, Revision]
    layers: Mapping[str, int]
    lots: Mapping[str, Lot] = field(default_factory=dict)

    @property
    def results(self) -> str:
        """Folder of this configuration's results, with their logs and run times."""
        return str(self.config["results"])

    @property
    def corpora(self) -> Mapping[str, Entry]:
        return self.config["corpora"]  # type: ignore[no-any-return]  # checked by the schema

    @property
    def groups(self) -> Mapping[str, Entry]:
        return self.config["groups"]  # type: ignore[no-any-return]  # checked by the schema

    @property
    def models(self) -> Mapping[str, Entry]:
        return self.config["models"]  # type: ignore[no-any-return]  # checked by the schema

    @property
    def comparisons(self) -> dict[str, Any]:
        """All three kinds; `scaling` and `tuning` are empty lists where there are none."""
        return {"scaling": [], "tuning": [], **self.config["comparisons"]}

    @property
    def prefixed(self) -> list[str]:
        """Conditions with something before the sentence."""
        return [name for name in self.config["conditions"] if name != PLAIN]

    @property
    def imported(self) -> list[str]:
        """Models whose attention somebody else released."""
        return [name for name, model in self.models.items() if "imported" in model]

    @property
    def extracted(self) -> list[str]:
        """Models with weights."""
        return [name for name in self.models if name not in self.imported]

    @property
    def with_text(self) -> list[str]:
        """Corpora with text; those known by lengths only serve imported attention beside brain regions."""
        return [name for name, corpus in self.corpora.items() if "lengths" not in corpus]

    @property
    def licensed(self) -> dict[str, str]:
        """Corpora whose words may stand in a report, and under which licence: those that have one.

        `report.texts` says otherwise: all of them, or none.
        """
        asked = self.config["report"].get("texts")
        found = {name: str(self.corpora[name].get("licence", "")) for name in self.with_text}
        return {name: licence for name, licence in found.items() if (licence if asked is None else asked)}

    @property
    def saccade_groups(self) -> list[str]:
        return [name for name, group in self.groups.items() if "saccades" in group]

    @property
    def region_groups(self) -> list[str]:
        return [name for name, group in self.groups.items() if "regions" in group]

    def located(self, path: str) -> str:
        """A path of the configuration, absolute or relative to the project, as seen from the working directory."""
        seen = os.path.relpath(configuration.located(self.root, path))
        # What begins with - is an option for every program.
        return os.path.abspath(seen) if seen.startswith("-") else seen

    @property
    def cache_folder(self) -> str:
        """Folder for weights that were fetched or converted."""
        return self.located(self.config["cache"])

    def corpus_of(self, group: str) -> str:
        return str(self.groups[group]["corpus"])

    def models_on(self, corpus: str) -> list[str]:
        """Models that have attention on a corpus: without text only those whose attention was imported."""
        return list(self.models) if corpus in self.with_text else self.imported

    def models_of(self, group: str) -> list[str]:
        """Models that are compared with a group."""
        return self.models_on(self.corpus_of(group))

    def readers_of(self, corpus: str) -> list[str]:
        """Groups whose saccades on a corpus were measured."""
        return [group for group in self.saccade_groups if self.corpus_of(group) == corpus]

    @property
    def read_corpora(self) -> list[str]:
        """Corpora that some group read."""
        return [corpus for corpus in self.corpora if self.readers_of(corpus)]

    @property
    def contrasts(self) -> list[tuple[str, str]]:
        return [(high, low) for high, low in self.config["contrasts"]]

    def compared(self, comparison: str) -> list[tuple[str, str]]:
        """Pairs of models of a comparison; the reference is one pair or none."""
        pairs = self.comparisons.get(comparison, [])
        return [(a, b) for a, b in ([pairs] if comparison == "reference" and pairs else pairs)]

    @property
    def tuned(self) -> list[str]:
        """Models that were tuned from another, and the near-twin of one, sorted."""
        found = {tuned for _, tuned in self.compared("tuning")}
        for pair in self.compared("reference"):
            found |= set(pair) if found & set(pair) else set()
        return sorted(found)

    def conditions_of(self, model: str) -> list[str]:
        """Conditions in which there is attention of a model: those configured, or those that were released."""
        return self._released(model)[0] if model in self.imported else list(self.config["conditions"])

    def folder_of(self, model: str, condition: str) -> str:
        """Folder of a model's attention in a condition, which has the condition's name unless its text changed."""
        lots = () if model in self.imported else self.lots.values()
        return next((lot.folders[condition] for lot in lots if condition in lot.folders), condition)

    def has_sensitivity(self, model: str) -> bool:
        """Whether a model has attention in another condition than plain."""
        return bool(set(self.conditions_of(model)) - {PLAIN})

    def blocks(self, model: str) -> list[tuple[int, int]]:
        """First and last layer of each attention file of a model."""
        if model in self.imported:
            return gao2023.runs(self._released(model)[1])
        return configuration.blocks(self.layers[model], self.models[model]["layers_per_job"])

    @property
    def layers_there(self) -> dict[str, tuple[int, int]]:
        """Of each model how many layers have attention, and of how many."""
        return {
            model: (sum(last - first + 1 for first, last in self.blocks(model)), self.layers[model])
            for model in self.models
        }

    def is_whole(self, model: str) -> bool:
        """Whether every layer of a model is there; best layers, quarters and sizes need all."""
        there, of = self.layers_there[model]
        return there == of

    @property
    def whole_models(self) -> list[str]:
        return [model for model in self.models if self.is_whole(model)]

    def known_size(self, models: Iterable[str]) -> list[str]:
        """Those of some models whose best layer and number of parameters are known."""
        known = [name for name in self.models if name not in self.imported or "parameters" in self.models[name]]
        return [model for model in models if model in known and self.is_whole(model)]

    @property
    def scaling_law(self) -> list[str]:
        """Base models of the line on size, sorted; fewer than three make none."""
        law = sorted(self.config["scaling_law"])
        return law if len(law) >= 3 else []

    @property
    def families(self) -> dict[str, str]:
        """Model -> the family it belongs to, for those of which one is named."""
        return {name: str(model["family"]) for name, model in self.models.items() if "family" in model}

    @property
    def shown_model(self) -> str | None:
        """The model drawn beside the readers: the first that is whole, unless the configuration names another."""
        named = self.config["figures"].get("model", next(iter(self.whole_models), None))
        return None if named is None else str(named)

    @property
    def untrained(self) -> list[str]:
        """Models whose weights are drawn: yardsticks for the others, and no point of a line over models."""
        return [name for name in self.extracted if "untrained" in self.models[name]["weights"]]

    @property
    def trained(self) -> list[str]:
        """All other models: means over models are of these."""
        return [name for name in self.models if name not in self.untrained]

    @property
    def twins(self) -> list[tuple[str, str]]:
        """Trained and untrained model of the same weights, text and start token: a pair an untrained model."""

        def read(model: str) -> Entry:
            weights = {key: value for key, value in self.models[model]["weights"].items() if key != "untrained"}
            return {**weights, "start_token": self.models[model].get("start_token")}

        learned = [name for name in self.extracted if name in self.trained]
        return [(a, b) for b in self.untrained for a in learned if read(a) == read(b)]

    def imported_folder(self, model: str) -> str:
        return self.located(self.models[model]["imported"]["path"])

    def _released(self, model: str) -> tuple[list[str], list[int]]:
        return _conditions_and_layers(self.imported_folder(model))

    def released_files(self, model: str, condition: str, first: int, last: int) -> list[str]:
        """The .npy files of a run of layers of imported attention."""
        prefix = gao2023.PREFIXES[condition]
        return [f"{self.imported_folder(model)}/{prefix}rb_p1_layer{layer}.npy" for layer in range(first, last + 1)]


@cache
def _conditions_and_layers(folder: str) -> tuple[list[str], list[int]]:
    """Of imported attention; asked for often, and read from the folder once."""
    return gao2023.conditions_and_layers(Path(folder))


def experiment_of(given: Mapping[str, Any], root: Path, *, dry_run: bool) -> tuple[Experiment, Sequence[str]]:
    """Check a configuration and look up what it needs; the second value says what was left out and why.

    dry_run : repositories of the Hub that were never looked up may have stand-ins (`revisions.planned`)

    Raises ConfigurationError with one line for every field that is wrong, FileFormatError for a damaged file of a lot.
    """
    config, notices = without_absent(configuration.check(given, configuration.read_schema(root)), root)
    locked = revisions.read_revisions(root / "revisions.lock")
    if dry_run:
        # What a run would take can be seen before anything was looked up, or where there is no network.
        locked = revisions.planned(config["models"], locked)
    layers = {
        name: configuration.number_of_layers(name, model, root, locked, archived=config["archived"])
        for name, model in config["models"].items()
    }
    lots = lots_of(Path(config["results"], "corpus"), config["conditions"])
    return Experiment(config, root, locked, layers, lots), notices
