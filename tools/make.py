"""`make <task> [options]`, also where there is no make: `python tools/make.py <task> [options]`.

Options are read, as far as that is possible without Deno, before anything is installed. Only syntax that an old
Python reads too, as in bootstrap.py.
"""
import difflib
import json
import os
import sys

import bootstrap


def main():
    name, arguments = (sys.argv[1:2] or ["help"])[0], sys.argv[2:]
    tasks = json.loads(bootstrap.read(os.path.join(bootstrap.ROOT, "deno.json")))["tasks"]
    if name == "help":
        sys.stdout.write(overview(tasks))
        return 0
    if name not in tasks:
        near = difflib.get_close_matches(name, list(tasks), 1)
        bootstrap.say("There is no target {}{}; `make` lists them".format(
            name, ' (did you mean "{}"?)'.format(near[0]) if near else ""))
        return 2
    if "--help" in arguments or "-h" in arguments:
        text = bootstrap.help_text(name)
        sys.stdout.write(text if text is not None else about(name, tasks[name]))
        return 0
    bootstrap.require_version((3, 6))  # an older one cannot read lab.py
    if name == "lab":
        import lab
        return lab.main(arguments)
    if name == "bootstrap":
        return bootstrap.main(arguments)
    bootstrap.prepare(with_peers=name == "bench")
    return bootstrap.replace_process([bootstrap.deno_binary(), "task", name] + arguments)


def overview(tasks):
    width = max(len(name) for name in tasks) + 1
    lines = ["make {} {}".format(name.ljust(width), task["description"]) for name, task in tasks.items()]
    return "\n".join(lines) + '\n\nOptions go in ARGS: make reproduce ARGS="s4d --preset quick", make lab ARGS=--help\n'


def about(name, task):
    return "{}.\n\n  {}\n".format(task["description"], task["command"])


if __name__ == "__main__":
    bootstrap.entry(main)
