"""Simulated readers: a seeded stochastic model of eye movements over words, for a demo without people.

docs/simulated-readers.md describes the model and compares its readers with real ones. Nothing that comes of it is a
statement about people.
"""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.gaze.events import COLUMNS

PACE = 0.12  # standard deviation over readers of the logarithm of a fixation's duration
LONGEST = 12  # characters; longer words are treated as words of this length
MOST_FIXATIONS = 60  # on one sentence; a guard that real parameters do not reach


@dataclass(frozen=True)
class Profile:
    """Parameters of one group. Chances are given as log-odds.

    land, land_length : of a word ahead being fixated rather than skipped, and what each character (to 12) adds
    after_skip : added to `land` once a word was skipped, so that two in a row are rarely skipped
    revisit : added where the word was fixated before
    refixate, refixate_length : of staying for one more fixation, and what the root of the characters adds times
    overshoot : of passing the next word whatever it is
    regress, regress_after_skip : of going back to an earlier word, and what is added after words were skipped
    reread : of going back, rather than leaving, once the end is reached
    leave : of leaving at any fixation after the end was reached once
    recency, reread_recency : how fast the chance of going back to a word falls with distance, per word, in passing
        and from the end
    informativeness : weight of a word's informativeness for being gone back to and landed on
    difficulty : standard deviation of what makes a word hard for all readers alike
    first : chances that reading begins at word 1, 2, 3, 4, 5
    reader, reader_regress : standard deviations over readers of what they fixate and of how much they go back
    off_text : share of fixations off the text
    duration, duration_sd : median of a fixation in ms, standard deviation of its logarithm
    """

    land: float
    land_length: float
    after_skip: float
    revisit: float
    refixate: float
    refixate_length: float
    overshoot: float
    regress: float
    regress_after_skip: float
    reread: float
    leave: float
    recency: float
    reread_recency: float
    informativeness: float
    difficulty: float
    first: tuple[float, float, float, float, float]
    reader: float
    reader_regress: float
    off_text: float
    duration: float
    duration_sd: float


PROFILES = {
    "native": Profile(
        land=-1.4335,
        land_length=0.4343,
        after_skip=1.0798,
        revisit=-1.1889,
        refixate=-4.6783,
        refixate_length=1.1885,
        overshoot=-3.5367,
        regress=-1.644,
        regress_after_skip=0.5625,
        reread=1.4412,
        leave=0.0333,
        recency=0.9898,
        reread_recency=0.117,
        informativeness=0.2272,
        difficulty=0.3873,
        first=(0.58, 0.31, 0.07, 0.03, 0.01),
        reader=0.4741,
        reader_regress=0.298,
        off_text=0.047,
        duration=212.0,
        duration_sd=0.48,
    ),
    "nonnative": Profile(
        land=-1.5506,
        land_length=0.6974,
        after_skip=1.1388,
        revisit=-1.0634,
        refixate=-4.5421,
        refixate_length=1.2821,
        overshoot=-2.5659,
        regress=-1.8408,
        regress_after_skip=0.739,
        reread=1.354,
        leave=-0.7109,
        recency=0.7557,
        reread_recency=0.2841,
        informativeness=0.2926,
        difficulty=0.4296,
        first=(0.45, 0.34, 0.13, 0.06, 0.02),
        reader=0.6057,
        reader_regress=0.2284,
        off_text=0.107,
        duration=226.0,
        duration_sd=0.58,
    ),
}


class Fixation(NamedTuple):
    """word: from 0, or -1 off the text; duration in ms."""

    word: int
    duration: int


class _Word(NamedTuple):
    length: int
    informativeness: float
    difficulty: float


