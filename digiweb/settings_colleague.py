"""The colleague's system, whose list is imported every hour: a part of `digiweb.settings`."""

import environ

# What `.env` says is in the environment by now: digiweb.settings has read it.
_env = environ.FileAwareEnv()

# No address: no import.
EXTERNAL_API_URL: str = _env.str("EXTERNAL_API_URL", default="").strip()
# The header that carries the token, and the token; one typed in the page of integrations wins.
EXTERNAL_API_TOKEN_HEADER: str = _env.str("EXTERNAL_API_TOKEN_HEADER", default="Authorization")
EXTERNAL_API_TOKEN: str = _env.str("EXTERNAL_API_TOKEN", default="")
# Asks for pages of so many prospects (?page=1&limit=500); 0: the whole list at once.
EXTERNAL_API_PAGE_SIZE: int = _env.int("EXTERNAL_API_PAGE_SIZE", default=0)
EXTERNAL_API_CONNECT_SECONDS: float = _env.float("EXTERNAL_API_CONNECT_SECONDS", default=5)
EXTERNAL_API_READ_SECONDS: float = _env.float("EXTERNAL_API_READ_SECONDS", default=60)
EXTERNAL_API_TOTAL_SECONDS: float = _env.float("EXTERNAL_API_TOTAL_SECONDS", default=3000)
EXTERNAL_API_TRIES: int = _env.int("EXTERNAL_API_TRIES", default=4)
EXTERNAL_API_PATIENCE_SECONDS: float = _env.float("EXTERNAL_API_PATIENCE_SECONDS", default=120)
EXTERNAL_API_MAX_MB: int = _env.int("EXTERNAL_API_MAX_MB", default=1024)
EXTERNAL_API_MAX_PROSPECT_KB: int = _env.int("EXTERNAL_API_MAX_PROSPECT_KB", default=4096)
