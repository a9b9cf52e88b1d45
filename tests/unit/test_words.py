"""What a command says of words that it does not know: one line, the remedy, exit code 2."""

from __future__ import annotations

import pytest

from tfmatting.cli.main import main

FAULTS = {
    "nothing": ([], "tfmatting: the following arguments are required: COMMAND."),
    "an unknown command": (["mat"], "tfmatting: argument COMMAND: invalid choice: 'mat'"),
    "no photo": (["matte"], "tfmatting matte: the following arguments are required: PHOTO|DIR|-"),
    "an unknown option": (
        ["train", "--modle", "x"],
        "tfmatting train: unrecognized arguments: --modle x.",
    ),
    "no number": (
        ["matte", "a.jpg", "-o", "b", "--threads", "x"],
        "tfmatting matte: argument --threads: needs a whole number from 1. Received: 'x'.",
    ),
    "a line break": (["matte", "a", "-o", "b", "--x\ny"], "unrecognized arguments: --x\\ny."),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_line_with_the_way_to_the_options(capsys, name):
    words, expected = FAULTS[name]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert not said.out
    assert said.err.count("\n") == 1
    assert expected in said.err
    command = f"tfmatting {words[0]}" if words and words[0] != "mat" else "tfmatting"
    assert said.err.endswith(f" The options: {command} --help\n")
