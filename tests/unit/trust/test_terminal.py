"""What reaches a terminal cannot steer it, whatever a file is called."""

import subprocess
import sys

import pytest

from tfmatting.console import printable

NAMES = {
    "a colour": "bad\x1b[31m.jpg",
    "a title": "bad\x1b]0;owned\x07.jpg",
    "two lines": "bad\nall is well.jpg",
    "the other direction": "bad\u202egpj.jpg",
}


def test_letters_of_all_scripts_stay_as_they_are():
    assert printable("Größe 人物 фото 1.jpg") == "Größe 人物 фото 1.jpg"


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_is_printed_in_one_line_without_what_steers_a_terminal(tmp_path, name):
    try:
        (tmp_path / name).write_bytes(b"no photo")
    except OSError:
        pytest.skip("this file system has no such names")
    (tmp_path / "other.jpg").write_bytes(b"no photo")
    words = [sys.executable, "-m", "tfmatting", "matte", str(tmp_path), "-o", str(tmp_path / "out")]
    done = subprocess.run([*words, "--workers", "1"], capture_output=True, text=True)
    assert done.returncode == 2
    said = done.stderr + done.stdout
    assert not set("\x1b\x07\u202e") & set(said)
    (line,) = [line for line in said.splitlines() if "bad" in line]
    assert printable(name) in line
