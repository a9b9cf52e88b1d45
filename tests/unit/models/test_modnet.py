import json

import numpy as np
import pytest

from tests.golden.modnet import CASES, prior, with_copies
from tests.golden.seeded import GOLDEN, seeded_image, seeded_state
from tfmatting import build, convert
from tfmatting.checkpoints.modnet import COPIES, load_modnet
from tfmatting.errors import InputError
from tfmatting.layers.half_instance import InstanceNormalization

torch = pytest.importorskip("torch", reason="reading .ckpt needs PyTorch")
from tests.golden.make_modnet import MODNet  # noqa: E402  # imports torch


def write_checkpoint(path, inputs, drop=()):
    """The official layout: DataParallel's prefix, and the encoder a second time."""
    shapes = json.loads((GOLDEN / f"modnet_{inputs}_shapes.json").read_text())
    assert any(COPIES in name for name in shapes)
    state = with_copies(seeded_state(shapes))
    torch.save({k: torch.from_numpy(v) for k, v in state.items() if k not in drop}, path)
    return path


@pytest.mark.parametrize("inputs", [3, 4])
@pytest.mark.parametrize(("size", "step"), CASES)
def test_outputs_are_pytorchs(tmp_path, size, step, inputs):
    golden = np.load(GOLDEN / "modnet.npz")
    model = build("modnet", size)
    model = load_modnet(model, write_checkpoint(tmp_path / "m.ckpt", inputs))
    trainable = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    assert trainable == int(golden[f"parameters_{inputs}"]) == {3: 6_487_075, 4: 6_487_363}[inputs]
    batch = {"image": seeded_image(size)[None]}
    if inputs == 4:
        batch["prior_alpha"] = prior(size)[None]
    outputs = model(batch, training=False)
    for name in ("semantic", "detail", "alpha"):
        ours = np.asarray(outputs[name])[0, ..., 0]
        ours = ours if name == "semantic" else ours[::step, ::step]
        expected = golden["{}_{}_{}x{}".format(name, inputs, *size)]
        assert expected.std() > 1e-3
        np.testing.assert_allclose(ours, expected, atol=1e-4)


def test_a_file_that_lacks_something_is_refused(tmp_path):
    name = "module.hr_branch.conv_hr.0.layers.0.weight"
    path = write_checkpoint(tmp_path / "m.ckpt", 3, drop=(name,))
    with pytest.raises(ValueError, match=r"2 missing: hr_branch.conv_hr.0.batch.weight"):
        load_modnet(build("modnet", (32, 32)), path)


def test_instance_normalization_is_pytorchs_at_large_values():
    x = np.random.default_rng(0).normal(50, 3, (2, 6, 5, 4)).astype("float32")
    expected = torch.nn.InstanceNorm2d(4)(torch.from_numpy(x.transpose(0, 3, 1, 2)))
    ours = np.asarray(InstanceNormalization()(x)).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(ours, expected.numpy(), atol=1e-4)


class Inference(torch.nn.Module):
    """The golden MODNet's alpha alone, as the official exporter writes it."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        return self.network(image)["alpha"]


@pytest.mark.filterwarnings("ignore")  # PyTorch's, about its own exporter
@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize("training_outputs", [True, False])
def test_an_onnx_file_gives_what_it_gives_itself(tmp_path, folded, training_outputs):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    shapes = json.loads((GOLDEN / "modnet_3_shapes.json").read_text())
    network = MODNet(3).eval()
    network.load_state_dict(
        {
            name.removeprefix("module."): torch.from_numpy(value)
            for name, value in with_copies(seeded_state(shapes)).items()
        },
        strict=False,
    )
    size, path = (64, 96), tmp_path / "modnet.onnx"
    torch.onnx.export(
        network if training_outputs else Inference(network),
        torch.zeros(1, 3, *size),
        path,
        dynamo=False,
        opset_version=11,
        do_constant_folding=folded,
        training=torch.onnx.TrainingMode.EVAL if folded else torch.onnx.TrainingMode.PRESERVE,
    )
    pixels = ((seeded_image(size).astype(np.float32) - 127.5) / 127.5).transpose(2, 0, 1)[None]
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    expected = session.run(None, {session.get_inputs()[0].name: pixels})
    model = convert(path, "modnet", input_size=size)
    found = model({"image": seeded_image(size)[None]}, training=False)
    names = ("semantic", "detail", "alpha") if training_outputs else ("alpha",)
    for name, value in zip(names, expected, strict=True):
        np.testing.assert_allclose(np.asarray(found[name])[..., 0], value[:, 0], atol=1e-4)


def test_another_networks_onnx_is_refused(tmp_path):
    onnx = pytest.importorskip("onnx")
    (tmp_path / "text.onnx").write_text("no")
    onnx.save(onnx.ModelProto(ir_version=8), str(tmp_path / "empty.onnx"))
    with pytest.raises(InputError, match="Not an ONNX file"):
        convert(tmp_path / "text.onnx", "modnet")
    with pytest.raises(InputError, match="74 convolutions .* 71 without .* with 0"):
        convert(tmp_path / "empty.onnx", "modnet")
