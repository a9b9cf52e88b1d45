import json
import pickle

import numpy as np
import pytest

from tests.golden.seeded import GOLDEN, SIZES, seeded_image, seeded_state
from tfmatting import build, load_model
from tfmatting.checkpoints.pytorch import read_state_dict

torch = pytest.importorskip("torch", reason="PyTorch is an extra")


@pytest.fixture(scope="module")
def tensors():
    state = seeded_state(json.loads((GOLDEN / "tnet_shapes.json").read_text()))
    tensors = {name: torch.from_numpy(value) for name, value in state.items()}
    tensors["feature.head_conv.1.num_batches_tracked"] = torch.tensor(7)
    return tensors


@pytest.mark.parametrize("form", ["plain", "tnet", "module"])
def test_convert_reads_every_form_of_the_checkpoint(tmp_path, command, tensors, form):
    document = tensors
    if form == "module":
        document = {f"module.{name}": value for name, value in tensors.items()}
    if form == "tnet":
        document = {"epoch": 3, "tnet": tensors, "optimizer": {"lr": 0.1}}
    torch.save(document, tmp_path / "tnet.pth")
    size = SIZES[1]
    code, out, _ = command(
        "convert", tmp_path / "tnet.pth", "--model", "tnet", "-o", tmp_path / "t.keras",
        "--input-size", "{},{}".format(*size),
    )  # fmt: skip
    assert code == 0 and "t.keras" in out
    model = load_model(tmp_path / "t.keras")
    logits = np.load(GOLDEN / "tnet.npz")["logits_{}x{}".format(*size)]
    probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    trimap = np.asarray(model({"image": seeded_image(size)[None]})["trimap"])[0]
    np.testing.assert_allclose(trimap, probabilities, atol=1e-4)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: {f"module._orig_mod.model.{k}": v for k, v in state.items()},
        lambda state: {f"_orig_mod.module.net.{k}": v for k, v in state.items()},
        lambda state: {"epoch": 1, "model_state": state},
        lambda state: {"net": {f"net.{k}": v for k, v in state.items()}, "optimizer": {"lr": 1}},
        lambda state: {"state_dict": {"a": torch.zeros(1)}, "state_dict_ema": state},
        lambda state: {"params_ema": state, "params": {"a": torch.zeros(1)}},
        lambda state: {"state_dict": {"ema": {"module." + k: v for k, v in state.items()}}},
        lambda state: {"n_averaged": torch.ones(()), **{"net." + k: v for k, v in state.items()}},
        lambda state: {k: v.bfloat16() if v.is_floating_point() else v for k, v in state.items()},
        lambda state: {k: v.half() if v.is_floating_point() else v for k, v in state.items()},
    ],
)  # fmt: skip
def test_weights_in_other_wrappings_are_the_same(tmp_path, tensors, wrap):
    torch.save(tensors, tmp_path / "plain.pth")
    torch.save(wrap(tensors), tmp_path / "wrapped.pth")
    plain, found = (read_state_dict(tmp_path / f"{name}.pth") for name in ("plain", "wrapped"))
    assert list(plain) == list(found)
    for name, array in plain.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_allclose(found[name], array, rtol=2**-7, atol=1e-6)


def test_a_file_without_weights_is_refused_with_its_keys(tmp_path):
    torch.save({"epoch": 3, "optimizer": {"lr": 0.1}}, tmp_path / "no.pth")
    with pytest.raises(ValueError, match=r"Its keys: epoch, optimizer\."):
        read_state_dict(tmp_path / "no.pth")


def test_what_does_not_fit_leaves_no_file(tmp_path, command, tensors):
    part = dict(list(tensors.items())[5:])
    torch.save(part, tmp_path / "part.pth")
    code, _, err = command(
        "convert", tmp_path / "part.pth", "--model", "tnet", "-o", tmp_path / "t.keras"
    )
    assert code == 2 and "5 missing" in err and err.count("\n") == 1
    assert not (tmp_path / "t.keras").exists()


class Malicious:
    def __reduce__(self):
        return (print, ("this code ran",))


def test_code_in_a_checkpoint_is_not_run(tmp_path, command, capfd):
    with (tmp_path / "bad.pth").open("wb") as file:
        pickle.dump({"a": Malicious()}, file)
    code, out, err = command(
        "convert", tmp_path / "bad.pth", "--model", "tnet", "-o", tmp_path / "t.keras"
    )
    assert code == 2 and "this code ran" not in out and "bad.pth" in err


def test_random_forms_build_like_the_file(tensors):
    assert build("tnet", (32, 32)).count_params() == sum(
        value.numel() for name, value in tensors.items() if "num_batches" not in name
    )
