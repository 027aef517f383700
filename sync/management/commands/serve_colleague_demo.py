"""`manage.py serve_colleague_demo`: the colleague's system of the demo, as `make run` starts it."""

import signal
import threading
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.models import Contact
from people.models import User
from sync.colleague.demo_server import Calls, DemoServer
from sync.colleague.make_believe import NUMBER, Person, invent

PORT = 8765


class Command(BaseCommand):
    # Nothing of the pages is needed.
    requires_system_checks: list[str] = []
    help = (
        "Serves an invented list of prospects and contracts at http://127.0.0.1:PORT/prospects, to this "
        "machine only, as docs/colleague-api.yaml says; some change at each call. EXTERNAL_API_TOKEN is "
        "asked for where it is set. Ends with SIGTERM or Ctrl-C. Exit code 0; 1 when the port is in use, or "
        "when neither DEMO_MODE nor DEBUG is on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=PORT, help=f"where it listens (default {PORT})")
        parser.add_argument(
            "--prospects", type=int, default=NUMBER, help=f"how many there are (default {NUMBER})"
        )
        parser.add_argument("--state", type=Path, help="a file that remembers how often it was asked")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO_MODE or settings.DEBUG):
            raise CommandError("serve_colleague_demo invents people: it runs with DEMO_MODE=1 or DEBUG=1.")
        try:
            server = DemoServer(
                options["port"],
                invent=partial(invented, options["prospects"]),
                calls=Calls(options["state"]),
                header=settings.EXTERNAL_API_TOKEN_HEADER,
                token=settings.EXTERNAL_API_TOKEN,
            )
        except OSError as error:
            raise CommandError(f"Port {options['port']} cannot be used: {error.strerror}.")
        for number in (signal.SIGTERM, signal.SIGINT):
            # From another thread: serve_forever waits for the one that stops it.
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        self.stdout.write(f"Serving {server.url}")
        self.stdout.flush()
        server.serve_forever(0.2)
        server.server_close()


def invented(number: int) -> list[dict[str, Any]]:
    """The list; a third of its people are contacts of the database, sold to by its salespeople."""
    contacts = Contact.objects.exclude(email="").order_by("pk")[: number // 3]
    known = [
        Person(each.first_name, each.last_name, each.email, each.mobile or each.phone) for each in contacts
    ]
    sellers = [
        Person(each.first_name, each.last_name, each.email)
        for each in User.objects.active().filter(role__slug="sales").order_by("pk")
    ]
    return invent(known=known, sellers=sellers, today=timezone.localdate(), number=number)
