"""Lists, manifests, JSON and `--set` with anything in them: a result, or the package's error."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import mutate
from tests.fuzz.seeds import lists
from tfmatting.config import override, parse_size, typed
from tfmatting.datasets.readers.lfm_lists import read_list
from tfmatting.datasets.readers.tnet_lists import read_tnet_lists
from tfmatting.datasets.readers.voc import read_voc_parts
from tfmatting.documents import parse_json, read_json, read_text
from tfmatting.errors import InputError, TfmattingError
from tfmatting.models.checkpoints import is_done
from tfmatting.photos.manifest import COLUMNS, Manifest, read_manifest
from tfmatting.training.options import TrainingOptions, read_options
from tfmatting.video.segments import Segments

QUICK = settings(max_examples=40, deadline=None, database=None)
CHANCE = st.randoms(use_true_random=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
HOSTILE = (
    "[" * 100_000,
    '{"a":' * 100_000,
    "9" * 5_000,
    "1e999",
    "-1e999",
    "NaN",
    "[Infinity]",
    "1" + "0" * 400,
    "\ud800",
    "\0",
    "",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lists")


def answered(read, *arguments) -> None:
    """A result, or one line of the package's own."""
    try:
        read(*arguments)
    except TfmattingError as error:
        assert str(error).strip() and len(str(error)) < 5000


@QUICK
@given(path=st.text(max_size=30), text=st.text(max_size=30) | JSON.map(json.dumps))
def test_settings_of_any_text(path, text):
    answered(override, TrainingOptions(), {path: text})
    for name in ("epochs", "learning_rate", "input_size", "smoke", "model"):
        answered(override, TrainingOptions(), {name: text})
    answered(parse_size, text)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:9]))
def test_settings_that_broke_the_parser(text):
    for name in ("epochs", "learning_rate", "input_size", "smoke"):
        with pytest.raises(InputError, match=name):
            override(TrainingOptions(), {name: text})
    answered(parse_size, text)


@pytest.mark.parametrize("text", HOSTILE[:8], ids=lambda text: repr(text[:9]))
def test_json_that_broke_the_parser(folder, text):
    (folder / "a.json").write_text(text)
    for read, argument in ((parse_json, text), (read_json, folder / "a.json")):
        try:
            value = read(argument)
        except InputError:
            continue
        assert value in (float("inf"), -float("inf"), 10**400)  # `typed` refuses them
        with pytest.raises(InputError):
            typed(TrainingOptions, {"learning_rate": value})


@QUICK
@given(chance=CHANCE, data=st.sampled_from(lists()))
def test_lists_of_pairs(folder, chance, data):
    (folder / "train_set.txt").write_bytes(mutate(data, chance))
    answered(read_list, folder / "train_set.txt")


@QUICK
@given(document=JSON, chance=CHANCE)
def test_lists_in_json(folder, document, chance):
    for name, data in (
        ("a_img.json", json.dumps(document).encode()),
        ("a_alpha.json", mutate(lists()[2], chance)),
    ):
        (folder / name).write_bytes(data)
    answered(read_tnet_lists, folder)


def test_names_that_no_file_can_have(folder):
    (folder / "odd_set.txt").write_text("a" * 5000 + " b\nc\0d e\n/dev/zero /dev/zero\n")
    listing = read_list(folder / "odd_set.txt")
    assert len(listing.problems) == 3 and not listing.sources


def test_a_list_that_is_no_text(folder):
    (folder / "latin_set.txt").write_bytes(b"image/\xe9.png alpha/\xe9.png\n")
    with pytest.raises(InputError, match=r"latin_set\.txt.*UTF-8"):
        read_list(folder / "latin_set.txt")
    names = folder / "ImageSets" / "Segmentation"
    names.mkdir(parents=True)
    (names / "train.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"train\.txt.*UTF-8"):
        read_voc_parts(folder)


def test_a_text_without_end(folder, monkeypatch):
    monkeypatch.setattr("tfmatting.documents.LARGEST", 100)
    (folder / "long.txt").write_text("x" * 101)
    with pytest.raises(InputError, match="at most 100 bytes"):
        read_text(folder / "long.txt")


@QUICK
@given(document=JSON | st.fixed_dictionaries({"options": JSON, "recipe": JSON}))
def test_the_files_of_a_run(folder, document):
    (folder / "run.json").write_text(json.dumps(document))
    answered(read_options, folder)
    stage = folder / "stage"
    stage.mkdir(exist_ok=True)
    (stage / "best.keras").touch()
    (stage / "config.json").write_text(json.dumps(document))
    assert is_done(stage, 3)


@QUICK
@given(chance=CHANCE)
def test_manifests(folder, chance):
    row = "a.jpg,a.png,10,20,0.5,1.5,,2026-01-01"
    good = f"{','.join(COLUMNS)}\n{row}\n{row}\n".encode()
    (folder / "m.csv").write_bytes(mutate(good, chance))
    answered(read_manifest, folder / "m.csv")
    answered(Manifest, folder / "m.csv")


def test_a_manifest_with_a_word_for_a_number_or_an_endless_field(folder):
    for field in ("tall", "9" * 200_000):
        text = f"{','.join(COLUMNS)}\na.jpg,a.png,{field},20,0.5,1.5,,now\n"
        (folder / "m.csv").write_text(text)
        with pytest.raises(InputError, match=r"m\.csv is damaged"):
            Manifest(folder / "m.csv")


def test_a_parquet_file_that_is_none(folder):
    pytest.importorskip("pyarrow")
    for data in (b"PAR1", b"PAR1" + bytes(50) + b"PAR1", b"no"):
        (folder / "m.parquet").write_bytes(data)
        with pytest.raises(InputError, match=r"m\.parquet is damaged"):
            Manifest(folder / "m.parquet")


def test_segments_of_a_film(tmp_path):
    hidden = tmp_path / ".film.mp4.segments"
    hidden.mkdir()
    for name, text in (("settings.json", "{}"), ("000000.mkv", ""), ("000000.txt", "0\n1")):
        (hidden / name).write_text("[" * 100_000 if name == "settings.json" else text)
    with pytest.raises(InputError):
        Segments(tmp_path / "film.mp4", {}, resume=True)


def test_every_text_and_json_is_read_within_limits():
    """No reader of the package goes around `documents`."""
    package = Path(__file__).parents[3] / "tfmatting"
    pattern = re.compile(r"json\.load\(|json\.loads\(.*read|\.read_text\(")
    own = {"documents.py", "machine.py", "segments.py"}
    """/proc/self/status, and the times beside a segment, which are this package's own."""
    found = [
        str(path) for path in package.rglob("*.py")
        if path.name not in own and pattern.search(path.read_text())
    ]  # fmt: skip
    assert found == []
