import numpy as np
import pytest
from keras import applications

from tfmatting import build
from tfmatting.checkpoints import imagenet


@pytest.fixture(scope="module")
def network():
    """keras.applications' own MobileNetV2 with random weights: the source of names and truth."""
    return applications.MobileNetV2(
        input_shape=(64, 64, 3), alpha=0.35, include_top=False, weights=None
    )


@pytest.fixture(scope="module")
def weights(tmp_path_factory, network):
    path = tmp_path_factory.mktemp("weights") / "imagenet.npz"
    np.savez(path, **{variable.path: np.asarray(variable) for variable in network.variables})
    return str(path)


def load(model, source, **options):
    arguments = {"encoder": "mobilenet_v2", "width": 0.35, **options}
    layer = model.get_layer("normalization")
    return imagenet.load_backbone_weights(model, source, normalization=layer, **arguments)


def features(model, image):
    import keras

    inner = keras.Model(model.input, model.get_layer("block_12_project_BN").output)
    return np.asarray(inner({"image": image}, training=False))


def test_the_encoder_computes_what_keras_applications_does(mobile_options, network, weights):
    import keras

    model = build("tnet", (64, 64), **{**mobile_options, "width": 0.35})
    assert load(model, weights) == 255
    image = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3)).astype("float32")
    truth = keras.Model(network.input, network.get_layer("block_12_project_BN").output)
    expected = np.asarray(truth(image / 127.5 - 1, training=False))
    np.testing.assert_allclose(features(model, image), expected, atol=1e-5)


def test_another_normalisation_gives_the_same_features(mobile_options, weights):
    """The stem is rewritten; zero padding differs, so the border of the image is left out."""
    plain = build("tnet", (128, 128), **{**mobile_options, "width": 0.35})
    options = {**mobile_options, "width": 0.35, "mean": (114.0, 121.0, 134.0), "scale": 255.0}
    other = build("tnet", (128, 128), **{**options, "channel_order": "bgr", "epsilon": 1e-5})
    image = np.random.default_rng(1).integers(0, 256, (1, 128, 128, 3)).astype("float32")
    for model in (plain, other):
        load(model, weights)
    import keras

    stems = [
        np.asarray(keras.Model(m.input, m.get_layer("bn_Conv1").output)({"image": image}))
        for m in (plain, other)
    ]
    np.testing.assert_allclose(stems[0][:, :-1, :-1], stems[1][:, :-1, :-1], atol=1e-4)


def test_a_missing_expansion_becomes_the_identity(weights):
    model = build("tnet", (32, 32), width=0.35)
    load(model, weights)
    kernel = np.asarray(model.get_layer("expanded_conv_expand").kernel)
    assert np.array_equal(kernel[0, 0], np.eye(kernel.shape[2]))


def test_none_leaves_the_weights_alone(mobile_options):
    model = build("tnet", (64, 64), **{**mobile_options, "width": 0.35})
    before = model.get_weights()
    assert load(model, "none") == 0
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_weights_of_another_width_or_no_weights_are_refused(tmp_path, mobile_options, weights):
    model = build("tnet", (64, 64), **{**mobile_options, "width": 0.5})
    with pytest.raises(ValueError, match="do not fit"):
        load(model, weights, width=0.5)
    with pytest.raises(FileNotFoundError, match="imagenet, or none"):
        load(model, str(tmp_path / "missing.npz"))
    (tmp_path / "text.npz").write_text("no")
    with pytest.raises(ValueError, match="layer/variable"):
        load(model, str(tmp_path / "text.npz"))


def test_a_closed_network_is_a_clear_error(monkeypatch, mobile_options):
    def refuse(**_):
        raise Exception("URL fetch failure on https://example.invalid: None")

    monkeypatch.setattr(applications, "MobileNetV2", refuse)
    model = build("tnet", (64, 64), **{**mobile_options, "width": 0.35})
    with pytest.raises(ValueError, match=r"--backbone-weights FILE.npz, or none"):
        load(model, "imagenet")
