"""The door of the web server: `uvicorn digiweb.asgi`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digiweb.settings")
django.setup(set_prefix=False)

from digiweb.requests import AsyncWebHandler  # noqa: E402  (settings first)

application = AsyncWebHandler()
