"""Refuses SavedModels that do more than arithmetic: TensorFlow's graphs can read and write files.

A graph's operators on texts are the ones that take file names. A matting model's own texts are the
bytes of photos, and what decodes them is named here.
What TensorFlow itself calls to save variables is not looked at: loading does not run it.

Source: TensorFlow's SECURITY.md ("models are programs") and saved_object_graph.proto.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tfmatting.errors import InputError
from tfmatting.tensorflow_setup import import_tensorflow

REFUSED = frozenset(
    ("PyFunc", "PyFuncStateless", "EagerPyFunc", "PrintV2", "DebugIdentity", "DebugIdentityV2")
    + ("DebugIdentityV3", "DebugNumericSummaryV2", "XlaHostCompute", "RemoteCall")
)
"""Python's functions, and outputs that may go to a file or an address named in an attribute."""
HARMLESS = frozenset(
    ("Assert", "Const", "NoOp", "Identity", "IdentityN", "StringFormat", "Print", "Placeholder")
    + ("PartitionedCall", "StatefulPartitionedCall", "If", "StatelessIf", "While")
    + ("StatelessWhile", "Case", "StatelessCase", "EnsureShape", "Reshape", "ExpandDims", "Squeeze")
    + ("Pack", "Unpack", "ConcatV2", "StridedSlice", "Slice", "GatherV2", "Shape", "Size", "Rank")
    + ("Equal", "NotEqual", "Select", "SelectV2", "Fill", "Tile", "StopGradient")
    + ("TensorListFromTensor", "TensorListReserve", "TensorListGetItem", "TensorListSetItem")
    + ("TensorListStack", "TensorListElementShape", "StringLength", "Substr", "StringJoin")
    + ("RegexReplace", "StaticRegexReplace", "RegexFullMatch", "StaticRegexFullMatch")
    + ("DecodeBase64", "EncodeBase64", "DecodeRaw", "DecodeImage", "DecodeJpeg", "DecodePng")
    + ("DecodeBmp", "DecodeGif", "DecodeAndCropJpeg", "ExtractJpegShape")
)
"""Operators that may have texts: messages of checks, calls of functions that are looked at
themselves, and what decodes the bytes of a photo."""
LARGEST = 2**31


def check_operators(folder: Path) -> None:
    """Look at every function that loading or using a SavedModel can run.

    Args:
        folder: with `saved_model.pb`.

    Raises:
        InputError: an operator on texts, a function of Python's, a graph of TensorFlow 1, or
            a damaged file.
    """
    import_tensorflow()
    from tensorflow.core.protobuf import saved_model_pb2

    path = folder / "saved_model.pb"
    document = saved_model_pb2.SavedModel()
    try:
        if path.stat().st_size >= LARGEST:
            raise ValueError("it has 2 GiB or more")
        document.ParseFromString(path.read_bytes())
        graph = document.meta_graphs[0]
        functions = {one.signature.name: one for one in graph.graph_def.library.function}
    except Exception as error:  # protobuf's kinds have no common one
        raise InputError(f"Not a SavedModel that can be loaded: {folder} ({error})") from error
    if len(document.meta_graphs) != 1 or not graph.object_graph_def.nodes:
        raise InputError(f"A SavedModel is one of TensorFlow 2. Received: {folder}.")
    for name in _reachable(graph.object_graph_def.concrete_functions, functions):
        for node in functions[name].node_def:
            if _refused(node):
                raise InputError(
                    f"A SavedModel is arithmetic and neither reads nor writes. Received: {folder}, "
                    f"with the operator {node.op}."
                )


def _reachable(roots: Iterable[str], functions: dict[str, Any]) -> Iterator[str]:
    """Names of the functions that others call, directly or not."""
    waiting, seen = list(roots), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        yield name
        for node in functions[name].node_def:
            waiting.append(node.op)  # a function may be called by its name
            for value in node.attr.values():
                waiting.append(value.func.name)
                waiting += [function.name for function in value.list.func]


def _refused(node: Any) -> bool:
    from tensorflow.core.framework import types_pb2
    from tensorflow.python.framework import op_def_registry

    if node.op in REFUSED:
        return True
    definition = op_def_registry.get(node.op)
    if node.op in HARMLESS or definition is None:  # a function, or unknown: it cannot be loaded
        return False
    for argument in definition.input_arg:
        kinds = [argument.type]
        for attribute in (argument.type_attr, argument.type_list_attr):
            if attribute in node.attr:
                kinds += [node.attr[attribute].type, *node.attr[attribute].list.type]
        if types_pb2.DT_STRING in kinds:
            return True
    return False
