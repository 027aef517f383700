"""The door of the web server: `gunicorn digiweb.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digiweb.settings")
application = get_wsgi_application()
