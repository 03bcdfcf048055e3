"""Every command, option, target, path and link that a page of the project names is there.

The commands are run in tests/workflow/test_documented_commands.py; the tables that say so stand in tests/documented.py.
"""

import ast
import fnmatch
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml
from snakemake.cli import get_argument_parser

from readalike.configuration import check, read_schema
from readalike.strict_yaml import read_strict
from tests.documented import (
    ELSEWHERE,
    NOT_HERE,
    PAGES,
    PLANNED,
    ROOT,
    RUN,
    SHELLS,
    blocks,
    commands,
    program,
    prose,
    spans,
)

TABLES = {"RUN": RUN, "PLANNED": PLANNED, "ELSEWHERE": ELSEWHERE, "NOT_HERE": NOT_HERE}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
RUNS = ROOT / "tests" / "workflow" / "test_documented_commands.py"
KINDS = r"\.(py|smk|md|txt|csv|tsv|yaml|toml|lock|cff|json|safetensors|npy|pkl|html|zip|bin)$"
# Of the working tree, new ones too.
FILES = subprocess.run(
    ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"],
    capture_output=True, text=True, check=True,
).stdout.splitlines()  # fmt: skip


def typed(name: str) -> list[tuple[str, str]]:
    """(page, command) of a program, in blocks and in sentences; a program's name alone is no command."""
    texts = [(page, text) for page in PAGES for text in (*commands(page), *spans(page))]
    return [(page, text) for page, text in texts if program(text) == name and " " in text]


def test_every_documented_command_is_in_exactly_one_table() -> None:
    documented = {command for page in PAGES for command in commands(page)}
    listed = Counter(command for table in TABLES.values() for command in table)
    assert sorted(documented - set(listed)) == [], "add it to a table in tests/documented.py"
    assert sorted(set(listed) - documented) == [], "no page has it: remove it from tests/documented.py"
    assert [command for command, times in listed.items() if times > 1] == []


def test_commands_stand_in_blocks_that_are_marked_as_shell() -> None:
    """So that none escapes the tables: not in a block without a language, not in an indented one."""
    for page in PAGES:
        others = [block.text for block in blocks(page) if block.language not in SHELLS]
        indented = re.findall(r"^(?: {4}|\t)(.*)$", prose(page), flags=re.MULTILINE)
        for line in (*"\n".join(others).splitlines(), *indented):
            assert not program(line), f"{page}: '{line}' is a command; put it into a block that begins with ```sh"


def test_the_tests_that_the_tables_name_type_the_commands() -> None:
    tree = ast.parse(RUNS.read_text(encoding="utf-8"))
    constants = {
        function.name: {node.value for node in ast.walk(function) if isinstance(node, ast.Constant)}
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
    }
    for command, test in (RUN | PLANNED).items():
        assert command in constants.get(test, set()), f"{test} does not type '{command}'"
    for command, place in ELSEWHERE.items():
        file, _, text = place.partition(": ")
        assert text in (ROOT / file).read_text(encoding="utf-8"), f"{command}: {place}"


