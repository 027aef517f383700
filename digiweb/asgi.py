"""The door of the web server: `uvicorn digiweb.asgi`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digiweb.settings")
application = get_asgi_application()
