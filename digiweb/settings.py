"""Settings, read from the environment or `.env`; `.env.example` explains each variable."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
RUN_DIR = BASE_DIR / ".run"

env = environ.FileAwareEnv()
environ.Env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

# --- What kind of installation this is

DEBUG = env.bool("DEBUG", default=False)
# Coherent data, a banner, and nothing leaves the machine (SPEC I3).
DEMO_MODE = env.bool("DEMO_MODE", default=False)
# Secrets may be missing only where nothing real is kept.
SECRETS_REQUIRED = not (DEBUG or DEMO_MODE)


def _secrets() -> dict[str, str]:
    """The secrets, or the start stops and names all that lack, not only the first."""
    names = {
        "SECRET_KEY": "insecure-development-key-" + "0" * 40,
        "FIELD_KEYS": "dev:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "BLIND_INDEX_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "SEAL_KEYS": "dev:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    }
    given = {name: env.str(name, default="") for name in names}
    missing = [name for name, value in given.items() if not value]
    if missing and SECRETS_REQUIRED:
        raise ImproperlyConfigured(
            f"Missing in the environment or .env: {', '.join(missing)}. "
            "`python manage.py make_secrets` prints fresh values; .env.example explains them."
        )
    return {name: value or names[name] for name, value in given.items()}


_SECRETS = _secrets() if not env.bool("MAKING_SECRETS", default=False) else {}
SECRET_KEY = _SECRETS.get("SECRET_KEY", "making-secrets")
# Key ring for encrypted columns: `id:base64` separated by commas, the first one encrypts (digiweb/crypto.py).
FIELD_KEYS = [key for key in _SECRETS.get("FIELD_KEYS", "").split(",") if key]
BLIND_INDEX_KEY = _SECRETS.get("BLIND_INDEX_KEY", "")
# Seals of issued invoices: `id:base64` separated by commas, the first one seals
# (sales/services/invoice_seal.py).
SEAL_KEYS = [key for key in _SECRETS.get("SEAL_KEYS", "").split(",") if key]

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if not SECRETS_REQUIRED else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")

# --- The house

INSTALLED_APPS = [
    "digiweb",
    "people",
    "timeline",
    "crm",
    "sales",
    "sync",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "django_rq",
    "django_structlog",
    "drf_spectacular",
    "rest_framework",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "digiweb.middleware.BadInputMiddleware",
    "digiweb.middleware.ToastMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "people.middleware.SessionActivityMiddleware",
    "people.middleware.PersonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "digiweb.urls"
WSGI_APPLICATION = "digiweb.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "digiweb.context.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                ),
            ],
        },
    }
]
FORM_RENDERER = "digiweb.renderer.LeanRenderer"

# --- Database (DESIGN §8)

DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{RUN_DIR / 'digiweb.sqlite3'}")
DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("mysql"):
    DATABASES["default"]["OPTIONS"] = {
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        # MariaDB likes to intersect two indexes where one of both columns is there, and reads many times
        # the entries (measured: 67,000 for a town within a person's scope instead of 8,300).
        "init_command": "SET sql_mode='TRADITIONAL,ONLY_FULL_GROUP_BY', "
        "optimizer_switch='index_merge_intersection=off'",
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Bank details: a second person approves them, unless switched off (SPEC C8); whole numbers read an hour

# On by default: a changed IBAN is how firms are robbed, and who has one colleague's mailbox has not two.
BANK_FOUR_EYES = env.bool("BANK_FOUR_EYES", default=True)
BANK_REVEALS_AN_HOUR = env.int("BANK_REVEALS_AN_HOUR", default=30)

# --- Redis: queues and cache

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
RQ_QUEUES = {"default": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 3600}}
RQ = {"WORKER_CLASS": "digiweb.worker.Worker"}
# A worker that gave no sign of life for so long is dead: another takes its job over (digiweb/jobs.py).
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=30)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL},
    # Parts of the frame that are alike on every page (templates/base/), kept by each process: drawing them
    # again was a tenth of a page's time. What they depend on is in their key.
    "fragments": {
        "BACKEND": f"django.core.cache.backends.{'dummy.DummyCache' if DEBUG else 'locmem.LocMemCache'}",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}

# --- Sign-in (django-allauth)

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "people.backends.SignInBackend",
    "people.backends.GrantBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = env.int("SESSION_DAYS", default=14) * 86400
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # people arrive by invitation, which proves the address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    "accept_invitation": "20/m/ip",
    "webhook": "3000/m/ip",
}
MFA_ADAPTER = "people.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "DigiWeb ERP"
# The invitation proved the address; allauth's own table of verified addresses stays empty.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# The list of sessions shows the last activity. allauth's own middleware, which writes at every request,
# is left out: people/middleware.py keeps it true to five minutes.
USERSESSIONS_TRACK_ACTIVITY = True
USERSESSIONS_ADAPTER = "people.adapters.UserSessionsAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
INVITATION_DAYS = env.int("INVITATION_DAYS", default=7)

# --- Words, dates

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["digiweb.formats"]
USE_I18N = True
TIME_ZONE = "Europe/Paris"
USE_TZ = True
MESSAGE_STORAGE = "digiweb.toasts.ToastStorage"
FILTERS_EMPTY_CHOICE_LABEL = _("Any")
USE_THOUSAND_SEPARATOR = False  # amounts are formatted by our filters; a bare id must never get a space

# --- Files

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(RUN_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "digiweb.assets.NodeAssetsFinder",
]
NODE_MODULES = Path(env.str("NODE_MODULES", default=str(BASE_DIR / "node_modules")))
# What the browser may get from npm packages, as /static/vendor/…; nothing else of them is served.
NODE_ASSETS = [
    "@tabler/core/dist/css/tabler.min.css",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
    "htmx.org/dist/htmx.min.js",
    "sortablejs/Sortable.min.js",
]
STORAGES = {
    "default": {"BACKEND": "digiweb.storage.MediaStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "digiweb.assets.StaticStorage"
    },
}
# Uploads are private: sent only by views that check rights, never by a web server on its own.
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(RUN_DIR / "media")))
MEDIA_URL = "/files/"
WHITENOISE_MAX_AGE = 31536000
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_MB", default=50) * 1024 * 1024
# Documents on records: how large one may be, and of which types (digiweb/filetypes.py; empty: all).
DOCUMENT_MAX_BYTES = env.int("DOCUMENT_MAX_MB", default=25) * 1024 * 1024
DOCUMENT_TYPES = env.list("DOCUMENT_TYPES", default=[])
# Where links to documents of contracts may lead (sales/services/document_link.py); others are shown as text.
DOCUMENT_HOSTS = env.list("DOCUMENT_HOSTS", default=[])
# nginx sends files itself from this `internal` location (docs/installation.md); empty: we do.
ACCEL_LOCATION = env.str("ACCEL_LOCATION", default="")
# The virus scanner: path or host:port of clamd. Unless CLAMD_HOLD is off, what it has not seen waits.
CLAMD_SOCKET = env.str("CLAMD_SOCKET", default="")
CLAMD_HOLD = env.bool("CLAMD_HOLD", default=True)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
HOOK_MAX_BYTES = 1024 * 1024  # of a webhook
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "digiweb.uploads.LimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Mail

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="DigiWeb ERP <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Safety (DESIGN §7)

CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/django-rq/"],  # its dashboard has inline script; admins only
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [], "microphone": [], "geolocation": [], "payment": [], "usb": [],
}  # fmt: skip
HTTPS = env.bool("HTTPS", default=SECRETS_REQUIRED)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True  # the token travels in hx-headers, not from the cookie
CSRF_FAILURE_VIEW = "digiweb.views.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/", r"^metrics$"]  # probes on the machine itself speak plain HTTP
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31536000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Addresses that may read /metrics without signing in.
METRICS_ALLOWED_IPS = env.list("METRICS_ALLOWED_IPS", default=["127.0.0.1", "::1"])

# --- API (SPEC P1)

from digiweb.settings_api import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: E402, F401

# --- Services outside (sync/)

# Where each provider is asked; tests name a server of their own here.
PROVIDER_URLS = {
    "sirene": env.str("SIRENE_URL", default="https://api.insee.fr/api-sirene/3.11"),
    "directory": env.str("COMPANY_DIRECTORY_URL", default="https://recherche-entreprises.api.gouv.fr"),
    "pappers": env.str("PAPPERS_URL", default="https://api.pappers.fr/v2"),
    "coface_token": env.str("COFACE_TOKEN_URL", default="https://api.coface.com/authentication/v1"),
    "coface": env.str("COFACE_URL", default="https://api.coface.com/bi/icon-data/v1"),
    "yousign": env.str("YOUSIGN_URL", default="https://api.yousign.app/v3"),
    "yousign_sandbox": env.str("YOUSIGN_SANDBOX_URL", default="https://api-sandbox.yousign.app/v3"),
    "aircall": env.str("AIRCALL_URL", default="https://api.aircall.io"),
}
# Behind a proxy that opens TLS: the file of its own authority. Empty: the usual ones.
PROVIDERS_CA_FILE = env.str("PROVIDERS_CA_FILE", default="")
# Keys travel with each request: an address without TLS is refused unless this is set.
PROVIDERS_PLAIN_HTTP = env.bool("PROVIDERS_PLAIN_HTTP", default=False)
# How long the bodies of webhooks are kept, and phone calls that stand on no activity (days).
WEBHOOK_DAYS, CALL_DAYS = env.int("WEBHOOK_DAYS", default=90), env.int("CALL_DAYS", default=180)

from digiweb.settings_colleague import *  # noqa: E402, F403

# --- What is watched (SPEC P4)
from digiweb.settings_logs import LOGGING  # noqa: E402, F401

DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # DEBUG: the line of its end says the same and the rest
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20  # INFO: a refused form is no warning
SLOW_QUERY_MS = env.int("SLOW_QUERY_MS", default=500)
PROMETHEUS_EXPORT_MIGRATIONS = False
SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    # Neither forms nor variables of the code that failed: names, passwords, bank numbers stand in them.
    private: dict[str, Any] = {"include_local_variables": False, "max_request_body_size": "never"}
    stage = "demo" if DEMO_MODE else "production"
    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False, environment=stage, **private)

# MariaDB has no partial unique index: Django would only warn and create nothing, so the warning
# is an error in our own checks (digiweb/checks.py). allauth's own tables are the known exception.
SILENCED_SYSTEM_CHECKS = ["models.W036"]
