"""Command lines of the Python tools: what is wrong is one line, with the option that was probably meant."""

import argparse
import difflib
import sys


class Parser(argparse.ArgumentParser):
    """Refuses in one line; the help is a file of its own."""

    def __init__(self):
        super().__init__(usage="see --help", add_help=False)
        self.add_argument("--help", "-h", action="store_true")

    def error(self, message):
        word = message.removeprefix("unrecognized arguments: ").split(" ")[0].split("=")[0]
        known = [option for option in self._option_string_actions if option.startswith("--")]
        near = difflib.get_close_matches(word, known, 1)
        if word.startswith("-") and word not in known:
            message = f"Unknown option {word}" + (f' (did you mean "{near[0]}"?)' if near else "")
        print(f"{message}; see --help", file=sys.stderr)
        sys.exit(2)
