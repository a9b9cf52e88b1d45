"""The models that ship in the package, one row each.

`load`, `tfmatting models` and the README's table are made from these rows. Another model ships by
putting its files into `tfmatting/shipped` and a row here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tfmatting.config import Size

SHIPPED = Path(__file__).parent.parent / "shipped"
DEFAULT = "portrait"
OF_PHOTOS = "portrait_fine"
"""The default where photos are cut out and nobody waits for the next frame."""
OF_FILMS = "portrait_video"
"""The default of films and cameras."""
DATA = (
    "1,975 portraits and street photos with hand-made binary masks, photos labelled by a vote of "
    "networks, and people-free pictures, all of mixed provenance; encoder from ImageNet weights"
)
FROM_MODNET = f"{DATA}; fine-tuned from MODNet's published photographic weights"
LICENCE = "research and evaluation; retrain on your own data for products"


@dataclass(frozen=True)
class Figures:
    """The quality and cost of a model, as in the README under "The models that ship".

    Attributes:
        iou: at alpha >= 0.5, mean over 264 validation photos at their own size.
        iou_by_source: of portraits (`eg`), street photos (`ccp`), and mixed ones (`vs`).
        mad: mean absolute difference of alpha over the whole image, times 1000.
        mad_by_source: of the same three.
        empty_alpha: mean alpha over 45 pictures without people.
        false_alarms: percent of them with more than 1 % opaque.
        things_for_people: percent of 89 pictures of animals, and of 167 of clothes without people,
            with more than 1 % opaque.
        clip_mad: within 7 pixels of the edge of a clip with soft truth, over a still and over a
            moving background.
        milliseconds: from a 512x512 photo to its alpha in LiteRT, two threads.
        memory_megabytes: of the process.
        selfie_ratio: time from a 576x432 photo to its mask in MediaPipe's runtime, as a ratio to
            MediaPipe's selfie model.
    """

    iou: float
    iou_by_source: tuple[float, float, float]
    mad: float
    mad_by_source: tuple[float, float, float]
    empty_alpha: float
    false_alarms: float
    things_for_people: tuple[float, float]
    clip_mad: tuple[float, float]
    milliseconds: float | None
    memory_megabytes: int | None
    selfie_ratio: float | None


@dataclass(frozen=True)
class PretrainedModel:
    """A model that ships.

    Attributes:
        name: what `load` and `--model` take.
        model: its name in the registry.
        precision: of the TFLite file, a name of the export formats.
        input_size: (height, width).
        megabytes: of the TFLite file, in 10^6 bytes.
        parameters: trainable ones.
        purpose: when to take it.
        figures: measured.
        checkpoint_name: stem of the `.keras` file with its weights.
        data: what it learnt from.
        licence: what the weights may be used for.
        widest: width over height of the widest photos that it is shown as a whole. It learnt from
            upright ones: of wide ones it sees parts.
    """

    name: str
    model: str
    precision: str
    input_size: Size
    megabytes: float
    parameters: int
    purpose: str
    figures: Figures
    checkpoint_name: str
    data: str = DATA
    licence: str = LICENCE
    widest: float = 1.2

    @property
    def file(self) -> Path:
        """The TFLite file."""
        return SHIPPED / f"{self.name}.tflite"

    @property
    def checkpoint(self) -> Path:
        """The Keras file, for exports in other formats and for fine-tuning."""
        return SHIPPED / f"{self.checkpoint_name}.keras"


PRETRAINED: dict[str, PretrainedModel] = {
    row.name: row
    for row in (
        PretrainedModel(
            name="portrait",
            model="tnet",
            precision="float16",
            input_size=(320, 320),
            megabytes=4.49,
            parameters=2_227_299,
            purpose="the default of `tfmatting.load`: a matte in half the time of `portrait_fine`",
            figures=Figures(
                iou=0.9646,
                iou_by_source=(0.9660, 0.9612, 0.9593),
                mad=19.8,
                mad_by_source=(22.9, 9.4, 12.5),
                empty_alpha=0.0021,
                false_alarms=2.2,
                things_for_people=(31.5, 10.2),
                clip_mad=(0.077, 0.113),
                milliseconds=29.5,
                memory_megabytes=127,
                selfie_ratio=5.8,
            ),
            checkpoint_name="portrait",
        ),
        PretrainedModel(
            name="portrait_fine",
            model="modnet",
            precision="dynamic",
            input_size=(320, 320),
            megabytes=6.73,
            parameters=6_487_075,
            purpose="the default of photos: the best matte, in twice the time of `portrait`",
            figures=Figures(
                iou=0.9661,
                iou_by_source=(0.9671, 0.9635, 0.9626),
                mad=18.7,
                mad_by_source=(21.8, 8.6, 10.8),
                empty_alpha=0.0071,
                false_alarms=4.4,
                things_for_people=(9.0, 1.8),
                clip_mad=(0.073, 0.088),
                milliseconds=58.5,
                memory_megabytes=194,
                selfie_ratio=12.1,
            ),
            checkpoint_name="portrait_fine",
            data=FROM_MODNET,
        ),
        PretrainedModel(
            name="portrait_video",
            model="modnet",
            precision="dynamic",
            input_size=(256, 256),
            megabytes=6.73,
            parameters=6_487_363,
            purpose="the default of films and cameras; takes the matte of the frame before",
            figures=Figures(
                iou=0.9646,
                iou_by_source=(0.9663, 0.9586, 0.9611),
                mad=19.5,
                mad_by_source=(22.5, 9.9, 11.1),
                empty_alpha=0.0095,
                false_alarms=6.7,
                things_for_people=(5.6, 0.0),
                clip_mad=(0.068, 0.089),
                milliseconds=38.2,
                memory_megabytes=158,
                selfie_ratio=None,
            ),
            checkpoint_name="portrait_video",
            data=FROM_MODNET,
        ),
        PretrainedModel(
            name="portrait_int8",
            model="tnet",
            precision="int8",
            input_size=(320, 320),
            megabytes=2.46,
            parameters=2_227_299,
            purpose="`portrait` in 8 bits, for phone processors; for a Coral, export another",
            figures=Figures(
                iou=0.9637,
                iou_by_source=(0.9649, 0.9610, 0.9584),
                mad=20.5,
                mad_by_source=(23.7, 9.4, 13.0),
                empty_alpha=0.0010,
                false_alarms=2.2,
                things_for_people=(23.6, 3.6),
                clip_mad=(0.081, 0.117),
                milliseconds=20.1,
                memory_megabytes=107,
                selfie_ratio=2.7,
            ),
            checkpoint_name="portrait",
        ),
        PretrainedModel(
            name="portrait_lite",
            model="tnet",
            precision="int8",
            input_size=(208, 208),
            megabytes=0.73,
            parameters=598_115,
            purpose="when milliseconds and megabytes count",
            figures=Figures(
                iou=0.9597,
                iou_by_source=(0.9648, 0.9461, 0.9415),
                mad=21.8,
                mad_by_source=(23.9, 13.2, 18.6),
                empty_alpha=0.0008,
                false_alarms=4.4,
                things_for_people=(34.8, 33.5),
                clip_mad=(0.084, 0.127),
                milliseconds=10.6,
                memory_megabytes=90,
                selfie_ratio=1.1,
            ),
            checkpoint_name="portrait_lite",
        ),
    )
}
"""Name -> the model, the default one first."""


def shipped_models() -> dict[str, Path]:
    """Names and TFLite files of the models in the package."""
    return {name: row.file for name, row in PRETRAINED.items()}
