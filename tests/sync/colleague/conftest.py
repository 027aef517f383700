from typing import Any

import pytest

from sync.colleague.limits import Limits
from tests.fixtures.provider import Server

QUICK = Limits(
    connect=1, read=0.4, total=3, tries=3, pause=0.01, patience=2, size=8 * 2**20, prospect=300_000
)


@pytest.fixture
def endpoint(provider_server: Server, settings: Any) -> Server:
    """The colleague's address is `/list` of this server."""
    settings.EXTERNAL_API_URL = f"{provider_server.url}/list"
    return provider_server
