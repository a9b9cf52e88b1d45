import json

import numpy as np
import pytest

from tests.golden.modnet import CASES, prior, with_copies
from tests.golden.seeded import GOLDEN, seeded_image, seeded_state
from tfmatting import build
from tfmatting.checkpoints.modnet import COPIES, load_modnet
from tfmatting.layers.half_instance import InstanceNormalization

torch = pytest.importorskip("torch", reason="reading .ckpt needs PyTorch")


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
