"""Files between rules: what is written comes back, whole or not at all; damaged ones are refused."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from readalike.attention.states import read_token_budget
from readalike.corpus import Corpus, Sentence
from readalike.errors import FileFormatError, NumericsError
from readalike.files.atomic import replacing, replacing_folder
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.files.gaze import Gaze, read_gaze, write_gaze
from readalike.files.hdf5 import dataset, reading_hdf5, replacing_hdf5, texts, write_texts

CORPUS = Corpus((Sentence(1, 1, ("Could", "humans")), Sentence(1, 2, ("live", "on", "Mars"))))


def attention_block(first: int, layers: int, total: int, seed: int = 0) -> dict[str, ConditionResult]:
    rng = np.random.default_rng([seed, first])
    last = first + layers == total
    return {
        name: ConditionResult(
            rng.random((layers, 2, CORPUS.n_pairs), dtype=np.float32),
            loss=np.array([3.0, 4.0]) if last else None,
            tokens=np.array([2, 5]) if last else None,
        )
        for name in ("plain", "noise")
    }


def write_block(folder: Path, first: int, layers: int, total: int) -> tuple[Path, dict[str, ConditionResult]]:
    path = folder / f"layers-{first}-{first + layers - 1}.h5"
    conditions = attention_block(first, layers, total)
    attributes = {"model": "m", "layers": total, "heads": 2, "versions": {"torch": "x"}}
    write_attention(path, conditions, CORPUS, first=first, attributes=attributes)
    return path, conditions


def test_attention_comes_back_from_blocks(tmp_path: Path) -> None:
    one, early = write_block(tmp_path, 0, 2, 3)
    two, late = write_block(tmp_path, 2, 1, 3)
    with open_attention([two, one], CORPUS) as attention:
        assert attention.whole
        assert attention.conditions == ("noise", "plain")
        np.testing.assert_array_equal(attention.layer("plain", 1), early["plain"].attention[1])
        np.testing.assert_array_equal(attention.layer("noise", 2), late["noise"].attention[0])
        assert attention.loss("plain").tolist() == [3.0, 4.0]
        assert attention.tokens("plain").tolist() == [2, 5]


def test_attention_is_stored_as_asked(tmp_path: Path) -> None:
    conditions = attention_block(0, 1, 1)
    attributes = {"model": "m", "layers": 1, "heads": 2}
    path = tmp_path / "layers-0-0.h5"
    write_attention(path, conditions, CORPUS, first=0, attributes=attributes, storage="float16")
    with h5py.File(path) as file:
        assert file["plain/attention"].dtype == np.float16
    with open_attention([path], CORPUS) as attention:
        np.testing.assert_allclose(attention.layer("plain", 0), conditions["plain"].attention[0], rtol=2**-11)


def test_a_missing_block_is_named(tmp_path: Path) -> None:
    one, _ = write_block(tmp_path, 0, 2, 3)
    with open_attention([one], CORPUS) as attention:
        assert not attention.whole
        with pytest.raises(FileFormatError, match=r"layers \[2\] of 3 are missing; best layer needs all"):
            attention.require_whole("best layer")
        with pytest.raises(FileFormatError, match="no loss of condition plain"):
            attention.loss("plain")
        with pytest.raises(FileFormatError, match="no condition translate"):
            attention.layer("translate", 0)


def test_conditions_may_be_in_files_of_their_own(tmp_path: Path) -> None:
    paths = []
    for first, layers in ((0, 2), (2, 1)):
        found = attention_block(first, layers, 3)
        for name, result in found.items():
            paths.append(tmp_path / name / f"layers-{first}-{first + layers - 1}.h5")
            paths[-1].parent.mkdir(exist_ok=True)
            attributes = {"model": "m", "layers": 3, "heads": 2}
            write_attention(paths[-1], {name: result}, CORPUS, first=first, attributes=attributes)
    with open_attention(paths, CORPUS) as attention:
        assert attention.whole
        assert attention.conditions == ("noise", "plain")
        assert attention.path == tmp_path
        np.testing.assert_array_equal(attention.layer("noise", 2), found["noise"].attention[0])
        np.testing.assert_array_equal(attention.layer("plain", 2), found["plain"].attention[0])
        assert attention.tokens("noise").tolist() == [2, 5]
    with open_attention(paths[::2], CORPUS) as attention:
        assert attention.conditions == ("plain",)
    few = pytest.raises(FileFormatError, match="layer 2 is in one of the conditions plain and noise only")
    with few, open_attention(paths[:3], CORPUS):
        pass
    twice = pytest.raises(FileFormatError, match="blocks of condition plain overlap")
    with twice, open_attention([*paths, paths[0]], CORPUS):
        pass


def test_nan_in_attention_is_named_when_written_and_when_read(tmp_path: Path) -> None:
    conditions = attention_block(0, 3, 3)
    conditions["noise"].attention[2, 1, 4] = np.nan
    with pytest.raises(NumericsError, match="m, condition noise: attention of layer 2 .* article 1, sentence 2"):
        write_attention(
            tmp_path / "bad.h5", conditions, CORPUS, first=0, attributes={"model": "m", "layers": 3, "heads": 2}
        )
    assert list(tmp_path.iterdir()) == []


def test_attention_of_another_corpus_is_refused(tmp_path: Path) -> None:
    path, _ = write_block(tmp_path, 0, 3, 3)
    other = Corpus((Sentence(1, 1, ("Could", "people")), CORPUS.sentences[1]))
    with pytest.raises(FileFormatError, match="differs first at article 1, sentence 1"), open_attention([path], other):
        pass


def test_a_file_that_is_no_hdf5_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "layers-0-1.h5"
    path.write_bytes(b"torn off")
    with pytest.raises(FileFormatError, match="cannot be read as HDF5"), open_attention([path], CORPUS):
        pass


def test_gaze_comes_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    signals = {name: rng.random((2, CORPUS.n_pairs)) for name in ("number", "duration")}
    gaze = Gaze("L1", ("sub-01", "sub-03"), signals, np.array([7, 9]), {"sub-02": "tired"}, simulated=True)
    write_gaze(tmp_path / "L1.h5", gaze, CORPUS)
    again = read_gaze(tmp_path / "L1.h5", CORPUS)
    assert (again.group, again.readers, again.readers_are) == ("L1", ("sub-01", "sub-03"), "simulated")
    assert again.excluded == {"sub-02": "tired"}
    assert again.steps.tolist() == [7, 9]
    for name, values in signals.items():
        np.testing.assert_array_equal(again.signals[name], values)


def damaged(path: Path, change: Callable[[h5py.File], None]) -> None:
    with h5py.File(path, "r+") as file:
        change(file)


def replaced(name: str, values: Any) -> Callable[[h5py.File], None]:
    """A change of one dataset for another."""

    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = values

    return change


def with_attribute(name: str, value: Any) -> Callable[[h5py.File], None]:
    return lambda file: file.attrs.create(name, value)


def chunks_of(path: Path) -> dict[str, list[tuple[int, int]]]:
    """Every dataset -> place and size in the file of each of its chunks."""
    found: dict[str, list[tuple[int, int]]] = {}

    def note(name: str, item: h5py.HLObject) -> None:
        if isinstance(item, h5py.Dataset):
            assert item.fletcher32, name
            infos = [item.id.get_chunk_info(k) for k in range(item.id.get_num_chunks())]
            found[name] = [(info.byte_offset, info.size) for info in infos]

    with h5py.File(path, "r") as file:
        file.visititems(note)
    return found


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x01
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[h5py.File], None]] = {
    **{f"without {name}": lambda file, name=name: file.attrs.pop(name) for name in ("first_layer", "model", "heads")},
    "no number": with_attribute("layers", "three"),
    "more layers than can be": with_attribute("layers", 2**40),
    "numbers": with_attribute("last_layer", [1, 2]),
    "layers that the model has not": with_attribute("last_layer", 7),
    "layers that the dataset has not": with_attribute("first_layer", 1),
    "no condition": lambda file: [file.pop(name) for name in ("plain", "noise")],
    "no attention": lambda file: file["plain"].pop("attention"),
    "a dataset for a group": replaced("plain", np.zeros(3)),
    "a group for a dataset": lambda file: (file["plain"].pop("attention"), file["plain"].create_group("attention")),
    "heads missing": replaced("plain/attention", np.zeros((3, 1, CORPUS.n_pairs))),
    "pairs missing": replaced("plain/attention", np.zeros((3, 2, CORPUS.n_pairs - 1))),
    "text": replaced("plain/attention", np.full((3, 2, CORPUS.n_pairs), b"0.5")),
    "whole numbers": replaced("plain/attention", np.zeros((3, 2, CORPUS.n_pairs), int)),
    "loss of other sentences": replaced("plain/loss", np.zeros(3)),
    "tokens missing": lambda file: file["noise"].pop("tokens"),
    "digests of another type": lambda file: (with_attribute("corpus_digest", "x")(file), DIGESTS(file)),
}
DIGESTS = replaced("sentence_digests", np.zeros(2))


@pytest.mark.parametrize("kind", sorted(DAMAGE))
def test_mending_6_attention_that_is_not_as_it_was_written_is_named(tmp_path: Path, kind: str) -> None:
    path, _ = write_block(tmp_path, 0, 3, 3)
    damaged(path, DAMAGE[kind])
    said = r"layers-0-2\.h5: cannot be read as HDF5 of this workflow \(.*\); delete it and run again"
    with pytest.raises(FileFormatError, match=said), open_attention([path], CORPUS):
        pass


def test_mending_6_a_flipped_byte_in_packed_attention_is_named(tmp_path: Path) -> None:
    path, _ = write_block(tmp_path, 0, 3, 3)
    flip(path, chunks_of(path)["noise/attention"][1][0])
    said = r"layers-0-2\.h5: cannot be read as HDF5 .*OSError.*delete it and run again"
    with open_attention([path], CORPUS) as attention, pytest.raises(FileFormatError, match=said):
        [attention.layer(condition, layer) for condition in attention.conditions for layer in attention.layers]


def test_mending_6_an_attribute_that_a_measure_asks_for_is_missed_by_name(tmp_path: Path) -> None:
    path, _ = write_block(tmp_path, 0, 3, 3)
    with open_attention([path], CORPUS) as attention:
        assert attention.attributes["heads"] == 2
        with pytest.raises(FileFormatError, match=r"layers-0-2\.h5: has no parameters; .*delete it and run again"):
            attention.attributes["parameters"]


def test_mending_6_sentences_that_differ_are_a_list_or_damaged(tmp_path: Path) -> None:
    path, _ = write_block(tmp_path, 0, 3, 3)
    damaged(path, with_attribute("sentences_that_differ", "[torn"))
    with open_attention([path], CORPUS) as attention, pytest.raises(FileFormatError, match="delete it and run again"):
        attention.sentences_that_differ  # noqa: B018  (reading it is the test)


GAZE_DAMAGE: dict[str, Callable[[h5py.File], None]] = {
    **{f"without {name}": lambda file, name=name: file.attrs.pop(name) for name in ("group", "excluded", "left_out")},
    "no readers": lambda file: file.pop("readers"),
    "readers as numbers": replaced("readers", np.zeros(2)),
    "a reader too few": replaced("readers", np.array(["sub-01"], dtype=h5py.string_dtype())),
    "neither simulated nor measured": with_attribute("readers_are", "simulatec"),
    "no signals": lambda file: file.pop("signals"),
    "a signal of other pairs": replaced("signals/number", np.zeros((2, CORPUS.n_pairs + 1))),
    "a signal of text": replaced("signals/number", np.full((2, CORPUS.n_pairs), b"1")),
    "steps of other readers": replaced("steps", np.zeros(3, int)),
    "steps as a group": lambda file: (file.pop("steps"), file.create_group("steps")),
    "reasons as a list": with_attribute("excluded", "[]"),
    "left out for nothing known": with_attribute("left_out", '{"number": {"nothing": {}}}'),
    "left out without a reason": with_attribute("left_out", '{"number": {"score": 3}}'),
    "torn": with_attribute("left_out", '{"number": '),
}


@pytest.mark.parametrize("kind", sorted(GAZE_DAMAGE))
def test_mending_6_gaze_that_is_not_as_it_was_written_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "L1.h5"
    signals = {name: np.ones((2, CORPUS.n_pairs)) for name in ("number", "duration")}
    write_gaze(path, Gaze("L1", ("sub-01", "sub-03"), signals, np.array([7, 9])), CORPUS)
    read_gaze(path, CORPUS)
    damaged(path, GAZE_DAMAGE[kind])
    with pytest.raises(FileFormatError, match=r"L1\.h5: cannot be read as HDF5 .*delete it and run again"):
        read_gaze(path, CORPUS)


def test_mending_6_a_flipped_byte_in_packed_gaze_is_named(tmp_path: Path) -> None:
    path = tmp_path / "L1.h5"
    write_gaze(path, Gaze("L1", ("sub-01",), {"number": np.ones((1, CORPUS.n_pairs))}, np.array([7])), CORPUS)
    flip(path, chunks_of(path)["signals/number"][0][0])
    with pytest.raises(FileFormatError, match=r"L1\.h5: cannot be read as HDF5 .*OSError.*delete it and run again"):
        read_gaze(path, CORPUS)


def test_a_flipped_bit_anywhere_in_any_dataset_is_found(tmp_path: Path) -> None:
    """The last bytes of a chunk are its checksum; what packs it has padding of its own, which only that covers."""
    kept, _ = write_block(tmp_path, 0, 3, 3)
    gaze = tmp_path / "L1.h5"
    write_gaze(gaze, Gaze("L1", ("sub-01",), {"number": np.ones((1, CORPUS.n_pairs))}, np.array([7])), CORPUS)
    for path, datasets in ((kept, 7), (gaze, 4)):
        content, found = path.read_bytes(), chunks_of(path)
        assert len(found) == datasets
        for name, chunks in found.items():
            for place, size in chunks:
                for at in range(place, place + size):
                    flip(path, at)
                    with h5py.File(path, "r") as file, pytest.raises(OSError, match="read data"):
                        file[name][:]
                    path.write_bytes(content)


def test_texts_are_of_one_length_and_come_back(tmp_path: Path) -> None:
    for own in (["sub-01", "é 語", ""], [], [""]):
        with replacing_hdf5(tmp_path / "x.h5") as file:
            write_texts(file, "names", own)
        with reading_hdf5(tmp_path / "x.h5") as file:
            assert texts(file, "names", (len(own),)) == tuple(own)
            assert file["names"].dtype.kind == "S"


def test_numbers_without_checksums_are_read(tmp_path: Path) -> None:
    """As earlier versions left them beside attention."""
    path, _ = write_block(tmp_path, 0, 3, 3)
    damaged(path, replaced("plain/loss", np.array([3.0, 4.0])))
    with open_attention([path], CORPUS) as attention:
        assert attention.loss("plain").tolist() == [3.0, 4.0]


@pytest.mark.parametrize("chunks", [None, (1000,)])
def test_a_shape_that_the_file_does_not_hold_is_refused_before_memory_is_asked_for(
    tmp_path: Path, chunks: tuple[int] | None
) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("values", shape=(10**15,), dtype="f4", chunks=chunks)
    with pytest.raises(FileFormatError, match="for its shape"), reading_hdf5(tmp_path / "x.h5") as file:
        dataset(file, "values")


def test_gaze_of_the_wrong_shape_is_refused(tmp_path: Path) -> None:
    gaze = Gaze("L1", ("sub-01",), {"number": np.zeros((1, 3))}, np.array([0]))
    with pytest.raises(FileFormatError, match="signal number has shape"):
        write_gaze(tmp_path / "L1.h5", gaze, CORPUS)


def test_an_output_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "result.csv"
    target.parent.mkdir()
    target.write_text("before", encoding="utf-8")

    def write_badly() -> None:
        with replacing(target) as temporary:
            temporary.write_text("half", encoding="utf-8")
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        write_badly()
    assert target.read_text(encoding="utf-8") == "before"
    assert [path.name for path in target.parent.iterdir()] == ["result.csv"]


def test_a_disks_failure_is_an_os_error_where_a_library_in_rust_meets_it(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a disk that is full."""
    code = (
        "import resource, sys, torch; from pathlib import Path; from safetensors.torch import save_file;"
        "from readalike.files.atomic import replacing\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    with replacing(Path(sys.argv[1])) as temporary: save_file({'a': torch.zeros(10_000)}, temporary)\n"
        "except OSError as error: print(error.errno, type(error.__cause__).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.safetensors")], capture_output=True, text=True)
    assert done.stdout.startswith(f"{errno.EFBIG} SafetensorError "), done.stdout + done.stderr
    assert str(tmp_path / "a.safetensors") in done.stdout
    assert not list(tmp_path.iterdir())


