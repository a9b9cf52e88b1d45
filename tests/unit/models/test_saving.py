import json
import zipfile

import numpy as np
import pytest

from tfmatting.models import CheckpointError, load_model, read_metadata

IMAGE = np.random.default_rng(5).integers(0, 256, (2, 64, 96, 3)).astype("uint8")


def test_a_loaded_model_gives_the_same_numbers(tiny_tnet, tiny_checkpoint):
    loaded = load_model(tiny_checkpoint)
    assert loaded.matting_config == tiny_tnet.matting_config
    for name, value in tiny_tnet({"image": IMAGE}, training=False).items():
        assert np.array_equal(value, loaded({"image": IMAGE}, training=False)[name])


def test_a_checkpoint_says_what_it_holds_and_loads_at_another_size(tiny_checkpoint):
    metadata = read_metadata(tiny_checkpoint)
    assert metadata["model"] == "tnet" and metadata["config"]["width"] == 0.25
    larger = load_model(tiny_checkpoint, input_size=(96, 128))
    assert larger.output["alpha"].shape == (None, 96, 128, 1)


def test_what_is_no_checkpoint_of_the_model_is_refused(tmp_path, tiny_checkpoint):
    with pytest.raises(FileNotFoundError, match="none.keras"):
        load_model(tmp_path / "none.keras")
    (tmp_path / "text.keras").write_text("no")
    with pytest.raises(CheckpointError, match="text.keras"):
        load_model(tmp_path / "text.keras")
    with pytest.raises(CheckpointError, match="checkpoint of 'tnet'"):
        load_model(tiny_checkpoint, expect="lfm")


def test_weights_that_do_not_fit_their_card_are_refused(tmp_path, tiny_checkpoint):
    forged = tmp_path / "forged.keras"
    with zipfile.ZipFile(tiny_checkpoint) as source, zipfile.ZipFile(forged, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "tfmatting.json":
                metadata = json.loads(data)
                metadata["config"]["width"] = 0.5
                data = json.dumps(metadata)
            target.writestr(name, data)
    with pytest.raises(CheckpointError, match="do not fit"):
        load_model(forged)


def test_a_truncated_checkpoint_is_refused(tmp_path, tiny_checkpoint):
    (tmp_path / "half.keras").write_bytes(tiny_checkpoint.read_bytes()[:5000])
    with pytest.raises(CheckpointError):
        load_model(tmp_path / "half.keras")


def test_a_checkpoint_of_a_newer_version_says_so(tmp_path, tiny_checkpoint):
    newer = tmp_path / "newer.keras"
    metadata = read_metadata(tiny_checkpoint)
    metadata["version"] = "99.1"
    metadata["config"]["wings"] = 2
    with zipfile.ZipFile(tiny_checkpoint) as old, zipfile.ZipFile(newer, "w") as new:
        for name in old.namelist():
            data = json.dumps(metadata) if name == "tfmatting.json" else old.read(name)
            new.writestr(name, data)
    with pytest.raises(CheckpointError, match=r"written by tfmatting 99\.1.*wings.*Update"):
        load_model(newer)
