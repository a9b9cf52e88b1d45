"""Batches of one sample, where a batch normalisation stands behind global pooling."""

import pytest

from tfmatting import build
from tfmatting.errors import InputError
from tfmatting.training.pooled_normalization import check_normalization
from tfmatting.training.recipes import find_recipe
from tfmatting.training.stages.compilation import freeze


def test_one_sample_behind_global_pooling_is_refused():
    model = build("deeplab_v3_plus", (64, 64))
    with pytest.raises(InputError, match=r"batch size 1, .* aspp_pooling_BN"):
        check_normalization(model, 1)
    check_normalization(model, 2)


def test_frozen_statistics_and_networks_without_pooling_take_one_sample(tiny_tnet):
    model = build("deeplab_v3_plus", (64, 64))
    stage = find_recipe("modnet").stage("soc")
    assert stage.freeze_normalization
    freeze(model, stage)
    check_normalization(model, 1)
    check_normalization(tiny_tnet, 1)
