import dataclasses

import numpy as np
import pytest

from tfmatting import build, save_model
from tfmatting.datasets.pipeline.dataset import PipelineSettings, make_dataset
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.models import load_model
from tfmatting.training.distillation import distillation_dataset
from tfmatting.training.recipes import find_recipe
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.stage import Teacher
from tfmatting.training.trainer import run_stage

PUPIL = PipelineSettings((32, 48), 2)


@pytest.fixture(scope="module")
def sources():
    return sample_listing(4, size=(96, 80)).sources


def halved(maps):
    """Means of 2x2 pixels."""
    count, height, width, channels = maps.shape
    return maps.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_target_is_between_the_masks_and_the_teachers_alpha(sources, tiny_checkpoint, share):
    large = dataclasses.replace(PUPIL, input_size=(64, 96))
    given, truths = next(iter(make_dataset(sources, large, epochs=1)))
    image = np.asarray(given["image"], np.float32)
    said = np.asarray(load_model(tiny_checkpoint)({"image": image}, training=False)["alpha"])
    teacher = Teacher(str(tiny_checkpoint), share)
    inputs, taught = next(iter(distillation_dataset(teacher, sources, PUPIL, epochs=1)))
    assert np.asarray(inputs["image"]) == pytest.approx(halved(image), abs=1e-3)
    alpha = (1 - share) * np.asarray(truths["alpha"]) + share * said
    assert np.asarray(taught["alpha"]) == pytest.approx(halved(alpha), abs=1e-5)
    # what MODNet's losses look at
    assert np.asarray(taught["scene"])[..., :1] == pytest.approx(halved(alpha), abs=1e-5)
    assert np.asarray(taught["trimap"]) == pytest.approx(halved(truths["trimap"].numpy()))


def test_nobody_to_ask_leaves_the_samples_as_they_are(sources):
    inputs, truths = next(iter(distillation_dataset(Teacher(), sources, PUPIL, epochs=1)))
    plain_inputs, plain = next(iter(make_dataset(sources, PUPIL, epochs=1)))
    assert np.array_equal(inputs["image"], plain_inputs["image"])
    assert np.array_equal(truths["alpha"], plain["alpha"])


@pytest.mark.slow
def test_a_stage_learns_what_its_teacher_says(tmp_path, sources, tiny_checkpoint):
    recipe = find_recipe("tnet", "mobile", smoke=True)
    recipe = dataclasses.replace(
        recipe, model=dataclasses.replace(recipe.model, width=0.25), batch_size=2
    )

    def weights_after(share):
        taught = dataclasses.replace(recipe, teacher=Teacher(str(tiny_checkpoint), share))
        folder = tmp_path / str(share)
        run = StageRun(taught, recipe.stages[0], sources[:2], sources[2:], folder, seed=1)
        return load_model(run_stage(run, print)).get_weights()

    alone, taught = weights_after(0.0), weights_after(1.0)
    assert any(not np.allclose(one, other) for one, other in zip(alone, taught, strict=True))


def test_impossible_teachers_are_refused(tmp_path, sources):
    with pytest.raises(ValueError, match=r"0 to 1\. Received: 2"):
        Teacher(share=2)
    with pytest.raises(FileNotFoundError, match="absent"):
        distillation_dataset(Teacher(str(tmp_path / "absent.keras")), sources, PUPIL)
    path = tmp_path / "prior.keras"
    save_model(build("modnet", (32, 32), prior_alpha=True), path)
    with pytest.raises(ValueError, match="takes a photo and nothing else"):
        distillation_dataset(Teacher(str(path)), sources, PUPIL)


def test_where_nothing_is_stated_the_teacher_is_not_asked_either(tiny_checkpoint):
    class Holed:
        identifier = "holed"

        def load(self):
            sample = sample_listing(1, size=(64, 96)).sources[0].load()
            ignored = np.zeros((64, 96), bool)
            ignored[20:31] = True  # ends within a pixel of the pupil's
            return dataclasses.replace(sample, ignored=ignored)

    teacher = Teacher(str(tiny_checkpoint), 0.5)
    _, truths = next(iter(distillation_dataset(teacher, [Holed()] * 2, PUPIL, epochs=1)))
    for maps in truths.values():
        holes = maps.numpy()[0, ..., 0] < 0
        assert holes[10:16].all() and not holes[:10].any() and not holes[16:].any()
