"""What tests of sales share."""

from collections.abc import Iterator
from datetime import datetime, time

import pytest
import time_machine
from django.utils import timezone

from tests.sales.commissions import TODAY


@pytest.fixture
def one_day() -> Iterator[None]:
    """It is noon of `TODAY`, also for a run that began before midnight."""
    with time_machine.travel(timezone.make_aware(datetime.combine(TODAY, time(12))), tick=True):
        yield
