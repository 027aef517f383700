"""The door of the web server: `gunicorn digiweb.wsgi`."""

import os

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digiweb.settings")
django.setup(set_prefix=False)

from digiweb.requests import WebHandler  # noqa: E402  (settings first)

application = WebHandler()
# A web server runs no system checks on its own: a view without a right must not be served.
call_command("check", verbosity=0)
