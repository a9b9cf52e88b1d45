"""A Keras model that knows which matting model it is, and is saved as that.

The configuration of a `.keras` file is the model's name and its options, not its layers. Whoever
opens the file (`keras.models.load_model`, `tfmatting.load_model`) builds the network from the
registry and sets the weights, so no code from the file is ever run.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import keras

from tfmatting.config import Size, to_dictionary
from tfmatting.errors import InputError
from tfmatting.layers.normalization import share_statistics
from tfmatting.models.metadata import CheckpointError, is_newer
from tfmatting.models.registry import REGISTRY, typed_options, validated_config
from tfmatting.version import __version__

PACKAGE = "tfmatting"


@keras.saving.register_keras_serializable(PACKAGE)
class MattingModel(keras.Model):
    """A functional Keras model with its place in the registry.

    It maps `{"image": [B, H, W, 3] RGB 0..255}` (and "prior_alpha" where the model takes one) to
    `{"alpha": float32 [B, H, W, 1] in [0, 1], ...}`. Subclasses may train otherwise; their files
    are those of the network, whose training goes on elsewhere.

    Args:
        network: functional model whose layers and weights this one shares.
        config: its configuration dataclass; the network's own when omitted.

    Attributes:
        matting_config: the configuration, `input_size` included.
        metadata: facts that go into the file, such as `epoch`; a dictionary that JSON can hold.

    Example:
        >>> import tfmatting
        >>> model = tfmatting.build("tnet", (64, 96), width=0.25)
        >>> model.matting_config.width
        0.25
        >>> model.save("m.keras")
        >>> import keras
        >>> keras.models.load_model("m.keras").input["image"].shape
        (None, 64, 96, 3)
    """

    def __init__(self, network: keras.Model, config: Any = None):
        super().__init__(inputs=network.input, outputs=network.output, name=network.name)
        self.matting_config = config or network.matting_config
        self.metadata: dict[str, Any] = {}

    def train_step(self, *state_and_data: Any) -> Any:
        """Keras' step; TensorFlow's replicas of the model keep one set of batch-norm statistics."""
        figures = super().train_step(*state_and_data)  # JAX alone passes a state, and returns it
        if keras.backend.backend() == "tensorflow":
            share_statistics(self)
        return figures

    def __init_subclass__(cls, **options: Any):
        """Save subclasses under this class' name: their files hold the network alone."""
        super().__init_subclass__(**options)
        register = keras.saving.register_keras_serializable(PACKAGE, "MattingModel")
        register(cls)
        register(MattingModel)  # the name leads here again

    def get_config(self) -> dict[str, Any]:
        """Name, options and metadata; the layers follow from them."""
        return {
            "name": self.name,
            "options": to_dictionary(self.matting_config),
            "metadata": {**to_dictionary(self.metadata), "version": __version__},
            "frozen": [layer.name for layer in self.layers if not layer.trainable],
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> keras.Model:
        """Build the model that `get_config` describes, with random weights.

        Earlier files hold the layers of a plain functional model; that is what they give.

        Raises:
            CheckpointError: written by a newer version that knows more.
            InputError: no such model or option.
        """
        if "layers" in config:
            return keras.Model.from_config(config, custom_objects)
        model = rebuilt(config["name"], config["options"], config["metadata"])
        for name in config["frozen"]:
            model.get_layer(name).trainable = False
        return model

    def get_compile_config(self) -> dict[str, Any] | None:
        """Optimizer, losses and metrics; none where they are this package's own.

        The stages compile with functions that Keras could not find again. Their files open
        uncompiled; a stopped stage goes on with `train.py --resume`.
        """
        config = super().get_compile_config()
        if _names_own_code(config):
            return None
        try:
            keras.saving.deserialize_keras_object(config)
        except (TypeError, ValueError):  # a function that Keras cannot find by its name
            return None
        return config


def build(name: str, input_size: Size | None = None, **options: Any) -> MattingModel:
    """Build a model of the registry with random weights.

    Args:
        name: a name of the registry ("tnet").
        input_size: (height, width), a multiple of the model's stride; its default if omitted.
        **options: fields of the model's configuration dataclass.

    Returns:
        A functional model: `{"image": [B, H, W, 3] RGB 0..255} -> {"alpha": float32
        [B, H, W, 1] in [0, 1], ...}`, with its configuration as `matting_config`. Keras saves it
        (`model.save("m.keras")`), and every command takes the file.

    Raises:
        InputError: unknown model or option, or a size the model cannot take.

    Example:
        >>> import tfmatting
        >>> tfmatting.build("tnet").output["alpha"].shape
        (None, 320, 320, 1)
    """
    config = validated_config(name, input_size, **options)
    return MattingModel(REGISTRY[name].network(config), config)


def another_form(model: keras.Model, **options: Any) -> MattingModel:
    """Build a model with all options of another one but those given, with random weights.

    Args:
        model: of the registry.
        **options: the options that differ, `input_size` among them.

    Raises:
        InputError: unknown option, or a size the model cannot take.
    """
    return build(model.name, **{**asdict(model.matting_config), **options})


def rebuilt(name: str, options: dict[str, Any], metadata: dict[str, Any]) -> MattingModel:
    """Build the model that a file describes, with random weights.

    Raises:
        CheckpointError: written by a newer version that knows more.
        InputError: no such model or option.
    """
    try:
        model = build(name, **typed_options(name, options))
    except InputError as error:
        if is_newer(metadata.get("version", "")):
            raise CheckpointError(
                f"The model was written by tfmatting {metadata['version']}; this is {__version__} "
                f"and does not know all of it ({error}) Update tfmatting."
            ) from error
        raise
    model.metadata = dict(metadata)
    return model


def _names_own_code(config: Any) -> bool:
    """Whether a serialised object refers to functions or classes of this package."""
    if isinstance(config, list | tuple):
        return any(_names_own_code(item) for item in config)
    if not isinstance(config, dict):
        return False
    if str(config.get("module", "")).split(".")[0] == PACKAGE:
        return True
    return any(_names_own_code(value) for value in config.values())
