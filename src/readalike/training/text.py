"""Training text out of packages of Debian 12: WordNet's glosses and examples, two dictionaries, the Bible.

Packages are pinned by version and SHA-256, so that the text is the same wherever it is made. Left out are GCIDE (GPL)
and FOLDOC (GFDL), whose licences ask more of what is made of them than a card can give and cannot be joined in one
work; and python3.11-doc, since each security update removes the version before it from the archive.
"""

import gzip
import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from readalike.errors import DownloadError
from readalike.weights.wheel import sha256_of

# One document in 50 is held out, chosen by its own text: no change of order or of other sources moves it.
HELD_OUT_ONE_IN = 50
# Neighbours in WordNet are akin, so that a document of some of them has a subject.
MEANINGS_A_DOCUMENT = 8
LONG_GLOSS = 14  # words


class Source(NamedTuple):
    """A package, the file or folder in it that is read, and how."""

    package: str
    version: str
    sha256: str  # of the .deb
    file: str
    licence: str
    read: Callable[[Path], Iterator[str]]


def fetch(source: Source, folder: Path) -> Path:
    """The source's file or folder, from its package in `folder` (downloaded and unpacked there where it is not).

    Raises DownloadError where apt-get or dpkg fails or the package is another.
    """
    name = f"{source.package}_{source.version.replace(':', '%3a')}_all.deb"
    if not (folder / name).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", "download", f"{source.package}={source.version}"], folder, name)
    if (found := sha256_of(folder / name)) != source.sha256:
        raise DownloadError(f"{folder / name}: SHA-256 is {found}, expected {source.sha256}; remove it and try again")
    unpacked = folder / source.package
    if not (unpacked / source.file).exists():
        _run(["dpkg", "-x", name, source.package], folder, name)
    return unpacked / source.file


def copyright_file(source: Source, folder: Path) -> str:
    """What the package, unpacked in `folder` by `fetch`, says of its copyright."""
    return (folder / source.package / "usr/share/doc" / source.package / "copyright").read_text(encoding="utf-8")


def _run(command: list[str], folder: Path, name: str) -> None:
    remedy = f"use Debian 12 (apt-get update first), or put {name} from its archive into {folder}"
    if shutil.which(command[0]) is None:
        raise DownloadError(f"{command[0]} is not here, and the training text comes from Debian's packages; {remedy}")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DownloadError(f"{' '.join(command)} failed; {remedy}. It said:\n{done.stderr.strip()[-400:]}")


def is_held_out(document: str) -> bool:
    return int(hashlib.sha256(document.encode()).hexdigest()[:8], 16) % HELD_OUT_ONE_IN == 0


def split_documents(documents: list[str]) -> tuple[list[str], list[str]]:
    """Training and held-out documents in their order, each text once."""
    unique = list(dict.fromkeys(documents))
    return [d for d in unique if not is_held_out(d)], [d for d in unique if is_held_out(d)]


class Synset(NamedTuple):
    """One meaning in WordNet: its words, part of speech (n, v, a, r), gloss without examples, examples."""

    words: tuple[str, ...]
    part: str
    gloss: str
    examples: tuple[str, ...]


def read_synsets(folder: Path) -> Iterator[Synset]:
    """WordNet's meanings, from the folder of data.noun, data.verb, data.adj, data.adv."""
    for kind in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{kind}").read_text(encoding="utf-8").splitlines():
            if line.startswith("  "):  # the licence
                continue
            fields, _, text = line.partition(" | ")
            cells = fields.split()
            words = [re.sub(r"\(\w+\)$", "", w).replace("_", " ") for w in cells[4 : 4 + 2 * int(cells[3], 16) : 2]]
            examples = re.findall(r'"([^"]{3,})"', text)
            text = re.sub(r"^\s*\([^)]*\) ", "", text)  # the field, such as (botany)
            gloss = _tidy(re.sub(r'[;:,]?\s*"[^"]*"?(\s*-+\s*[A-Z][^;"]*)?', "", text)).strip(" ;:")
            if gloss:
                part = cells[2].replace("s", "a")
                yield Synset(tuple(dict.fromkeys(words)), part, gloss, tuple(_tidy(e) for e in examples))


def named(synset: Synset) -> str:
    """The first word, with its article or `to` where it needs one."""
    word = synset.words[0]
    if synset.part == "v":
        return f"to {word}"
    if synset.part == "n" and word.islower() and re.match(r"(a|an|any|one)\b", synset.gloss):
        return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
    return word


def meaning(synset: Synset) -> str:
    """The gloss; a verb's starts with `to`."""
    return f"to {re.sub('^to ', '', synset.gloss)}" if synset.part == "v" else synset.gloss


def definition(synset: Synset) -> str:
    """Word and gloss as one sentence."""
    return as_sentence(f"{named(synset)} {'is' if synset.part in 'nv' else 'means'} {meaning(synset)}")


