"""A page on which a person chooses sentence, model, layer, head and group, and sees attention beside saccades."""

from pathlib import Path

from readalike.files.atomic import replacing
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.report.page import fill
from readalike.report.sentences import MOST_BYTES, SCALE, corpus_data
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.running.records import folder_of_results


def main(
    *,
    pages: list[In],
    words: list[In],
    attention: list[In],
    gaze: list[In],
    corpora: Json[dict[str, list[str]]],
    models: list[str],
    kind: str,
    signal: str,
    licensed: Json[dict[str, str]],
    sentences: Out,
) -> None:
    """
    pages : templates
    words : of every corpus with text
    attention : of every model on these, folders named corpus/model/condition
    gaze : of every group that read one of them, files named by group
    corpora : corpus -> groups that read it
    models : in the order of the configuration
    licensed : corpora whose words may stand in the page -> their licence, where one is named
    """
    found = []
    for place in words:
        name, corpus = place.parent.name, read_corpus(place)
        blocks: dict[str, list[Path]] = {model: [] for model in models}
        for path in attention:
            if path.parents[2].name == name:
                blocks[path.parents[1].name].append(path)
        data = corpus_data(
            corpus,
            {model: own for model, own in blocks.items() if own},
            {path.stem: read_gaze(path, corpus) for path in gaze if path.stem in corpora[name]},
            kind=kind,
            signal=signal,
            texts=name in licensed,
            most_bytes=MOST_BYTES // len(words),
        )
        found.append({"name": name, **data})
    page = fill(
        "sentences.html",
        pages,
        name=folder_of_results().name,
        licences={name: licence for name, licence in licensed.items() if licence},
        numbered=[own["name"] for own in found if not own["texts"]],
        scale=SCALE,
        content={"corpora": found, "kind": kind, "signal": signal},
    )
    with replacing(sentences) as temporary:
        temporary.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run(main)
