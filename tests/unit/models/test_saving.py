import json
import zipfile

import keras
import numpy as np
import pytest

from tfmatting import build, save_model
from tfmatting.config import to_dictionary
from tfmatting.inference.pretrained import PRETRAINED
from tfmatting.models import CheckpointError, load_model, read_metadata

IMAGE = np.random.default_rng(5).integers(0, 256, (2, 64, 96, 3)).astype("uint8")


def rewritten(source, target, entry, change):
    """Copy a checkpoint with one JSON entry changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == entry:
                document = json.loads(data)
                change(document)
                data = json.dumps(document)
            new.writestr(name, data)
    return target


@pytest.fixture(scope="module")
def earlier_checkpoint(tmp_path_factory, tiny_tnet):
    """The tiny T-Net as versions before `MattingModel` wrote it: layers, and a file of metadata."""
    path = tmp_path_factory.mktemp("earlier") / "tiny.keras"
    keras.Model(tiny_tnet.input, tiny_tnet.output, name="tnet").save(path)
    metadata = {
        "model": "tnet",
        "config": to_dictionary(tiny_tnet.matting_config),
        "version": "0.1.0",
        "epoch": 7,
    }
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("tfmatting.json", json.dumps(metadata))
    return path


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


def test_facts_stay_with_the_file_and_with_what_is_saved_from_it(tmp_path, tiny_checkpoint):
    model = load_model(tiny_checkpoint)
    save_model(model, tmp_path / "a.keras", epoch=3, stage="supervised")
    again = load_model(tmp_path / "a.keras")
    again.save(tmp_path / "b.keras")
    for name in ("a.keras", "b.keras"):
        metadata = read_metadata(tmp_path / name)
        assert (metadata["epoch"], metadata["stage"]) == (3, "supervised")


def test_the_file_names_options_and_no_layers(tiny_checkpoint):
    with zipfile.ZipFile(tiny_checkpoint) as archive:
        document = json.loads(archive.read("config.json"))
    assert document["registered_name"] == "tfmatting>MattingModel"
    assert sorted(document["config"]) == ["frozen", "metadata", "name", "options"]


def test_an_earlier_file_equals_the_new_one_to_the_bit(tmp_path, tiny_tnet, earlier_checkpoint):
    earlier = load_model(earlier_checkpoint)
    assert earlier.metadata["epoch"] == 7
    earlier.save(tmp_path / "new.keras")
    by_keras = keras.models.load_model(earlier_checkpoint)  # a plain functional model
    for model in (earlier, load_model(tmp_path / "new.keras"), by_keras):
        assert [weight.path for weight in model.weights] == [w.path for w in tiny_tnet.weights]
        for ours, expected in zip(model.get_weights(), tiny_tnet.get_weights(), strict=True):
            assert np.array_equal(ours, expected)


@pytest.mark.parametrize("row", PRETRAINED.values(), ids=lambda row: row.name)
def test_the_checkpoints_that_ship_load_and_survive_saving(tmp_path, row):
    model = load_model(row.checkpoint, expect=row.model)
    assert model.matting_config.input_size == row.input_size
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_variables)
    assert trainable == row.parameters
    model.save(tmp_path / "again.keras")
    again = keras.models.load_model(tmp_path / "again.keras")
    for ours, expected in zip(again.get_weights(), model.get_weights(), strict=True):
        assert np.array_equal(ours, expected)


def test_what_is_no_checkpoint_of_the_model_is_refused(tmp_path, tiny_checkpoint):
    with pytest.raises(FileNotFoundError, match="none.keras"):
        load_model(tmp_path / "none.keras")
    (tmp_path / "text.keras").write_text("no")
    with pytest.raises(CheckpointError, match="text.keras"):
        load_model(tmp_path / "text.keras")
    with zipfile.ZipFile(tmp_path / "other.keras", "w") as archive:
        archive.writestr("readme.txt", "a zip archive, but no Keras file")
    with pytest.raises(CheckpointError, match="other.keras"):
        load_model(tmp_path / "other.keras")
    with pytest.raises(CheckpointError, match="checkpoint of 'tnet'"):
        load_model(tiny_checkpoint, expect="lfm")


def test_another_programs_keras_file_gets_one_line(tmp_path):
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]).save(tmp_path / "dense.keras")
    with pytest.raises(CheckpointError, match=r"dense\.keras, a Keras model of class 'Sequential'"):
        load_model(tmp_path / "dense.keras")


def test_weights_that_do_not_fit_their_options_are_refused(tmp_path, tiny_checkpoint):
    def widen(document):
        document["config"]["options"]["width"] = 0.5

    forged = rewritten(tiny_checkpoint, tmp_path / "forged.keras", "config.json", widen)
    with pytest.raises(CheckpointError, match="do not fit"):
        load_model(forged)


def test_a_truncated_checkpoint_is_refused(tmp_path, tiny_checkpoint):
    (tmp_path / "half.keras").write_bytes(tiny_checkpoint.read_bytes()[:5000])
    with pytest.raises(CheckpointError):
        load_model(tmp_path / "half.keras")


def test_a_checkpoint_of_a_newer_version_says_so(tmp_path, tiny_checkpoint, earlier_checkpoint):
    def renew(document):
        document["config"]["options"]["wings"] = 2
        document["config"]["metadata"]["version"] = "99.1"

    def renew_earlier(document):
        document["config"]["wings"] = 2
        document["version"] = "99.1"

    newer = rewritten(tiny_checkpoint, tmp_path / "new.keras", "config.json", renew)
    earlier = rewritten(earlier_checkpoint, tmp_path / "old.keras", "tfmatting.json", renew_earlier)
    for path in (newer, earlier):
        with pytest.raises(CheckpointError, match=rf"{path.name}.*tfmatting 99\.1.*wings.*Update"):
            load_model(path)


def test_an_unknown_option_of_this_version_is_named(tmp_path, tiny_checkpoint):
    def grow(document):
        document["config"]["options"]["wings"] = 2

    path = rewritten(tiny_checkpoint, tmp_path / "wings.keras", "config.json", grow)
    with pytest.raises(ValueError, match="no option wings"):
        load_model(path)


def test_an_interrupted_write_leaves_the_earlier_file(tmp_path, monkeypatch):
    model = build("tnet", (32, 32), width=0.25)
    save_model(model, tmp_path / "m.keras")
    before = (tmp_path / "m.keras").read_bytes()

    def interrupted(self, path, **options):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.Model, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_model(model, tmp_path / "m.keras")
    assert (tmp_path / "m.keras").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["m.keras"]


def test_facts_are_the_files_and_not_the_models(tmp_path):
    model = build("tnet", (32, 32), width=0.25)
    save_model(model, tmp_path / "m.keras", epoch=3)
    assert "epoch" not in model.metadata and read_metadata(tmp_path / "m.keras")["epoch"] == 3
    with pytest.raises(TypeError, match="tfmatting.build"):
        save_model(keras.Sequential([keras.layers.Dense(1)]), tmp_path / "other.keras")