def word_properties(corpus: Corpus, seed: int) -> list[list[_Word]]:
    """What all readers share: length, informativeness (long words that are rare in the corpus), difficulty.

    Difficulty stands for what length does not tell, such as frequency and predictability; it is drawn once for each
    word form from `seed` and the word itself, so that all groups of a corpus share it.
    """
    forms = Counter(_form(word) for item in corpus.sentences for word in item.words)
    raw = {form: np.log2(len(form) + 1) - np.log2(count) for form, count in forms.items()}
    mean, sd = np.mean(list(raw.values())), np.std(list(raw.values())) or 1.0

    def describe(word: str) -> _Word:
        form = _form(word)
        digest = int.from_bytes(hashlib.sha256(form.encode()).digest()[:8], "big")
        hard = float(np.random.default_rng([seed, digest]).standard_normal())
        return _Word(min(len(word), LONGEST), float((raw[form] - mean) / sd), hard)

    return [[describe(word) for word in item.words] for item in corpus.sentences]


def _form(word: str) -> str:
    return "".join(c for c in word.lower() if c.isalnum()) or word


def _chance(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))


def read_sentence(
    words: list[_Word], profile: Profile, rate: float, backward: float, rng: np.random.Generator
) -> Iterator[int]:
    """Words fixated, from 0, in order.

    rate, backward : the reader's own log-odds added to landing and staying, and to going back
    """
    n = len(words)
    hard = [profile.difficulty * w.difficulty + profile.informativeness * w.informativeness for w in words]
    land = [profile.land + profile.land_length * w.length + rate + h for w, h in zip(words, hard, strict=True)]
    stay = [
        _chance(profile.refixate + profile.refixate_length * np.sqrt(w.length) + rate + h)
        for w, h in zip(words, hard, strict=True)
    ]
    pull = np.exp([profile.informativeness * w.informativeness for w in words])
    visited = [False] * n
    back, back_after_skip, reread = (
        _chance(p + backward) for p in (profile.regress, profile.regress + profile.regress_after_skip, profile.reread)
    )
    leave, overshoot = _chance(profile.leave), _chance(profile.overshoot)
    at = min(int(rng.choice(5, p=profile.first)), n - 1)
    ended = skipped = False
    for _ in range(MOST_FIXATIONS):
        visited[at] = True
        yield at
        if rng.random() < stay[at]:
            continue
        if ended and rng.random() < leave:
            return
        if at > 0 and rng.random() < (back_after_skip if skipped else back):
            at, skipped = _earlier(at, pull, profile.recency, rng), False
            continue
        ahead = at + (2 if rng.random() < overshoot else 1)
        while ahead < n:
            second = profile.after_skip if ahead > at + 1 else 0.0
            if rng.random() < _chance(land[ahead] + second + (profile.revisit if visited[ahead] else 0.0)):
                break
            ahead += 1
        if ahead < n:
            at, skipped = ahead, ahead > at + 1
            continue
        if at == 0 or rng.random() >= reread:
            return
        ended, skipped = True, False
        at = _earlier(at, pull, profile.reread_recency, rng)


def _earlier(at: int, pull: FloatArray, recency: float, rng: np.random.Generator) -> int:
    weights = pull[:at] * np.exp(-recency * np.arange(at - 1, -1, -1))
    return int(np.searchsorted(np.cumsum(weights), rng.random() * weights.sum(), side="right"))


class Reader(NamedTuple):
    """What makes a reader differ: log-odds of fixating, log-odds of going back, log of the pace."""

    rate: float
    backward: float
    pace: float


def draw_readers(profile: Profile, readers: int, rng: np.random.Generator) -> list[Reader]:
    """Normal quantiles in random order, so that a group of any size has the profile's spread."""
    quantiles = stats.norm.ppf((np.arange(readers) + 0.5) / readers)
    spreads = (profile.reader, profile.reader_regress, PACE)
    return [Reader(*map(float, row)) for row in zip(*(s * rng.permutation(quantiles) for s in spreads), strict=True)]


