"""Every rule is of use, every table has a contract, and every argument of a script is what its rule gives."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from readalike.files.contracts.dictionary import all_tables, contract_of
from tests.running import ROOT, snakemake
from tests.workflow.conftest import Finished

RULE = re.compile(r"^(?:use rule \w+ as (\w+) with|rule (\w+)):", flags=re.MULTILINE)
# One that is made several times, in a loop; its first is called `attention`.
REPEATED = re.compile(r"^    rule:\n        name:\n            RULE\n((?:        .*\n|\n)+)", flags=re.MULTILINE)


def read(path: Path) -> str:
    """A file of rules, with the rule that is made in a loop written as any other."""
    return REPEATED.sub(lambda found: "rule attention:\n" + dedented(found[1]), path.read_text(encoding="utf-8"))


def dedented(text: str) -> str:
    return "".join(line.removeprefix("    ") for line in text.splitlines(keepends=True))


def rules() -> set[str]:
    texts = (read(path) for path in (ROOT / "workflow/rules").glob("*.smk"))
    return {first or second for text in texts for first, second in RULE.findall(text)}


def jobs(folder: Path, config: dict[str, object], *targets: str) -> set[str]:
    done = snakemake(folder, config, "--dry-run", "--quiet", "progress", *targets)
    assert done.returncode == 0, done.stdout[-3000:]
    return set(re.findall(r"^ *(?:local)?rule (\w+):", done.stdout, flags=re.MULTILINE))


@pytest.mark.slow
def test_every_rule_is_reached_by_some_configuration_that_is_shipped(
    reading_brain: Path, authors: Path, provo: Path, tmp_path: Path
) -> None:
    for name in ("L1-anterior.pkl", "L1-angular.pkl"):
        (tmp_path / name).touch()
    reached: set[str] = set()
    for path in (ROOT / "config.yaml", *sorted((ROOT / "config").glob("*.yaml"))):
        text = path.read_text(encoding="utf-8")
        text = text.replace("data/gao2023", str(authors)).replace("data/ds", f"{reading_brain}/openneuro/ds")
        text = text.replace("data/regions", str(tmp_path)).replace("data/provo", str(provo))
        config = yaml.safe_load(text)
        # Nothing that an earlier run may have fetched.
        reached |= jobs(tmp_path / path.stem, config | {"cache": str(tmp_path / "cache")})
    assert rules() - reached == set()


def test_the_contracts_are_those_of_the_tables_that_are_made(finished: Finished) -> None:
    made = {
        str(path.relative_to(finished.folder / "results"))
        for path in (finished.folder / "results").rglob("*.csv")
        if path.parent.name != "figures"
    }
    assert len(made) > 40
    for path in made:
        contract = contract_of(path)
        with (finished.folder / "results" / path).open(encoding="utf-8") as file:
            assert file.readline().strip().split(",") == contract.names, path


def test_every_contract_names_an_output_of_a_rule() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow/rules").glob("*.smk"))
    for path in (path for table in all_tables() for path in table.paths):
        name = path.rsplit("/", 1)[-1].removesuffix(".csv")
        # Tables that a person reads are named by their stem, statistics by their name.
        assert f'"<results>/{path}"' in text or f'"{name}"' in text, path


def test_every_caption_belongs_to_a_figure() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow/rules").glob("*.smk"))
    stems = {stem.partition("-{")[0] for stem in re.findall(r'"(figure-[^"/.]+)"', text)}
    assert stems == {path.stem for path in (ROOT / "workflow/report").glob("*.rst")}


def blocks() -> dict[str, str]:
    """Name of each rule -> its text."""
    found: dict[str, str] = {}
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        text = read(path)
        matches = list(RULE.finditer(text))
        ends = [*(match.start() for match in matches[1:]), len(text)]
        for match, end in zip(matches, ends, strict=False):  # common.smk has none
            found[match[1] or match[2]] = text[match.start() : end]
    return found


def test_no_rule_writes_a_command_of_its_own() -> None:
    """`call` quotes every value (tests/unit/test_arguments.py); a shell command beside it might not."""
    for name, text in blocks().items():
        commands = re.findall(
            r"^    (?:shell|run|script|notebook|wrapper|cwl):\n((?:        .*\n|\n)+)", text, re.MULTILINE
        )
        if name == "conditions":
            assert "shell(" not in text
        elif not text.startswith("use rule"):
            assert len(commands) == 1, name
            # Places that a job gives beside the script's arguments, quoted as well.
            beside = r'(\s*\+ "( --\w+ \{params\.\w+:q\})+")?'
            assert re.fullmatch(r"call\(\s*[^(){}]*\)" + beside, commands[0].strip()), (name, commands[0])


# What a parameter may be: a function of the job, a digest, one of its names, a list, a setting that is no text, a word;
# ABOUT is what captions and the report say of the configuration, as sorted JSON.
FREE = (
    r"(lambda w|as_json\(|in_order\(|ABOUT,$)",
    r"(code|code_unless_accepted|digests\.text_digest)\(",
    r'"\{(corpus|model|task|group|comparison|condition|first|last|commit)\}",$',
    r"(counted_threads|kept_in)\(",
    r"EXPERIMENT\.(scaling_law|saccade_groups|imported|results|tuned|untrained),$",
    r"list\(EXPERIMENT\.licensed\),$",
    r'CONFIG\["figures"\]\.get\("sentence", ""\)\.split\(\),$',
    r'CONFIG\["\w+"\](\["formula"\])?,$',
    r'"[a-z_]+",$',
)


def test_no_parameter_is_a_users_text_that_snakemake_would_expand() -> None:
    """Text in a parameter is a pattern for Snakemake; what a function gives is not."""
    for name, text in blocks().items():
        given = re.search(r"^    params:\n((?:        .*\n)+)", text, re.MULTILINE)
        for line in re.findall(r"^        (\w+=.*)$", given[1] if given else "", re.MULTILINE):
            value = line.partition("=")[2]
            assert any(re.match(form, value) for form in FREE), (name, line)
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text(encoding="utf-8"))
    plain = {key for text in blocks().values() for key in re.findall(r'=CONFIG\["(\w+)"\],', text)}
    assert plain
    words = {key for key in plain if "enum" in schema["properties"][key]}
    assert words == {"attention", "signal"}, "one of a list of words, none of which has braces"
    assert {schema["properties"][key]["type"] for key in plain - words} <= {"integer", "number", "boolean"}


def test_mending_3_every_rule_that_sets_files_side_by_side_carries_their_order() -> None:
    """Snakemake compares the inputs of a job as a set: two models swapped would change no figure."""
    for name, text in blocks().items():
        inputs = text.partition("    output:")[0]
        # Attention of a model comes in the order of its layers, whatever the configuration says. What is known of words
        # is one file or none.
        several = re.findall(
            r"every\(\s*(?!ATTENTION|STATES|FREQUENCY|SURPRISAL)\w+|TARGETS|MEASURES_OF|TO_REGIONS", inputs
        )
        if several:
            assert f'order=in_order("{name}")' in text, (name, several)


def test_no_file_of_rules_is_long() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in (ROOT / "workflow/rules").glob("*.smk")}
    assert lengths["common.smk"] < 150
    assert max(lengths.values()) <= 300


@pytest.mark.parametrize("script", ["corpus/corpus.py", "attention/extract.py", "statistics/correlations.py"])
def test_a_script_says_what_it_takes(script: str) -> None:
    """What every script takes is compared with its rule's command in test_arguments.py, without starting it."""
    command = [sys.executable, ROOT / "scripts" / script, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout
