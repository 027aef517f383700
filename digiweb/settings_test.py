"""Settings of the tests: those of the product, on private servers.

`make test` starts them; a bare `pytest` starts its own, which end with it. With DATABASE_URL naming
SQLite the same tests run there.
"""

import os

from scripts.services import for_tests

os.environ.update(for_tests())
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
# One Redis serves all test processes: each has a database of its own for cache and queues.
SERVER = os.environ["REDIS_URL"].rpartition("/")[0]
os.environ["REDIS_URL"] = f"{SERVER}/{int(WORKER.removeprefix('gw')) + 1}"
os.environ["ENV_FILE"] = os.devnull
os.environ.setdefault("DEMO_MODE", "0")
os.environ.setdefault("SECRET_KEY", "test-" + "x" * 50)
os.environ.setdefault("FIELD_KEYS", "test:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
os.environ.setdefault("SEAL_KEYS", "test:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
os.environ.setdefault("BLIND_INDEX_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost,testserver")
os.environ.setdefault("HTTPS", "0")

from digiweb.settings import *  # noqa: E402, F403
from digiweb.settings import DATABASES, PROVIDER_URLS, RUN_DIR, STORAGES  # noqa: E402

# No test reaches a provider: nobody listens here but the server of `provider_server`.
PROVIDER_URLS = dict.fromkeys(PROVIDER_URLS, "http://127.0.0.1:9")
PROVIDERS_PLAIN_HTTP = True
EXTERNAL_API_URL, EXTERNAL_API_TOKEN, EXTERNAL_API_PAGE_SIZE = "", "", 0

DATABASES["default"]["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_520_ci"}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(RUN_DIR / f"test-{WORKER}.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = RUN_DIR / f"test-media-{WORKER}"
LOGGING_CONFIG = None