def read_corpus_once(
    words: list[list[_Word]], profile: Profile, reader: Reader, rng: np.random.Generator
) -> list[list[Fixation]]:
    """The fixations of one reader on every sentence, in corpus order."""
    result = []
    for sentence in words:
        fixations = []
        for word in read_sentence(sentence, profile, reader.rate, reader.backward, rng):
            if rng.random() < profile.off_text / (1 - profile.off_text):
                fixations.append(Fixation(-1, _duration(profile, reader.pace, rng)))
            fixations.append(Fixation(word, _duration(profile, reader.pace, rng)))
        result.append(fixations)
    return result


def _duration(profile: Profile, pace: float, rng: np.random.Generator) -> int:
    # The reader's pace and the fixation's own variation together have the profile's spread.
    own = np.sqrt(profile.duration_sd**2 - PACE**2)
    return max(30, round(float(profile.duration * np.exp(pace + own * rng.standard_normal()))))


def write_readers(folder: Path, corpus: Corpus, *, readers: int, seed: int, profile: str) -> None:
    """Write event files with Reading Brain's columns: sub-XX/func/sub-XX_task-read_run-N_events.tsv.

    One run is one article, in an order that differs by reader. dataset_description.json says that they are simulated.
    """
    folder.mkdir(parents=True, exist_ok=True)
    description = {
        "Name": "Simulated readers: no person was measured",
        "GeneratedBy": [{"Name": "readalike", "Parameters": {"readers": readers, "seed": seed, "profile": profile}}],
    }
    (folder / "dataset_description.json").write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    # The same difficulty of words for every group: not the group's seed.
    words = word_properties(corpus, seed=0)
    articles = sorted(set(corpus.articles.tolist()))
    people = draw_readers(PROFILES[profile], readers, np.random.default_rng([seed, 0]))
    for number, reader in enumerate(people, start=1):
        rng = np.random.default_rng([seed, number])
        sentences = read_corpus_once(words, PROFILES[profile], reader, rng)
        name = f"sub-{number:02d}"
        (folder / name / "func").mkdir(parents=True, exist_ok=True)
        for run, article in enumerate(rng.permutation(articles), start=1):
            rows = [row for k in np.flatnonzero(corpus.articles == article)
                    for row in _rows(corpus.sentences[k], sentences[k], f"S{number:02d}_{run}")]  # fmt: skip
            path = folder / name / "func" / f"{name}_task-read_run-{run}_events.tsv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
                writer.writerow(COLUMNS)
                writer.writerows(_timed(rows))


def _rows(sentence: Sentence, fixations: list[Fixation], session: str) -> list[dict[str, str]]:
    """One sentence; onset and times are put in by `_timed`, which knows what came before."""
    total = sum(fixation.duration for fixation in fixations)
    rows = []
    start = 0
    for fixation in fixations:
        word = sentence.words[fixation.word] if fixation.word >= 0 else "n/a"
        rows.append(
            {
                "duration": str(fixation.duration),
                "Lemmas": _form(word) if fixation.word >= 0 else "n/a",
                "Words": word,
                "RECORDING_SESSION_LABEL": session,
                "CURRENT_FIX_ADJUSTED": "False",
                "CURRENT_FIX_DURATION": str(fixation.duration),
                "CURRENT_FIX_INTEREST_AREA_ID": str(fixation.word + 1) if fixation.word >= 0 else ".",
                "CURRENT_FIX_START": str(start),
                "SentenceID": f"t.{sentence.article:02d}.{sentence.sentence:02d}",
                "SentenceRT": str(total),
            }
        )
        start += fixation.duration
    return rows


def _timed(rows: list[dict[str, str]]) -> Iterator[list[str]]:
    """Rows with onsets in ms of the run: sentences follow each other with half a second between."""
    begin, current = 8000, ""
    for k, row in enumerate(rows):
        if row["SentenceID"] != current:
            if k:
                begin += int(rows[k - 1]["SentenceRT"]) + 500
            current = row["SentenceID"]
        times = {
            "onset": str(begin + int(row["CURRENT_FIX_START"])),
            "TRUEOnset": str(begin),
            "TRUEOffset": str(begin + int(row["SentenceRT"])),
        }
        yield [times.get(name, row.get(name, "")) for name in COLUMNS]
