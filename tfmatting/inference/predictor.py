"""Applies a loaded matting model to photos and video frames of any size."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from tfmatting.config import Size
from tfmatting.imaging.checks import check_image
from tfmatting.imaging.photo_files.colour_profile import ColourProfile
from tfmatting.imaging.refine import PHOTO_FIT, PUBLISHED_FIT, EdgeFit, enlarge, upsample
from tfmatting.inference import extreme_shapes
from tfmatting.inference.class_labels import joined_labels, labels_of
from tfmatting.inference.further_outputs import further_pictures
from tfmatting.inference.letterbox import network_photo, run_framed
from tfmatting.inference.runtimes import Runtime, Tensors, alpha_of
from tfmatting.inference.trimaps import trimap_of


@dataclass(frozen=True)
class Prediction:
    """What a network predicts for one photo.

    Attributes:
        alpha: float32 [H, W] in [0, 1], 1 = person.
        labels: uint8 [H, W], the class of every pixel. None for networks with at most two
            classes and for files without an output for classes.
        further: what else the network says, by name; see `further_pictures`. Empty if not asked.
    """

    alpha: np.ndarray
    labels: np.ndarray | None
    further: dict[str, np.ndarray] = field(default_factory=dict)


class Predictor:
    """A matting model that is ready to use.

    `tfmatting.load` makes one from the name of a pretrained model or from a file. The interface
    is the same for every file format. It takes care of what happens around the network:

    1. The image, of any size, is resized to `input_size`. Photos taller than 1:2 or wider than
       `widest` are taken in parts; see `tfmatting.inference.extreme_shapes`.
    2. The network predicts a small alpha matte.
    3. The matte is upsampled to the size of the image. A guided filter makes it follow the edges
       of the image, down to details that the network did not see.

    A predictor keeps no state between photos. For video, call `stream` and pass the frames in
    order. A predictor must not be used by two threads at once, because most runtimes do not
    allow it; load one for each thread or process.

    Args:
        runtime: the loaded network; see `tfmatting.inference.runtimes.open_runtime`.
        refine: upsample with the guided filter. If False, upsampling is bicubic, which is faster
            and softer.
        widest: width over height of the widest photos that the network is shown as a whole.

    Example:
        >>> import tfmatting
        >>> from skimage.data import astronaut
        >>> photo = astronaut()  # uint8 RGB [512, 512, 3]
        >>> predictor = tfmatting.load("portrait")
        >>> predictor.input_size
        (320, 320)
        >>> alpha = predictor.alpha(photo)
        >>> alpha.shape, alpha.dtype
        ((512, 512), dtype('float32'))
        >>> bool(alpha[130, 220] > 0.9), bool(alpha[30, 450] < 0.1)  # her face, and the wall
        (True, True)

        Video frames go through a stream:

        >>> stream = predictor.stream()
        >>> mattes = [stream.alpha(frame) for frame in (photo, photo)]
    """

    def __init__(
        self,
        runtime: Runtime,
        *,
        refine: bool = True,
        widest: float = extreme_shapes.LONGEST,
    ):
        self.runtime = runtime
        self.refine = refine
        self.widest = widest

    @property
    def input_size(self) -> Size:
        """(height, width) in pixels at which the network works."""
        return self.runtime.input_size

    def alpha(self, image: np.ndarray, *, profile: ColourProfile | None = None) -> np.ndarray:
        """Predict the alpha matte of one photo.

        Args:
            image: uint8 RGB [H, W, 3] of any size.
            profile: the image's colour profile; sRGB if None. The network sees sRGB.

        Returns:
            float32 [H, W] in [0, 1], 1 = person.

        Raises:
            InputTypeError: not a NumPy array of uint8.
            InputError: not of shape [H, W, 3].
        """
        return self._predict(image, profile, classes=False).alpha

    def predict(
        self, image: np.ndarray, *, profile: ColourProfile | None = None, further: bool = False
    ) -> Prediction:
        """Predict the alpha matte and the classes of one photo in one run of the network.

        Args:
            image: uint8 RGB [H, W, 3] of any size.
            profile: see `alpha`.
            further: also draw the network's other outputs; a photo that alpha is predicted of in
                parts is shown to it as a whole for them.

        Returns:
            Alpha as from `alpha`, labels as from `labels`, and the pictures of `further_pictures`.

        Raises:
            InputTypeError, InputError: see `alpha`.
            NoFurtherOutputsError: the file gives alpha alone.
        """
        return self._predict(image, profile, classes=True, further=further)

    def _predict(
        self,
        image: np.ndarray,
        profile: ColourProfile | None,
        *,
        classes: bool,
        further: bool = False,
    ) -> Prediction:
        """Predict alpha, and what else is wanted, in parts where the photo is long."""
        check_image(image)
        if not extreme_shapes.is_extreme(image, self.widest):
            return self._predict_whole(image, profile, classes, further)
        if further:
            pictures = further_pictures(self._outputs(image, profile)[1], image.shape[:2])
            return replace(self._predict(image, profile, classes=classes), further=pictures)
        stretches = extreme_shapes.find_stretches(
            image, lambda part: self._coarse_alpha(part, profile), max(self.input_size)
        )
        parts = [
            self._predict_padded(extreme_shapes.stretch_of(image, stretch), profile, classes)
            for stretch in stretches
        ]
        mattes = [part.alpha for part in parts]
        alpha = extreme_shapes.blend_stretches(stretches, mattes, image.shape[:2])
        labels = None
        if classes and (parts or labels_of(self._outputs(image, profile)[1], image) is not None):
            labels = joined_labels(image, stretches, [part.labels for part in parts])
        return Prediction(alpha, labels)

    def _predict_whole(
        self,
        image: np.ndarray,
        profile: ColourProfile | None,
        classes: bool,
        further: bool = False,
    ) -> Prediction:
        small, outputs = self._outputs(image, profile)
        pictures = further_pictures(outputs, image.shape[:2]) if further else {}
        alpha = self._upsample(alpha_of(outputs), image, small, PHOTO_FIT, settle=False)
        return Prediction(alpha, labels_of(outputs, image) if classes else None, pictures)

    def _predict_padded(
        self, part: np.ndarray, profile: ColourProfile | None, classes: bool
    ) -> Prediction:
        padded, inside = extreme_shapes.pad_to_longest(part)
        prediction = self._predict_whole(padded, profile, classes)
        labels = prediction.labels
        return Prediction(prediction.alpha[inside], None if labels is None else labels[inside])

    def _coarse_alpha(self, part: np.ndarray, profile: ColourProfile | None) -> np.ndarray:
        return enlarge(alpha_of(self._outputs(part, profile)[1]), part.shape[:2])

    def _outputs(
        self, image: np.ndarray, profile: ColourProfile | None
    ) -> tuple[np.ndarray, Tensors]:
        """Run the network; also return the image at its size, in the image's own colours."""
        small = self._network_image(image)
        return small, self._run(profile.to_srgb(small) if profile else small)

    def labels(self, image: np.ndarray) -> np.ndarray | None:
        """Predict the class of every pixel.

        Args:
            image: uint8 RGB [H, W, 3] of any size.

        Returns:
            uint8 [H, W] of class indices. None for networks with at most two classes and for
            files without an output for classes.

        Raises:
            InputTypeError, InputError: see `alpha`.
        """
        check_image(image)
        if extreme_shapes.is_extreme(image, self.widest):
            return self.predict(image).labels
        return labels_of(self._outputs(image, None)[1], image)

    def trimap(self, image: np.ndarray, *, profile: ColourProfile | None = None) -> np.ndarray:
        """Predict background, unknown and foreground, with T-Net or LFM.

        Args:
            image: uint8 RGB [H, W, 3] of any size; it is shown to the network as a whole.
            profile: see `alpha`.

        Returns:
            uint8 [H, W] of 0, 128, 255.

        Raises:
            InputTypeError, InputError: see `alpha`; or the file gives no trimap.
        """
        check_image(image)
        return trimap_of(self._outputs(image, profile)[1], image.shape[:2])

    def small_alpha(self, image: np.ndarray, prior_alpha: np.ndarray | None = None) -> np.ndarray:
        """Predict the alpha matte at the size of the network, without upsampling.

        Args:
            image: uint8 RGB [H, W, 3] of any size.
            prior_alpha: float32 [h, w] at `input_size`, the previous frame's alpha, for networks
                that take one. Zeros if omitted.

        Returns:
            float32 [h, w] in [0, 1] at `input_size`.

        Raises:
            InputTypeError, InputError: see `alpha`.
        """
        return alpha_of(self._run(self._network_image(image), prior_alpha))

    def stream(self) -> Stream:
        """Start a video: the stream passes each frame's alpha on to the next frame."""
        return Stream(self)

    def _network_image(self, image: np.ndarray) -> np.ndarray:
        """Check an image and resize it for the network. The guided filter uses the result too."""
        check_image(image)
        return network_photo(self.runtime, image)

    def _run(self, small: np.ndarray, prior_alpha: np.ndarray | None = None) -> Tensors:
        inputs = {"image": small[None]}
        if "prior_alpha" in self.runtime.input_names:
            if prior_alpha is None:
                prior_alpha = np.zeros(small.shape[:2], np.float32)
            inputs["prior_alpha"] = prior_alpha[None, ..., None]
        return run_framed(self.runtime, inputs)

    def _upsample(
        self, alpha: np.ndarray, image: np.ndarray, small: np.ndarray, fit: EdgeFit, settle: bool
    ) -> np.ndarray:
        return upsample(alpha, image, small, fit=fit if self.refine else None, settled=settle)


class Stream:
    """The frames of one video, in order. `Predictor.stream` makes one."""

    def __init__(self, predictor: Predictor):
        self._predictor = predictor
        self._prior: np.ndarray | None = None

    def alpha(self, frame: np.ndarray) -> np.ndarray:
        """Predict the alpha matte of the next frame.

        Args:
            frame: uint8 RGB [H, W, 3].

        Returns:
            float32 [H, W] in [0, 1], 1 = person.

        Raises:
            InputTypeError, InputError: see `Predictor.alpha`.
        """
        predictor = self._predictor
        small = predictor._network_image(frame)
        self._prior = self._network_alpha(small)
        return predictor._upsample(self._prior, frame, small, PUBLISHED_FIT, settle=True)

    def _network_alpha(self, small: np.ndarray) -> np.ndarray:
        return alpha_of(self._predictor._run(small, self._prior))
