import os
import shutil

import pytest

from tfmatting.datasets.inspected import InspectedSamples, for_data
from tfmatting.datasets.inspection import inspect
from tfmatting.datasets.readers import find_layout
from tfmatting.datasets.sample import FileSource
from tfmatting.datasets.synthesis import sample_listing


@pytest.fixture
def data(tmp_path, pairs):
    shutil.copytree(pairs, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def loaded(monkeypatch):
    names = []
    load = FileSource.load

    def counted(self):
        names.append(self.identifier)
        return load(self)

    monkeypatch.setattr(FileSource, "load", counted)
    return names


def listing(folder):
    return find_layout(folder, None).read(folder)


def test_good_samples_are_loaded_once_and_changed_or_broken_ones_again(tmp_path, data, loaded):
    cache = tmp_path / "cache" / "known"
    first = inspect(listing(data), None, InspectedSamples(cache))
    assert len(first.sources) == len(loaded) == 6
    loaded.clear()
    assert inspect(listing(data), None, InspectedSamples(cache)).sources == first.sources
    assert loaded == []
    changed, broken = sorted((data / "image").iterdir())[:2]
    os.utime(changed, ns=(1, 1))
    broken.write_bytes(b"no picture")
    for _ in range(2):  # a problem is found every time, the changed sample once
        problems = inspect(listing(data), None, InspectedSamples(cache)).problems
        assert [problem.path for problem in problems] == [broken.stem]
    assert sorted(loaded) == sorted([changed.stem, broken.stem, broken.stem])


@pytest.mark.parametrize("content", (None, b"", b"damaged"))
def test_a_cache_that_cannot_be_read_costs_an_inspection(tmp_path, data, loaded, content):
    cache = tmp_path / "known"
    cache.mkdir() if content is None else cache.write_bytes(content)
    assert len(inspect(listing(data), None, InspectedSamples(cache)).sources) == 6
    assert len(loaded) == 6


def test_drawn_samples_are_not_remembered(tmp_path):
    cache = tmp_path / "known"
    inspect(sample_listing(2, size=(32, 32)), None, InspectedSamples(cache))
    assert not cache.exists()


def test_parts_and_folders_have_caches_of_their_own(tmp_path, monkeypatch):
    monkeypatch.delenv("TFMATTING_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    parts = (("a", "train"), ("a", "validation"), ("b", "train"))
    caches = [for_data(*part)._path for part in parts]
    assert len(set(caches)) == 3
    assert all(tmp_path / "tfmatting" in path.parents for path in caches)
