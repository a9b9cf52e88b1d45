from dataclasses import replace

import keras
import numpy as np
import pytest

from tfmatting import build, save_model
from tfmatting.datasets.augmentation.prior import Prior
from tfmatting.datasets.pipeline.calls import StoppableCalls
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.errors import InputError
from tfmatting.training.recipes import find_recipe
from tfmatting.training.recipes.modnet import SEARCHED, temporal
from tfmatting.training.stage_data import labelled_batches, pipeline_settings
from tfmatting.training.stage_run import StageRun
from tfmatting.training.stages.self_prior import SelfPriorModel, with_self_prior


def test_the_network_of_pictures_teaches_the_one_with_a_prior(tmp_path):
    recipe = find_recipe("modnet", "temporal_distilled", smoke=True)
    (supervised, temporal_stage) = recipe.stages
    assert temporal_stage.start_teaches and not supervised.start_teaches
    sources = sample_listing(4, size=(64, 64)).sources
    run = StageRun(recipe, temporal_stage, sources, sources, tmp_path)
    teacher = tmp_path / "best.keras"
    save_model(build("modnet", (32, 32), **SEARCHED), teacher)
    pupil = build("modnet", (32, 32), **SEARCHED, prior_alpha=True)
    settings = replace(pipeline_settings(recipe, temporal_stage, pupil, 0), input_size=(32, 32))

    def target(run):
        batches = labelled_batches(run, recipe, settings, pupil, 0, StoppableCalls())
        inputs, truths = next(iter(batches))
        assert inputs["prior_alpha"].shape == (4, 32, 32, 1)
        return truths["alpha"][..., :1].numpy()

    plain = target(replace(run, stage=replace(temporal_stage, start_teaches=False)))
    taught = target(replace(run, weights=teacher))
    assert np.abs(taught - plain).max() > 0.1
    with pytest.raises(InputError, match=r"Give --weights"):
        target(run)


@pytest.mark.parametrize("share", [0.5, 0.0])
def test_some_priors_are_the_networks_own_and_missing_ones_stay_missing(monkeypatch, share):
    keras.utils.set_random_seed(0)
    model = with_self_prior(
        build("modnet", (32, 32)), replace(temporal(smoke=True), prior=Prior(self_prior=share))
    )
    assert isinstance(model, SelfPriorModel) and model.matting_config.prior_alpha
    model.compile(optimizer="sgd")
    seen = []
    plain = type(model).__mro__[1]
    monkeypatch.setattr(plain, "train_step", lambda self, data: seen.append(data[0]))
    image = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3)).astype("float32")
    given = np.full((4, 32, 32, 1), 0.25, "float32")
    given[3] = 0
    for step in range(4):
        model.optimizer.iterations.assign(step)
        model.train_step(({"image": image, "prior_alpha": given}, {}))
    priors = np.stack([np.asarray(inputs["prior_alpha"]) for inputs in seen])
    assert not priors[:, 3].any()
    kept = (priors[:, :3] == 0.25).all(axis=(2, 3, 4))
    assert 0 < kept.sum() < kept.size if share else kept.all()
    own = priors[:, :3][~kept]
    alpha = np.asarray(model({"image": image, "prior_alpha": given}, training=False)["alpha"])
    assert {round(float(matte.mean()), 4) for matte in own} <= {
        round(float(matte.mean()), 4) for matte in alpha
    }
