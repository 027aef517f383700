"""What is logged, and how: one JSON object a line."""

from typing import Any

import environ

env = environ.FileAwareEnv()

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "digiweb.logs.JSONFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # django_structlog logs each exception already, with its request.
        "django.request": {"level": "CRITICAL"},
        "fontTools": {"level": "WARNING"},
        **{name: {"level": "ERROR"} for name in ("weasyprint", "factur-x")},
    },
}
