"""Copies of an archive with one byte, or one bit of it, of another value, all over it."""

import random
import zipfile
from collections.abc import Iterator
from pathlib import Path


def flipped_anywhere(archive: Path, number: int) -> Iterator[Path]:
    """`number` copies, one after the other under one name: a byte of the content of as many members as there are, of
    members' headers, of the list of members and of the end, at places drawn with one seed."""
    draw = random.Random(2026)
    content = archive.read_bytes()
    with zipfile.ZipFile(archive) as file:
        entries, start = file.infolist(), file.start_dir
    places = [range(start, len(content) - 22), range(len(content) - 22, len(content))]
    for entry in draw.sample(entries, len(entries)):
        data = entry.header_offset + len(entry.FileHeader())
        places += [range(data, data + entry.compress_size), range(entry.header_offset, data)]
    copy = archive.with_name("flipped.zip")
    for k in range(number):
        at = draw.choice(places[k % len(places)] or places[0])
        flipped = bytearray(content)
        flipped[at] ^= draw.choice([0xFF, 0x80, 0x01])
        copy.write_bytes(flipped)
        yield copy
    copy.unlink()
