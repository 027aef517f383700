#!/usr/bin/env python3
"""Django's command line: `manage.py help` lists what there is."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digiweb.settings")
    if sys.argv[1:2] == ["make_secrets"]:  # the one command that must start where there are no secrets yet
        os.environ["MAKING_SECRETS"] = "1"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
