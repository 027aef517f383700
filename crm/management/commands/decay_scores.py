"""Let expired points of scores count no more."""

from typing import Any

from django.core.management.base import BaseCommand

from crm.services.score import decay_scores


class Command(BaseCommand):
    """`manage.py decay_scores`."""

    help = (
        "Lets lines of scores that have expired count no more, works all scores out anew when a rule was "
        "never applied (after an upgrade), and puts right what differs from the rules. The schedule does it "
        "every night. Exit code 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        decay_scores()
