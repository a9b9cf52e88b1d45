"""The accelerators: what each accepts of a TFLite, ONNX or TensorFlow file, as published.

A new accelerator is one entry of `TARGETS`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar


@dataclass(frozen=True)
class TFLiteTarget:
    """An accelerator that runs TFLite files.

    Attributes:
        name: the value of `--target`.
        title: the name that people know.
        source: where the list is published.
        versions: operator -> the newest version of it that is accepted.
        integers: every tensor inside must have 8 or 32 bits.
        one_graph: everything after the first operator that is refused runs on the host.
        largest: operator -> the largest number of elements of its input.
    """

    suffix: ClassVar[str] = ".tflite"
    name: str
    title: str
    source: str
    versions: dict[str, int]
    integers: bool = False
    one_graph: bool = False
    largest: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ONNXTarget:
    """A compiler that reads ONNX files.

    Attributes:
        name, title, source: as of a `TFLiteTarget`.
        operators: the operators that it accepts.
        opset: the newest opset that it accepts.
        resize: attribute of `Resize` -> the values that it accepts.
    """

    suffix: ClassVar[str] = ".onnx"
    name: str
    title: str
    source: str
    operators: frozenset[str]
    opset: int
    resize: dict[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class GraphTarget:
    """What reads frozen TensorFlow graphs.

    Attributes:
        name, title, source: as of a `TFLiteTarget`.
        operators: the operators that it takes.
        inference_only: batch normalization must be that of inference, and the sizes of
            enlargements constants.
    """

    suffix: ClassVar[str] = ".pb"
    name: str
    title: str
    source: str
    operators: frozenset[str]
    inference_only: bool = True


Target = TFLiteTarget | ONNXTarget | GraphTarget


def _versions(text: str, version: int, **others: int) -> dict[str, int]:
    return dict.fromkeys(text.split(), version) | others


_EDGETPU = TFLiteTarget(
    name="edgetpu",
    title="Coral Edge TPU",
    source="coral.ai/docs/edgetpu/models-intro, supported operations, compiler 16",
    versions=_versions(
        "ADD AVERAGE_POOL_2D CONCATENATION EXPAND_DIMS L2_NORMALIZATION LOGISTIC MAXIMUM "
        "MAX_POOL_2D MEAN MINIMUM MUL PACK PAD PRELU QUANTIZE REDUCE_MAX REDUCE_MIN RELU RELU6 "
        "RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR RSQRT SLICE SOFTMAX "
        "SPACE_TO_DEPTH SPLIT SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE SUB SUM TANH TRANSPOSE",
        2,
        CONV_2D=3,
        DEPTHWISE_CONV_2D=3,
        FULLY_CONNECTED=4,
        TRANSPOSE_CONV=3,
    ),
    integers=True,
    one_graph=True,
    largest={"SOFTMAX": 16_000},
)
_GPU = TFLiteTarget(
    name="gpu",
    title="LiteRT GPU delegate",
    source="ai.google.dev/edge/litert, GPU delegate, and its delegates/gpu/common/model_builder.cc",
    versions=_versions(
        "ADD AVERAGE_POOL_2D CONCATENATION DIV EXP HARD_SWISH LOGISTIC MAXIMUM MAX_POOL_2D MEAN "
        "MINIMUM MUL PAD PRELU QUANTIZE RELU RELU6 RESHAPE RSQRT SLICE SOFTMAX SQRT "
        "SQUARE SQUARED_DIFFERENCE STRIDED_SLICE SUB TANH",
        2,
        CONV_2D=5,
        DEPTHWISE_CONV_2D=6,
        DEQUANTIZE=3,  # of weights in 16 bits
        FULLY_CONNECTED=4,
        MIRROR_PAD=1,
        RESIZE_BILINEAR=3,
        RESIZE_NEAREST_NEIGHBOR=3,
        SPACE_TO_DEPTH=2,
        TRANSPOSE_CONV=3,
    ),
)
_NNAPI = TFLiteTarget(
    name="nnapi",
    title="Android NNAPI delegate (deprecated since Android 15)",
    source="developer.android.com/ndk/guides/neuralnetworks, feature level 4 (Android 11)",
    versions=_versions(
        "ADD AVERAGE_POOL_2D BATCH_TO_SPACE_ND CONCATENATION DEQUANTIZE DIV EXP EXPAND_DIMS "
        "HARD_SWISH L2_NORMALIZATION LOGISTIC MAXIMUM MAX_POOL_2D MEAN MINIMUM MUL PAD PADV2 "
        "PRELU QUANTIZE RELU RELU6 RELU_N1_TO_1 RESHAPE RSQRT SLICE SOFTMAX SPACE_TO_BATCH_ND "
        "SPACE_TO_DEPTH SPLIT SQRT SQUEEZE STRIDED_SLICE SUB TANH TILE TRANSPOSE",
        2,
        CONV_2D=3,
        DEPTHWISE_CONV_2D=3,
        FULLY_CONNECTED=4,
        RESIZE_BILINEAR=3,
        RESIZE_NEAREST_NEIGHBOR=3,
        TRANSPOSE_CONV=3,
    ),
)


_COMMON = (
    "Abs Add AveragePool BatchNormalization Cast Ceil Clip Concat Constant Conv ConvTranspose Div "
    "Elu Erf Exp Expand Flatten Floor Gather Gemm GlobalAveragePool GlobalMaxPool HardSigmoid "
    "HardSwish Identity InstanceNormalization LeakyRelu Log MatMul Max MaxPool Min Mul Neg PRelu "
    "Pad Pow Reciprocal ReduceMax ReduceMean ReduceMin ReduceSum Relu Reshape Resize Shape Sigmoid "
    "Slice Softmax Softplus Split Sqrt Squeeze Sub Sum Tanh Tile Transpose Unsqueeze Where"
)
"""Operators of vision networks that both lists name."""
_LINEAR_OR_NEAREST = frozenset({"linear", "nearest"})
_TENSORRT = ONNXTarget(
    name="tensorrt",
    title="TensorRT",
    source="github.com/onnx/onnx-tensorrt, docs/operators.md, TensorRT 8.5",
    operators=frozenset(_COMMON.split()),
    opset=17,
    resize={
        "mode": _LINEAR_OR_NEAREST,
        "coordinate_transformation_mode": frozenset(
            [
                "half_pixel",
                "pytorch_half_pixel",
                "tf_half_pixel_for_nn",
                "asymmetric",
                "align_corners",
            ]
        ),
        "nearest_mode": frozenset(["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"]),
    },
)
_ATC = ONNXTarget(
    name="atc",
    title="Ascend ATC",
    source="hiascend.com, supported ONNX operators, CANN 5.0.4 and, for opsets to 18, 8.5",
    operators=frozenset(_COMMON.split()),
    opset=18,
    resize={"mode": _LINEAR_OR_NEAREST},
)
_ASCEND_310 = replace(
    _ATC,
    name="ascend310",
    title="Ascend 310 (not 310P)",
    source="hiascend.com, supported ONNX operators, CANN 7.0: opsets 9 to 18; CANN 6.0 ends at 13",
)
"""Its own row, because CANN 8.5 no longer lists this processor."""
_IMPORTED = (
    "Abs Add AddN AddV2 ArgMax ArgMin AvgPool AvgPool3D BiasAdd BlockLSTM ClipByValue Concat "
    "ConcatV2 Const Conv2D Conv2DBackpropInput Conv3D CropAndResize DepthwiseConv2dNative Elu Exp "
    "ExpandDims Flatten FusedBatchNorm FusedBatchNormV3 FusedResizeAndPadConv2D Identity "
    "L2Normalize LRN LeakyRelu MatMul Max MaxPool MaxPool3D MaxPoolGrad Mean MirrorPad Mul Pack "
    "Pad Placeholder PriorBox RealDiv Relu Relu6 Reshape ResizeBilinear ResizeNearestNeighbor "
    "Sigmoid Slice Softmax SpaceToBatchND Split Square Squeeze StridedSlice Sub Sum Tanh "
    "Transpose"
)
"""Operators that OpenCV has an importer for."""
_OPENCV = GraphTarget(
    name="opencv",
    title="OpenCV's DNN module",
    source="github.com/opencv/opencv, 4.x, modules/dnn/src/tensorflow/tf_importer.cpp",
    operators=frozenset(_IMPORTED.split()),
)
_BUILT_IN = (
    "Abs Add AddN AddV2 All Any ArgMax ArgMin Atan2 AvgPool BatchMatMul BatchMatMulV2 "
    "BatchMatMulV3 BatchToSpaceND BiasAdd BroadcastArgs BroadcastTo Bucketize Cast Ceil Concat "
    "ConcatV2 Const Conv2D Conv2DBackpropInput Conv3D Cos Cumsum DepthToSpace "
    "DepthwiseConv2dNative Div Elu Equal Exp ExpandDims FakeQuantWithMinMaxArgs "
    "FakeQuantWithMinMaxVars Fill Floor FloorDiv FloorMod FusedBatchNorm FusedBatchNormV3 Gather "
    "GatherNd GatherV2 Greater GreaterEqual Identity LRN LeakyRelu Less LessEqual Log Log1p "
    "LogSoftmax LogicalAnd LogicalNot LogicalOr MatMul MatrixDiag MatrixSetDiagV3 Max MaxPool "
    "Maximum Mean Min Minimum MirrorPad Mul Neg NoOp NonMaxSuppressionV4 NonMaxSuppressionV5 "
    "NotEqual OneHot Pack Pad PadV2 Placeholder Pow Prod Range Rank RealDiv Relu Relu6 Reshape "
    "ResizeBilinear ResizeNearestNeighbor ReverseSequence ReverseV2 Round Rsqrt ScatterNd "
    "SegmentSum Select SelectV2 Shape Sigmoid Sign Sin Slice Softmax Softplus SpaceToBatchND "
    "SpaceToDepth Split SplitV Sqrt Square SquaredDifference Squeeze StridedSlice Sub Sum Tanh "
    "Tile TopKV2 Transpose Unique Unpack Where ZerosLike"
)
"""Operators of TensorFlow that become built-in ones of TFLite."""
_LITERT = GraphTarget(
    name="litert",
    title="TFLite without Select TensorFlow operators",
    source="github.com/tensorflow/tensorflow, lite/transforms/legalize_patterns.td, legalize_tf.cc",
    operators=frozenset(_BUILT_IN.split()),
    inference_only=False,
)
TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        _EDGETPU,
        _GPU,
        _NNAPI,
        _TENSORRT,
        _ATC,
        _ASCEND_310,
        _OPENCV,
        _LITERT,
    )
}
"""Value of `--target` -> the accelerator, for `.tflite`, `.onnx` and `.pb` files alike."""