def paragraphs(folder: Path) -> Iterator[tuple[str, list[Synset]]]:
    """WordNet's documents, each with its meanings: definition, another word, examples.

    Short meanings without an example are left out: most are species, places and people, in a few set phrases.
    """
    synsets = [s for s in read_synsets(folder) if s.examples or len(s.gloss.split()) >= LONG_GLOSS]
    for k in range(0, len(synsets), MEANINGS_A_DOCUMENT):
        sentences = []
        for synset in synsets[k : k + MEANINGS_A_DOCUMENT]:
            others = f"Another word for it is {synset.words[1]}." if len(synset.words) > 1 else ""
            sentences += [definition(synset), others, *map(as_sentence, synset.examples)]
        yield " ".join(filter(None, sentences)), synsets[k : k + MEANINGS_A_DOCUMENT]


def _wordnet(folder: Path) -> Iterator[str]:
    return (document for document, _ in paragraphs(folder))


def as_sentence(text: str) -> str:
    """With a large first letter and a full stop."""
    text = text[0].upper() + text[1:]
    return text if text.rstrip('"')[-1:] in tuple(".!?") else f"{text}."


def _tidy(text: str) -> str:
    text = text.replace("`", "'").replace("''", '"').replace("’", "'").replace("‘", "'")
    return " ".join(text.replace(" ,", ",").replace(" ;", ";").split())


def _entries(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Headword lines and joined paragraphs of a dictd file; an entry starts where a line is not indented."""
    text = gzip.decompress(path.read_bytes()).decode("utf-8", errors="replace")
    for entry in re.split(r"\n\n(?=\S)", text):
        head, _, rest = entry.partition("\n")
        yield head, [" ".join(p.split()) for p in re.split(r"\n\s*\n", rest)]


def _jargon(path: Path) -> Iterator[str]:
    for head, paragraphs in _entries(path):
        text = re.sub(r"\{([^}]*)\}", r"\1", " ".join(paragraphs))
        text = _tidy(text.replace("“", '"').replace("”", '"'))
        text = re.sub(r"^(/[^/]*/,?|\w{1,4}\.,?|\[[^\]]*\]|\d\.|\s)+", "", text)
        if len(text.split()) >= 12 and not head.startswith("00-"):
            yield f"{head}. {as_sentence(text)}"


def _devil(path: Path) -> Iterator[str]:
    text = gzip.decompress(path.read_bytes()).decode("ascii", errors="replace")
    for entry in re.split(r"\n(?=[A-Z][A-Z' -]+, \w)", text)[1:]:
        head, _, rest = entry.partition(",")
        body = re.sub(r"^\s*[\w.& ]{1,12}\.\s+", "", rest)
        yield f"{head.capitalize()}. {_tidy(body.replace('_', ''))}"


def _bible(path: Path) -> Iterator[str]:
    """The King James Version, a chapter a document, without numbers of verses."""
    # A header of 368 bytes, then compress(1): gzip reads it, Python's library does not.
    done = subprocess.run(["gzip", "-dc"], input=path.read_bytes()[368:], capture_output=True, check=False)
    chapters: dict[str, list[str]] = {}
    for line in done.stdout.decode("ascii", errors="replace").splitlines():
        if found := re.match(r"(\w+\d+):\d+ (.*)", line):
            chapters.setdefault(found[1], []).append(found[2])
    for verses in chapters.values():
        yield " ".join(verses)


SOURCES = (
    Source(
        "wordnet-base",
        "1:3.0-37",
        "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752",
        "usr/share/wordnet",
        "WordNet 3.0 licence; WordNet 3.0 Copyright 2006 by Princeton University",
        _wordnet,
    ),
    Source(
        "dict-jargon",
        "4.4.7-3.1",
        "405f8168d7994ed2cb71407bb95493daec2e9aa66fc0461dafa74a9d6728a8c1",
        "usr/share/dictd/jargon.dict.dz",
        "public domain (The Jargon File 4.4.7, 29 Dec 2003)",
        _jargon,
    ),
    Source(
        "dict-devil",
        "1.0-13.1",
        "6a535684def2a1f70cd42da16d12d43f0e9dc3e54e4a329178eebab3170e3154",
        "usr/share/dictd/devil.dict.dz",
        "public domain (Ambrose Bierce, The Devil's Dictionary, 1911)",
        _devil,
    ),
    Source(
        "bible-kjv-text",
        "4.38",
        "d61b6aad4c51ba9e2800b825325fa6a09e99a0d02a9bb6dc4724fcc4995a1b7a",
        "usr/lib/bible.data",
        "text in the public domain (King James Version, 1611); package: use, copy, modify, distribute at will",
        _bible,
    ),
)
