import numpy as np

from tfmatting.imaging.resize import resize_labels
from tfmatting.imaging.visualization import beside_photo, palette


def test_the_palette_is_pascals():
    known = {
        0: (0, 0, 0),
        1: (128, 0, 0),
        2: (0, 128, 0),
        15: (192, 128, 128),
        255: (224, 224, 192),
    }
    for number, colour in known.items():
        assert tuple(int(v) for v in palette()[number]) == colour


def test_photo_matte_and_both_stand_side_by_side():
    image = np.full((4, 5, 3), 200, np.uint8)
    alpha = np.zeros((4, 5), np.float32)
    alpha[:, 3:] = 1
    picture = beside_photo(image, alpha)
    assert picture.shape == (4, 15, 3)
    assert picture[0, 5].tolist() == [0, 0, 0] and picture[0, 9].tolist() == [255] * 3
    assert picture[0, 14].tolist() == [200] * 3 and picture[0, 10].tolist() != [200] * 3
    labels = np.zeros((4, 5), np.uint8)
    labels[:, 3:] = 2
    picture = beside_photo(image, alpha, labels)
    assert picture[0, 9].tolist() == [0, 128, 0] and picture[0, 10].tolist() == [200] * 3
    assert set(np.unique(resize_labels(labels, (9, 13)))) == {0, 2}
