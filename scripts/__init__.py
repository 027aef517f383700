"""The commands behind the Makefile.

`python3 -m scripts.run` and its neighbours start with whatever Python the machine has, before any
virtual environment exists: they use the standard library only.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    # `python3` may be an old one while a newer one stands beside it: go on with that.
    for _name in ("python3.11", "python3.12", "python3.13"):
        _path = shutil.which(_name)
        if _path and subprocess.call([_path, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(_path, [_path, *sys.orig_argv[1:]] if hasattr(sys, "orig_argv") else [_path, *sys.argv])
    sys.exit(
        f"DigiWeb ERP needs Python 3.11 or later; {sys.executable} is {sys.version.split()[0]}. "
        "Install python3.11, or name yours: make run PYTHON=/path/to/python3.11"
    )
