"""Jupyter without rfc3987_syntax, which takes two seconds of processor time to import, since it builds a parser.

jsonschema imports it where it is installed, to check the form of IRIs; neither notebooks nor Jupyter's messages have any.
To be imported before anything of Jupyter. As a program, with JupyterLab's arguments, it is JupyterLab.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # whoever imports it gets an ImportError

if __name__ == "__main__":
    from jupyterlab.labapp import main

    sys.exit(main())
