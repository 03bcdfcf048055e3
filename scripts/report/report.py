"""One HTML file on a run that opens without a network: verdict, methods, tables, figures, and where they come from."""

from pathlib import Path
from typing import Any

from readalike.captions import About, run_of
from readalike.catalogue import read_catalogue, read_questions
from readalike.files.atomic import replacing
from readalike.files.conditions import read_conditions
from readalike.files.contracts.dictionary import DICTIONARY
from readalike.files.tables import read_table
from readalike.report.glossary import TERMS
from readalike.report.methods import methods
from readalike.report.page import fill
from readalike.report.provenance import as_yaml, citation, origins, revisions
from readalike.report.sections import Budget, sections
from readalike.report.verdict import answers
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.running.records import folder_of_results


def main(
    *,
    catalogue: In,
    shown: list[In],
    pages: list[In],
    ceilings: list[In],
    words: list[In],
    columns: In,
    conditions: In,
    cff: In,
    made: list[In],
    summary: In,
    verdict: list[In],
    verdict_text: list[In],
    about: Json[About],
    configuration: Json[dict[str, Any]],
    imported: list[str],
    texts: list[str],
    viewer: str,
    report: Out,
) -> None:
    """
    catalogue : titles, methods and needs, and the questions
    shown : captions of figures
    pages : templates
    words : of every corpus
    columns : the data dictionary
    cff : CITATION.cff
    made : tables and figures, CSV and PNG
    verdict : tables/verdict.csv, where there is one
    verdict_text : the same in plain words
    about : what the configuration says, and all of it but the prefixes
    imported : models whose attention others released
    texts : corpora whose words may stand in the page
    viewer : name of the page of sentences beside the report, or nothing
    """
    used = run_of(about, ceilings, words)
    meanings = {
        Path(str(table)).name: dict(zip(own["column"], own["meaning"].fillna(""), strict=True))
        for table, own in read_table(columns, DICTIONARY).groupby("table")
        if Path(str(table)).parent.name == "tables"
    }
    cited = citation(cff.read_text(encoding="utf-8"))
    budget = Budget(texts=texts)
    by_question = sections(
        read_questions(catalogue),
        read_catalogue(catalogue),
        made,
        {Path(path).stem: path.read_text(encoding="utf-8") for path in shown},
        meanings,
        used,
        budget,
    )
    told = origins([*made, *verdict, *verdict_text, summary], folder_of_results())
    prefixes = read_conditions(conditions)
    done = methods({**configuration, "conditions": prefixes}, used, imported, cited.version)
    page = fill(
        "report.html",
        pages,
        name=folder_of_results().name,
        simulated=any(kind == "simulated" for _, kind in used.readers.values()),
        answers=answers(verdict),
        verdict_text="".join(path.read_text(encoding="utf-8") for path in verdict_text),
        summary=summary.read_text(encoding="utf-8"),
        methods=done,
        sections=by_question,
        viewer=viewer,
        terms=TERMS,
        citation=cited,
        configuration=as_yaml(configuration, prefixes),
        revisions=revisions(told),
        origins=told,
    )
    with replacing(report) as temporary:
        temporary.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run(main)
