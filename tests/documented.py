"""What the project's pages tell a reader to type or to open, and what becomes of each command in the tests.

Commands stand in fenced blocks that are marked as `sh`, `bash` or `console`. Each is in exactly one of the four tables
below. `tests/unit/test_documented_commands.py` holds the tables to the pages; the file of the same name in
`tests/workflow` runs what they say is run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "config/*.md", "docs/*.md", "envs/*.md", "resources/**/*.md")
    for path in ROOT.glob(pattern)
)
SHELLS = {"sh", "bash", "console"}
# What a command may begin with; used to find commands that are not in a block of a shell, and those within sentences.
PROGRAMS = {
    *("snakemake", "make", "python", "python3", "python3.11", "pip", "pytest", "git", "cd", "export", "unzip", "conda"),
    *("sbatch", "squeue", "scancel", "sacct", "sacctmgr", "sinfo", "scontrol", "hf", "pre-commit", "mutmut", "source"),
    *("docker", "apptainer"),
}

# command -> the test of tests/workflow/test_documented_commands.py that types it as it stands.
RUN = {
    "make demo": "test_the_demo_is_made_once",
    ".venv/bin/snakemake --profile workflow/profiles/demo -n": "test_one_more_model_extracts_itself_alone",
    "make accept CONFIG=config.yaml": "test_an_archive_is_verified_and_rebuilt",
    "make archive CONFIG=config.yaml": "test_an_archive_is_verified_and_rebuilt",
    "unzip -p readalike.zip scripts/project/verify_archive.py > verify_archive.py": (
        "test_an_archive_is_verified_and_rebuilt"
    ),
    "python3 verify_archive.py readalike.zip": "test_an_archive_is_verified_and_rebuilt",
    "unzip readalike.zip -d elsewhere && cd elsewhere": "test_an_archive_is_verified_and_rebuilt",
    "sha256sum --quiet --check sha256.txt": "test_an_archive_is_verified_and_rebuilt",
    "make environment": "test_an_archive_is_verified_and_rebuilt",
    "rm -r results/demo/figures results/demo/statistics": "test_an_archive_is_verified_and_rebuilt",
    ".venv/bin/snakemake figures statistics --profile workflow/profiles/demo --configfile config/archived.yaml": (
        "test_an_archive_is_verified_and_rebuilt"
    ),
    ".venv/bin/pytest tests/unit/test_corpus.py -k digest": "test_one_test_of_a_contributor",
    ".venv/bin/snakemake results/mine/gaze/mine.h5 --profile workflow/profiles/demo --configfile config/mine.yaml": (
        "test_readers_of_ones_own"
    ),
    "make resolve CONFIG=config/paper.yaml": "test_the_papers_models_are_resolved",
    "make resolve CONFIG=config/my-own.yaml": "test_models_of_ones_own_are_resolved",
    "read -rs HF_TOKEN && export HF_TOKEN": "test_a_token_is_given",
}

# The same, but snakemake plans only (`--dry-run` behind it, or in the profile that make hands to it): hours, a cluster,
# or data that are not here.
PLANNED = {
    ".venv/bin/snakemake --profile workflow/profiles/demo --configfile config/reading-brain.yaml": (
        "test_real_readers_are_planned"
    ),
    ".venv/bin/snakemake --profile workflow/profiles/demo --configfile config/landing.yaml": (
        "test_landings_and_reading_times_are_planned"
    ),
    ".venv/bin/snakemake --profile workflow/profiles/demo --configfile config/reading-times.yaml": (
        "test_landings_and_reading_times_are_planned"
    ),
    ".venv/bin/snakemake --profile slurm --configfile config/paper.yaml": "test_the_papers_run_is_planned",
    "make reproduce AUTHORS=DIR EVENTS=DIR": "test_the_reproduction_is_planned",
    "make real-models": "test_the_real_models_are_planned",
    "make incontext": "test_what_is_trained_in_context_is_planned",
    "make demo-incontext": "test_models_in_context_are_planned",
    "make provo PROVO=data/provo": "test_provo_is_planned",
}

# command -> file: what in it types the command.
ELSEWHERE = {
    "make reading-brain": "tests/unit/test_openneuro.py: def test_make_says_what_comes_next(",
}

# command -> why nothing types it. Its program must be there, and know the options, where it is ours.
NOT_HERE = {
    "make preflight CONFIG=config/paper.yaml": "needs a cluster; tests/unit/test_preflight.py has stand-ins for it",
    "make test": "these tests are it; .ci/run types make test-landing, which begins with the same checks of form",
    "make train-models": "an hour, and Debian's package servers",
    "make what-stands": "needs finished runs; tests/unit/test_what_stands.py calls its script",
    "make calibrate": "half an hour or more; tests/unit/test_calibration.py does a part of it",
    ".venv/bin/python tests/benchmarks/regression.py": "takes minutes, and needs a machine to itself",
    ".venv/bin/pytest tests/gpu": "needs a GPU",
    ".venv/bin/python -m tests.benchmarks.cuda": "needs a GPU",
    ".venv/bin/python -m tests.benchmarks.statistics_cost": "takes minutes; of its parts see "
    "tests/unit/test_statistics_cost.py",
    ".venv/bin/python tests/benchmarks/extraction.py": "takes minutes, and weights that are fetched",
    "docker build --file envs/Dockerfile --tag readalike .": "no Docker; tests/unit/test_packaging.py reads the recipe",
    'docker run --rm --volume "$PWD":/work readalike': "no Docker",
    "apptainer build readalike.sif envs/readalike.def": "no Apptainer; tests/unit/test_packaging.py reads the recipe",
    "apptainer exec readalike.sif snakemake --profile workflow/profiles/demo": "no Apptainer",
    ".venv/bin/snakemake --profile workflow/profiles/demo --sdm conda": "no conda",
    "OMP_NUM_THREADS=1 MPLBACKEND=Agg mutmut run --max-children 1 $(cat sample.txt)": "mutmut is not in .venv",
}


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, the word behind its fence ("" without one), and what stands in it."""

    page: str
    line: int
    language: str
    text: str


def blocks(page: str) -> Iterator[Block]:
    """Fenced blocks of a page; raises ValueError for one that does not end."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    begin = None
    for k, line in enumerate(lines):
        if line.lstrip().startswith("```"):
            if begin is not None:
                yield Block(page, begin + 1, lines[begin].strip(" `"), "\n".join(lines[begin + 1 : k]))
            begin = k if begin is None else None
    if begin is not None:
        raise ValueError(f"{page}, line {begin + 1}: a block that does not end")


def commands(page: str) -> list[str]:
    """What a reader of the page types: lines of its blocks of shell, without comments, goes-on lines joined."""
    found = []
    for block in blocks(page):
        if block.language in SHELLS:
            lines = block.text.replace("\\\n", " ").splitlines()
            if block.language == "console":  # the others are what is answered
                lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
            found += [command for line in lines if (command := re.sub(r"(^|\s+)#\s.*$", "", line).strip())]
    return found


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def spans(page: str) -> list[str]:
    """What stands between backticks in the sentences of a page."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page))]


def program(text: str) -> str:
    """The program that a line calls, without its folder and settings before it; "" where it calls none we know."""
    for word in text.removeprefix("$ ").split():
        if not re.match(r"[A-Z_]+=", word):
            name = word.removeprefix(".venv/bin/")
            return name if name in PROGRAMS else ""
    return ""
