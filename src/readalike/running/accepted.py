"""Results that stay although the code that made them changed, since both codes were found to write the same bytes.

`make accept` writes accepted.json into a folder of results: which codes were compared, by which files, and which jobs
keep what they made. It holds for the code that was compared and for no other: after the next change everything counts
as before. Nothing of the results or their records is touched.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from readalike.errors import FileFormatError
from readalike.files.atomic import replacing

ACCEPTED = "accepted.json"
# Name of a job of extraction in it.
JOB = "attention/{corpus}/{model}/lot-{lot}/layers-{first}-{last}"


@dataclass(frozen=True)
class Comparison:
    """Two codes of a script that wrote the same bytes.

    script : as records name it; made_by : digest of the code that made what was there; now : of the code beside it
    models : that were extracted anew; revision : of the project then
    files : path below the folder of results -> SHA-256, the same of the file that was there and of the one made anew
    """

    script: str
    made_by: str
    now: str
    revision: str
    models: Sequence[str]
    files: Mapping[str, str]


@dataclass(frozen=True)
class Kept:
    """A job that keeps its results. known_as : the code that Snakemake knows it by; now : the code it stands for."""

    known_as: str
    now: str


@dataclass(frozen=True)
class Accepted:
    compared: Sequence[Comparison] = ()
    jobs: Mapping[str, Kept] = field(default_factory=dict)

    def known_as(self, job: str, code: str) -> str:
        """What Snakemake is told as the code of a job: the code it was made by, where `code` was accepted for it."""
        kept = self.jobs.get(job)
        return kept.known_as if kept is not None and kept.now == code else code

    def covers(self, script: str, made_by: str, now: str) -> bool:
        """Whether results of one code of a script may stand beside the code that it has now."""
        return made_by == now or any(
            (own.script, own.made_by, own.now) == (script, made_by, now) for own in self.compared
        )


def read_accepted(results: Path) -> Accepted:
    """What was accepted in a folder of results; nothing where there is no such file.

    Raises FileFormatError for one that cannot be read.
    """
    path = results / ACCEPTED
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Accepted(
            [Comparison(**own) for own in found["compared"]], {job: Kept(**own) for job, own in found["jobs"].items()}
        )
    except FileNotFoundError:
        return Accepted()
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise FileFormatError(
            f"{path}: not as make accept wrote it ({error}); delete it, and what it kept is made again unless it is "
            "accepted anew"
        ) from None


def write_accepted(results: Path, accepted: Accepted) -> None:
    with replacing(results / ACCEPTED) as temporary:
        temporary.write_text(json.dumps(asdict(accepted), indent=1, sort_keys=True) + "\n", encoding="utf-8")
