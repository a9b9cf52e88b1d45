"""No file of weights runs code, unpacks files, or leads to other files of this machine."""

from __future__ import annotations

import io
import json
import os
import pickle
import stat
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.fuzz import seeds
from tfmatting import load_model
from tfmatting.checkpoints.backbone_sources import read_npz
from tfmatting.checkpoints.keras_h5 import read_h5
from tfmatting.checkpoints.pytorch import read_state_dict
from tfmatting.errors import TfmattingError
from tfmatting.inference import load
from tfmatting.models import CheckpointError, read_metadata


class Payload:
    """Pickled, it makes a folder when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (os.mkdir, (str(self.mark),))


@pytest.fixture
def mark(tmp_path):
    """A folder that the payloads make; none may."""
    path = tmp_path / "code ran"
    yield path
    assert not path.exists()


def archive_of(path, members: dict) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def changed(path, change) -> None:
    """The stored checkpoint with its description changed."""
    document = json.loads(seeds.keras_config())
    change(document)
    path.write_bytes(seeds.with_config(json.dumps(document).encode()))


def lambda_model(mark) -> keras.Model:
    return keras.Sequential(
        [keras.Input((3,)), keras.layers.Lambda(lambda x, p=str(mark): (Path(p).mkdir(), x)[1])]
    )


def test_a_lambda_layer_of_another_model(tmp_path, mark):
    model = lambda_model(tmp_path / "never")
    (tmp_path / "never").rmdir()  # made when the model was built
    model.save(tmp_path / "lambda.keras")
    for read in (load_model, load):
        with pytest.raises(CheckpointError, match="class 'Sequential'"):
            read(tmp_path / "lambda.keras")
    with pytest.raises(ValueError, match="[Ll]ambda"):
        keras.models.load_model(tmp_path / "lambda.keras")
    assert not (tmp_path / "never").exists()


def command(name: str, module: str, *words: str) -> dict:
    """An object as Keras describes it, by the path of its module."""
    return {"module": module, "class_name": name, "config": {"args": list(words)},
            "registered_name": name}  # fmt: skip


def evil_layers(mark) -> dict:
    layer = {"name": "evil", "inbound_nodes": [], **command("mkdir", "os", str(mark))}
    return {"name": "unet", "trainable": True, "layers": [layer], "input_layers": [],
            "output_layers": []}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        lambda document, mark: document["config"].update(evil_layers(mark)),
        lambda document, mark: document.update(config=evil_layers(mark)),
        lambda document, mark: document["config"].update(options=command("mkdir", "os", str(mark))),
        lambda document, mark: document["config"]["options"].update(
            width=command("mkdir", "os", str(mark))
        ),
        lambda document, mark: document["config"].update(name="os.mkdir"),
        lambda document, mark: document.update(module="os", class_name="mkdir"),
        lambda document, mark: document.update(
            compile_config={"loss": command("mkdir", "os", str(mark)), "optimizer": "sgd"}
        ),
    ],
    ids=["layers", "only-layers", "options", "option", "name", "class", "compiled"],
)
def test_objects_named_by_their_module(tmp_path, mark, change):
    path = tmp_path / "m.keras"
    changed(path, lambda document: change(document, mark))
    for read in (load_model, keras.models.load_model):
        try:
            model = read(path)
        except (TfmattingError, ValueError, TypeError, KeyError, ImportError):
            continue
        assert model.name == "unet"  # the registry's, whatever else the file says


def pickles(mark) -> dict[str, bytes]:
    text = b"cos\nsystem\n(S'mkdir \"" + str(mark).encode() + b"\"'\ntR."
    return {
        "protocol 0": text,
        "protocol 2": pickle.dumps({"weight": Payload(mark)}, 2),
        "protocol 5": pickle.dumps({"weight": Payload(mark)}, 5),
        "second pickle": pickle.dumps(0x1950A86A20F9469CFC6C, 2) + text,
    }


@pytest.mark.parametrize("form", ["protocol 0", "protocol 2", "protocol 5", "second pickle"])
def test_pickles_under_every_name(tmp_path, mark, form):
    data = pickles(mark)[form]
    archive_of(tmp_path / "zip.pth", {"archive/data.pkl": data, "archive/version": "3"})
    readers = [(read_npz, "bare.npz"), (read_h5, "bare.h5"), (read_metadata, "bare.keras")]
    for read, name in readers:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(TfmattingError):
            read(str(tmp_path / name))
    pytest.importorskip("torch", reason="PyTorch is an extra")
    (tmp_path / "bare.pth").write_bytes(data)
    for name in ("bare.pth", "zip.pth"):
        with pytest.raises(TfmattingError, match=name):
            read_state_dict(tmp_path / name)


def test_arrays_of_objects(tmp_path, mark):
    array = np.array([Payload(mark)], dtype=object)
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    archive_of(tmp_path / "a.npz", {"conv/kernel.npy": file.getvalue()})
    (tmp_path / "b.npz").write_bytes(file.getvalue())
    np.savez(tmp_path / "text.npz", **{"conv/kernel": np.array(["text"])})
    for name in ("a.npz", "b.npz", "text.npz"):
        with pytest.raises(TfmattingError, match=name):
            read_npz(str(tmp_path / name))


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "C:\\evil", "..\\evil"])
@pytest.mark.parametrize("suffix", ["keras", "npz", "pth"])
def test_members_outside_the_archive(tmp_path, name, suffix):
    path = tmp_path / "inside" / f"m.{suffix}"
    path.parent.mkdir()
    path.write_bytes(seeds.stored(suffix))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "evil")
    refused(path, "inside its folder")
    assert [one.name for one in tmp_path.rglob("*")] == ["inside", path.name]


@pytest.mark.parametrize("suffix", ["keras", "npz", "pth"])
def test_links_and_two_members_of_one_name(tmp_path, suffix):
    for number in range(2):
        path = tmp_path / f"{number}.{suffix}"
        path.write_bytes(seeds.stored(suffix))
        with zipfile.ZipFile(path, "a") as archive, pytest.warns() if number else nothing():
            link = zipfile.ZipInfo(archive.namelist()[0] if number else "link")
            if not number:
                link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")
        refused(path, "no links" if suffix != "npz" else "npz")


class nothing:  # noqa: N801
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def refused(path, words: str) -> None:
    if path.suffix == ".npz":
        with pytest.raises(TfmattingError, match="npz"):
            read_npz(str(path))
    elif path.suffix == ".keras":
        with pytest.raises(CheckpointError, match=words):
            load_model(path)
    else:
        pytest.importorskip("torch", reason="PyTorch is an extra")
        with pytest.raises(TfmattingError, match=words):
            read_state_dict(path)


def h5_bytes(fill) -> bytes:
    import h5py

    file = io.BytesIO()
    with h5py.File(file, "w") as root:
        fill(root)
    return file.getvalue()


@pytest.fixture
def secret(tmp_path):
    import h5py

    path = tmp_path / "secret.h5"
    with h5py.File(path, "w") as root:
        root["kernel:0"] = np.ones((1, 1, 3, 1), np.float32)
    return path


@pytest.mark.parametrize("kind", ["link", "group link", "storage", "virtual", "objects", "huge"])
def test_weights_that_lie_elsewhere(tmp_path, secret, kind):
    import h5py

    def fill(root):
        root.attrs["layer_names"] = [b"conv"]
        group = root.create_group("conv")
        group.attrs["weight_names"] = [b"kernel:0"]
        if kind == "link":
            group["kernel:0"] = h5py.ExternalLink(str(secret), "kernel:0")
        elif kind == "group link":
            del root["conv"]
            root["conv"] = h5py.ExternalLink(str(secret), "/")
        elif kind == "storage":
            group.create_dataset("kernel:0", (8,), "u1", external=[(str(secret), 0, 8)])
        elif kind == "virtual":
            layout = h5py.VirtualLayout((1, 1, 3, 1), np.float32)
            layout[:] = h5py.VirtualSource(str(secret), "kernel:0", (1, 1, 3, 1))
            group.create_virtual_dataset("kernel:0", layout)
        elif kind == "objects":
            group.create_dataset("kernel:0", data=["text"], dtype=h5py.string_dtype())
        else:
            group.create_dataset("kernel:0", (10**6, 10**6), np.float32, chunks=(1000, 1000))

    (tmp_path / "w.h5").write_bytes(h5_bytes(fill))
    with pytest.raises(TfmattingError, match=r"w\.h5: .*(another file|no numbers|at most)"):
        read_h5(tmp_path / "w.h5")


def test_a_checkpoint_whose_weights_lie_elsewhere(tmp_path, secret):
    import h5py

    names: list[str] = []
    with h5py.File(io.BytesIO(seeds.weights())) as root:
        root.visititems(lambda name, item: names.append(name) if name.endswith("vars") else None)

    def fill(root):
        for name in names:
            root[name] = h5py.ExternalLink(str(secret), "/")

    (tmp_path / "m.keras").write_bytes(seeds.with_weights(h5_bytes(fill)))
    with pytest.raises(CheckpointError, match="do not fit"):
        load_model(tmp_path / "m.keras")
