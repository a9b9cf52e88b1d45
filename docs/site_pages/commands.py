"""The page of the command line, made from the commands' own parsers."""

from __future__ import annotations

import argparse
import importlib

from tfmatting.cli.main import COMMANDS

PROGRAM = "tfmatting"
SCRIPTS = {"train": "python train.py", "export": "python export.py"}
"""Commands that a clone also has as a script."""


def commands_page() -> str:
    """Render every command: what it does, its synopsis, its arguments.

    Returns:
        Markdown with one section a command, each named as the command.
    """
    summary = [f"| [`{name}`](#{name}) | {text} |" for name, text in COMMANDS.items()]
    return "\n".join(
        [
            "# Command line",
            "",
            f"`{PROGRAM} COMMAND` and `python -m {PROGRAM} COMMAND` are the same. A size is "
            "`H,W`. The exit code is 0; 1 if an export differs from its model; 2 for bad input, "
            "with one line that says what is wrong; 130 after Ctrl-C or SIGTERM.",
            "",
            "| command | what it does |",
            "|---|---|",
            *summary,
            *(_section(name, text) for name, text in COMMANDS.items()),
        ]
    )


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one command, as `tfmatting NAME` makes it.

    Args:
        name: a key of `COMMANDS`.
    """
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} {name}", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    importlib.import_module(f"{PROGRAM}.cli.{name}").add_arguments(parser)
    return parser


def arguments_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """What a parser takes, but for `--help`. argparse has no public list of it."""
    return [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]


def _section(name: str, text: str) -> str:
    parser = command_parser(name)
    lines = ["", f"## {name}", "", f"{text[0].upper()}{text[1:]}."]
    if name in SCRIPTS:
        lines[-1] += f" In a clone, `{SCRIPTS[name]}` is the same."
    lines += ["", "```text", parser.format_usage().removeprefix("usage: ").rstrip(), "```", ""]
    actions = arguments_of(parser)
    if not actions:
        return "\n".join([*lines, "It takes no arguments."])
    rows = [_row(parser, action) for action in actions]
    return "\n".join([*lines, "| argument | default | meaning |", "|---|---|---|", *rows])


def _row(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    cells = (_names(action), _default(action), _meaning(parser, action))
    return "| " + " | ".join(cells) + " |"


def _names(action: argparse.Action) -> str:
    """`-o`, `--output OUT`; a positional argument has only the name of its value."""
    value = _value(action)
    if not action.option_strings:
        return f"`{value}`"
    *others, last = action.option_strings
    return ", ".join(f"`{name}`" for name in (*others, f"{last} {value}".rstrip()))


def _value(action: argparse.Action) -> str:
    """What stands for the value; empty for a switch."""
    if action.nargs == 0:
        return ""
    name = str(action.metavar or action.dest.upper())
    if action.choices is not None and action.metavar is None:
        name = "|".join(str(choice) for choice in action.choices)
    return f"{name}..." if action.nargs == "+" else name


def _default(action: argparse.Action) -> str:
    if action.required:
        return "required"
    if action.nargs == 0 and not isinstance(action, argparse.BooleanOptionalAction):
        return ""
    if action.default in (None, "", []) or action.default is argparse.SUPPRESS:
        return ""
    if isinstance(action.default, bool):
        return "on" if action.default else "off"
    values = action.default if isinstance(action.default, list) else [action.default]
    return f"`{' '.join(str(value) for value in values)}`"


def _meaning(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    """The help as the terminal shows it, in one line; the default has a column of its own."""
    if not action.help:
        return ""
    text = argparse.HelpFormatter(parser.prog)._expand_help(action)
    text = " ".join(text.split()).replace("<", "&lt;").replace("*", "\\*")
    return text.replace("|", "\\|")  # within code, as in the other columns, a bar is no separator