@pytest.mark.parametrize("command", [command for command in NOT_HERE if "/python " in command])
def test_a_script_that_is_not_run_here_can_be_asked_for_help(command: str) -> None:
    words = shlex.split(command)
    done = subprocess.run([sys.executable, *words[1:], "--help"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_targets_of_make_and_their_variables_exist() -> None:
    for page, command in typed("make"):
        for word in shlex.split(command)[1:]:
            name, is_variable, _ = word.partition("=")
            # Used as $(NAME), or in $(if $(NAME),...).
            known = rf"\$\({name}\)" if is_variable else rf"^{re.escape(name)}:"
            assert re.search(known, MAKEFILE, flags=re.MULTILINE), f"{page}: {command}: '{name}' is not in the Makefile"


def test_calls_of_snakemake_mean_what_they_seem_to() -> None:
    """By Snakemake's own parser. `--configfile FILE TARGET` takes the target for a second configuration."""
    rules = set(re.findall(r"^rule (\w+):", (ROOT / "Snakefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    # Options alone, such as `--unlock`, are snakemake's as well.
    alone = [(page, f"snakemake {text}") for page in PAGES for text in spans(page) if re.match(r"--[a-z]", text)]
    for page, command in typed("snakemake") + alone:
        words = [word for word in shlex.split(command)[1:] if word != "..."]
        try:
            options = get_argument_parser().parse_args(words)
        except SystemExit:
            pytest.fail(f"{page}: {command}: not in Snakemake's own help")
        files, targets = [str(file) for file in options.configfile], set(options.targets)
        assert len(files) <= 1, f"{page}: {command}: the target must stand before --configfile"
        for file in files:
            assert (ROOT / file).is_file() or file in MADE, f"{page}: {command}: no {file}"
        for folder in options.profile or []:
            assert (ROOT / folder).is_dir(), f"{page}: {command}: no profile {folder}"
        for target in targets - rules:
            assert is_result(target), f"{page}: {command}: no target {target}"


def test_snakemake_takes_a_target_behind_a_configuration_for_another() -> None:
    """What the test above rests on: should it change, the pages may say it the other way."""
    read = get_argument_parser().parse_args
    behind = read(["--configfile", "config.yaml", "results/x"])
    before = read(["results/x", "--configfile", "config.yaml"])
    assert ([str(file) for file in behind.configfile], set(behind.targets)) == (["config.yaml", "results/x"], set())
    assert ([str(file) for file in before.configfile], set(before.targets)) == (["config.yaml"], {"results/x"})


# Of a run as a whole, of every job, of make archive.
OTHER_RESULTS = (
    *("configuration.txt", "logs/{stage}/{job}.log", "benchmarks/{stage}/{job}.tsv", "snakemake-report.html"),
    "accepted.json",
)


def results() -> set[str]:
    """What the rules and `make archive` make in a folder of results, with * for what is in braces there."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")))
    made = {
        path
        for path in re.findall(r'"(?:<results>|{EXPERIMENT.results})/([^"]+)"', text)
        if not re.search(r"\{(stem|name)\}", path)
    }
    made |= {f"statistics/{name}.csv" for name in re.findall(r'TESTS\.format\(name="(.+?)"\)', text)}
    made |= {f"tables/{name}.csv" for name in re.findall(r'table_files\("(.+?)"\)', text)}
    made |= {f"figures/{name}.png" for name in re.findall(r'^FIGURE_\w+ = "(.+)"$', text, flags=re.MULTILINE)}
    records = {f"provenance/{path}.json" for path in made}
    return {re.sub(r"\{[^}]+\}", "*", path) for path in {*made, *records, *OTHER_RESULTS}}


RESULTS = results()


def is_result(path: str) -> bool:
    """Whether rules make it, or a folder of it. Of a path without its beginning, no part may be one that varies."""
    # Releases before each configuration had a folder of its own had none between.
    return any(map(_is_made, (re.sub("^results/", "", path), re.sub(r"^results/[\w-]+/", "", path))))


def _is_made(path: str) -> bool:
    wanted = path.strip("/").split("/")
    for made in RESULTS:
        for place in (made, *map(str, Path(made).parents)):
            parts = place.split("/")
            end = parts[-len(wanted) :]
            whole = len(parts) == len(wanted) and all(map(fnmatch.fnmatch, wanted, parts))
            if whole or (len(end) == len(wanted) and all(map(fnmatch.fnmatch, end, wanted))):
                return True
    return False


# Made by make, by a run or by the reader, and hence in no clone.
MADE = {
    *("config/mine.yaml", "config/my-own.yaml", "config/FILE.yaml", "config/archived.yaml", "readalike.zip"),
    *(
        "results/",
        "archive/readalike.zip",
    ),
}
MADE_BELOW = ("build/", "data/", ".venv/", ".cache/", ".snakemake/", "{cache}/", "path/to/", "~/")
# Of an archive, a repository of the Hub, save_pretrained, an extraction, Reading Brain, Provo, the authors, Debian.
OF_OTHERS = [
    *(
        ".zenodo.json",
        "ro-crate-metadata.json",
        "sha256.txt",
        "inputs.csv",
        "run-times.csv",
        "sample.txt",
        "OWNER/NAME",
    ),
    *("config.json", "tokenizer.json", "tokenizer.model", "*model.safetensors", "pytorch_model.bin"),
    *("states-*.safetensors", "sub-*/func/*_events.tsv", "Provo_Corpus-*.csv", "rb_p1_layer*.npy"),
    *("usr/share/*", "usr/lib/*"),
]


def is_elsewhere(path: str) -> bool:
    """Whether it is of a run, the reader's or others', or no path but the ending of one."""
    of_others = any(fnmatch.fnmatch(path, pattern) for pattern in OF_OTHERS)
    return (
        path in MADE
        or path.startswith(MADE_BELOW)
        or of_others
        or re.fullmatch(r"\.\w+|results/[\w-]+/?", path) is not None
    )


def test_paths_that_pages_name_exist() -> None:
    """From the root or the page, or by their ends where a sentence has said where they are."""
    places = {f"/{place}" for name in FILES for place in (name, *map(str, Path(name).parents))}
    wrong = []
    for page in PAGES:
        paths = [span for span in spans(page) if re.fullmatch(r"[\w.{}*~/-]+", span) and re.search(rf"/|{KINDS}", span)]
        for path in paths:
            known = re.sub(r"\{\w+\}|X\b|NAME\b", "*", path).removesuffix("/")
            in_clone = fnmatch.filter(places, f"*/{known}") or ((ROOT / page).parent / path).exists()
            if not (in_clone or is_elsewhere(path) or is_result(known)):
                wrong.append((page, path))
    assert wrong == []


def test_examples_of_configurations_are_valid() -> None:
    """Each block of YAML in place of the demo's keys of the same names."""
    demo = read_strict(ROOT / "config.yaml")
    for page in PAGES:
        for block in blocks(page):
            if block.language == "yaml":
                # The pages shorten checksums.
                given = yaml.safe_load(re.sub(r"\b([0-9a-f]{4})\.\.\.", r"\g<1>" + "0" * 60, block.text))
                rest = {key: demo[key] for key in ("corpora", "groups", "conditions", "models", "seed")}
                check(rest | given, read_schema(ROOT))


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", prose(page)):
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"
