"""Lets `keras.models.load_model` open our files after `import tfmatting`, and nothing more.

Keras finds a custom class by its registered name, so a class must be registered before a file is
opened; and registering one by its decorator means importing it, and Keras with it. `import
tfmatting` imports neither. So a finder on `sys.meta_path` waits until somebody imports Keras. Then
it registers stand-ins, which import the class itself when a file asks for it. When our module is
imported, its decorator replaces the stand-in.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # importlib.abc takes longer than all of `import tfmatting`
    from collections.abc import Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType

KERAS = "keras"
MODELS = ("MattingModel", "ConsistencyModel", "SelfPriorModel")
"""The last two are what earlier files call a model that a stage has trained."""
LAYERS = (
    "BatchNormalization",
    "Conv2D",
    "FixedPointwise",
    "InstanceNormalization",
    "ResizeBilinear",
    "ResizeNearest",
    "SymmetricPadding",
)
"""Earlier files describe a model layer by layer; so does `keras.models.clone_model`."""


def register_when_keras_is_imported() -> None:
    """Register the classes that our files name, now or as soon as Keras is there."""
    if sys.modules.get(KERAS):
        _register(sys.modules[KERAS])
    elif not any(isinstance(finder, _KerasFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _KerasFinder())  # type: ignore[arg-type]


class _KerasFinder:
    """A `MetaPathFinder` that finds Keras as the others do, and is called once it has run."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != KERAS:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        for finder in others:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    self._follow(spec.loader)
                return spec
        return None

    def _follow(self, loader: Loader) -> None:
        """Register after this loader has executed the module; the loader stays what it is."""
        execute = loader.exec_module

        def execute_and_register(module: ModuleType) -> None:
            execute(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
            _register(module)

        loader.exec_module = execute_and_register  # type: ignore[method-assign]


class _StandIn:
    """A registered class that is imported when Keras rebuilds an object from a file."""

    def __init__(self, name: str):
        self._name = name

    def from_config(self, config: dict[str, Any]) -> Any:
        """Rebuild the object, as the class itself does."""
        return _find(self._name).from_config(config)


def _register(keras: Any) -> None:
    registered = keras.saving.get_custom_objects()
    for name in (*MODELS, *LAYERS):
        registered.setdefault(f"tfmatting>{name}", _StandIn(name))


def _find(name: str) -> Any:
    if name in LAYERS:
        from tfmatting import layers

        return getattr(layers, name)
    from tfmatting.models.matting_model import MattingModel

    return MattingModel
