"""Which commit a repository of the Hub is at, and what model it holds: looked up, never typed."""

import json
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from readalike.attention.probe import probe
from readalike.errors import ReadalikeError
from readalike.jobs import width_of
from readalike.weights.description import read_config
from readalike.weights.hub import look_up
from readalike.weights.revisions import Revision, Source, entry_name, sources
from readalike.weights.tensors import Checkpoint

log = logging.getLogger("readalike")


def resolve(
    models: Mapping[str, Mapping[str, Any]], known: Mapping[str, Revision], *, update: bool
) -> dict[str, Revision]:
    """Entries of revisions.lock with those of every repository that models name, base or delta.

    known : entries so far; they stay, unless `update`, which looks up again what the models name

    Raises ReadalikeError naming the repository: it cannot be read, or its attention cannot be had.
    """
    wanted: dict[str, tuple[Source, bool]] = {}
    for model in models.values():
        for _, source in sources(model.get("weights", {})):
            if "hub" in source:
                trusted = wanted.get(entry_name(source), (source, False))[1]
                wanted[entry_name(source)] = source, trusted or bool(model["trust_remote_code"])
    found = dict(known)
    for name, (source, trusted) in sorted(wanted.items()):
        if name not in known or update:
            found[name] = revision_of(source["hub"], source.get("revision", "main"), code=trusted)
        log.info("%s: commit %s, %d layers", name, found[name].commit, found[name].layers)
    if not wanted:
        log.info("no model has its weights on the Hub: nothing to look up")
    return found


def revision_of(repository: str, revision: str, *, code: bool) -> Revision:
    """Look up one repository and count, without its weights, on an empty model.

    code : run the Python code that comes with it. Raises ReadalikeError.
    """
    snapshot = look_up(repository, revision)
    with tempfile.TemporaryDirectory(prefix="readalike-") as name:
        folder = Path(name)
        snapshot.describe(folder, code=code)
        try:
            width = width_of(json.loads((folder / "config.json").read_text(encoding="utf-8")))
            config = read_config(Checkpoint(folder, trust_remote_code=code))
            # As extraction will: what it would refuse is refused before anything large is fetched.
            model = probe(config, trust_remote_code=code)
        except ReadalikeError as error:
            raise type(error)(f"{repository}: {error}") from None
    text = config.get_text_config()
    return Revision(
        snapshot.commit,
        revision,
        layers=text.num_hidden_layers,
        heads=text.num_attention_heads,
        parameters=int(model.num_parameters()),
        hidden=text.hidden_size,
        vocabulary=text.vocab_size,
        width=width,
    )
