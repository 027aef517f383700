"""The door of the web server: `gunicorn digiweb.wsgi`."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "digiweb.settings")
application = get_wsgi_application()
# A web server runs no system checks on its own: a view without a right must not be served.
call_command("check", verbosity=0)