def test_an_error_of_ours_that_quotes_a_disks_stays_ours(tmp_path: Path) -> None:
    for replaced in (replacing, replacing_folder):
        with pytest.raises(FileFormatError, match="os error 2"), replaced(tmp_path / "a"):
            raise FileFormatError("model.gguf cannot be read: No such file or directory (os error 2)")


def test_a_full_disk_leaves_no_hdf5_behind(tmp_path: Path) -> None:
    """/dev/full in place of the temporary file: HDF5 itself would end the process."""
    path = tmp_path / "results" / "x.h5"
    path.parent.mkdir()
    path.with_name(f".x.local.{os.getpid()}.tmp.h5").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"), replacing_hdf5(path) as file:
        file["values"] = np.ones(100_000)
    assert not list(path.parent.iterdir())


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "old").write_text("1", encoding="utf-8")

    def interrupted() -> None:
        with replacing_folder(target) as folder:
            (folder / "new").write_text("2", encoding="utf-8")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        interrupted()
    assert [path.name for path in target.iterdir()] == ["old"]
    with replacing_folder(target) as folder:
        (folder / "new").write_text("2", encoding="utf-8")
    assert [path.name for path in target.iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["folder"], "nothing temporary stays"


@pytest.mark.parametrize("content", [b"", b"\x08\0\0\0\0\0\0\0{}      ", b"\xff" * 40, None])
def test_states_that_are_damaged_are_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "states-0-1.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"states-0-1\.safetensors: cannot be read as states of the block before"):
        read_token_budget(path)
