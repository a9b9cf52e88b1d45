import pytest

from tfmatting.datasets.synthesis import sample_listing
from tfmatting.exporting.inputs import input_batches
from tfmatting.exporting.tflite.mixed import mixed_precision, operators
from tfmatting.exporting.tflite.writer import float_tflite
from tfmatting.imaging.io import read_image

PHOTOS = [source.load().image for source in sample_listing(6, seed=2, size=(90, 70)).sources]


@pytest.fixture(scope="module")
def mixed(tiny_tnet):
    plain = float_tflite(tiny_tnet)
    return plain, *mixed_precision(plain, input_batches(tiny_tnet, PHOTOS))


def test_the_operators_that_hurt_most_stay_float_and_few_do(mixed):
    plain, data, errors, kept = mixed
    assert 0 < len(kept) <= max(1, round(0.1 * len(errors)))
    by_name = {error.name: error for error in errors}
    assert by_name[kept[0]].saved == max(error.saved or 0 for error in errors) > 0
    assert len(data) < 0.6 * len(plain)
    kinds = {name: kind for name, kind, _ in operators(plain)}
    assert all(kinds[error.name] == error.kind for error in errors)


def test_alpha_is_nearer_than_with_eight_bits_alone(mixed, tiny_tnet):
    from tfmatting.exporting.tflite import mixed as module

    plain, _, _, kept = mixed
    bench = module._Bench(plain, input_batches(tiny_tnet, PHOTOS))
    assert bench.alpha_error(kept) < bench.alpha_error(())


@pytest.mark.slow
def test_the_report_is_a_picture(command, tmp_path, tiny_checkpoint):
    code, _, err = command(
        "export", "--weights", tiny_checkpoint, "--output", tmp_path / "m.tflite",
        "--quantization-report", tmp_path / "q.png",
    )  # fmt: skip
    assert code == 0, err
    assert read_image(tmp_path / "q.png").shape[0] > 500


def test_no_calibration_is_refused():
    with pytest.raises(ValueError, match="calibration"):
        mixed_precision(b"", [])
