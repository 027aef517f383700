"""The colleague's import by a real worker: 100,000 prospects with 300,000 contracts, twice."""

import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.bench.report import Line

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = 3
MUST_MB = 300


def measure_colleague(env: dict[str, str], rows: int = 100_000) -> list[Line]:
    """The first run, and the second, in which nothing has changed: at most a quarter of the time."""
    server = Endpoint(rows)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = {
        **env,
        "DJANGO_SETTINGS_MODULE": "digiweb.settings",
        "EXTERNAL_API_URL": f"http://127.0.0.1:{server.server_address[1]}/prospects",
        "PROVIDERS_PLAIN_HTTP": "1",
    }
    command = [sys.executable, "-m", "tests.bench.colleague"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    server.shutdown()
    what = f"colleague's import of {rows:,} prospects with {rows * CONTRACTS:,} contracts"
    if done.returncode:
        return [Line(what, ok=False, note=done.stderr.strip()[-300:])]
    got = json.loads(done.stdout.splitlines()[-1])
    first, second, peak = got["first"], got["second"], got["peak_mb"]
    return [
        Line(
            f"{what}: {first:,.0f} s ({rows / first:,.0f} prospects/s)",
            must=f"worker ≤ {MUST_MB} MB",
            ok=peak <= MUST_MB,
            note=f"worker at most {peak:.0f} MB, {got['busy']:,.0f} s of its processor",
        ),
        Line(
            f"the same list again, nothing changed: {second:,.0f} s ({rows / second:,.0f} prospects/s)",
            must="≤ ¼ of the first",
            ok=second <= first / 4,
            note=f"{second / first:.2f} of the first",
        ),
    ]


class Endpoint(ThreadingHTTPServer):
    """Makes its list while it sends it, in chunks."""

    daemon_threads = True

    def __init__(self, rows: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.rows = rows


class Handler(BaseHTTPRequestHandler):
    server: Endpoint
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in parts(self.server.rows):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *args: Any) -> None:
        return


def parts(rows: int) -> Iterator[bytes]:
    yield b"["
    for number in range(1, rows + 1):
        yield (b"," if number > 1 else b"") + json.dumps(prospect(number)).encode()
    yield b"]"


def prospect(number: int) -> dict[str, Any]:
    seller = number % 40
    return {
        "idProspect": 10**6 + number,
        "nom": f"Nom{number % 5000}",
        "prenom": "Zoé",
        "email": f"prospect{number}@colleague.example",
        "telephone": f"+336{number:08d}",
        "commercialId": f"00000000-0000-4000-8000-{seller:012d}",
        "commercial": {
            "id": f"00000000-0000-4000-8000-{seller:012d}",
            "nom": f"Vendeur{seller}",
            "prenom": "Luc",
            "email": f"vendeur{seller}@colleague.example",
        },
        "informationsPaiement": [{"IBAN": iban(number), "BIC": ""}],
        "Souscription": [
            {
                "offre": {"nom": f"Offre {number % 12}", "prixMensuel": 49},
                "contrats": [
                    {
                        "titre": f"BENCH-{number}-{place}",
                        "description": "Site vitrine et référencement",
                        "statut": ("Signé", "Validé", "En attente")[place % 3],
                        "dateSignature": f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}",
                        "montant": f"{number % 9000},50",
                        "fournisseur": "LOCAM",
                        "type": "Location",
                        "documentUrl": f"contrats/{number}-{place}.pdf",
                    }
                    for place in range(CONTRACTS)
                ],
            }
        ],
        "identityCard": {"numero": f"CNI{number}"},
    }


def iban(number: int) -> str:
    """A French number whose keys are right, the national one (RIB) and the international one (ISO 7064)."""
    bank, branch = 30006, 1
    key = 97 - (89 * bank + 15 * branch + 3 * number) % 97
    body = f"{bank:05d}{branch:05d}{number:011d}{key:02d}"
    check = 98 - int(f"{body}152700") % 97  # « FR00 » as digits
    return f"FR{check:02d}{body}"


def main() -> dict[str, Any]:
    import django

    django.setup()
    from sync.services.colleague_run import start_run

    def worked() -> tuple[float, float]:
        """Seconds by the clock and by the worker's processor: on a busy machine the first tells less."""
        run = start_run(user=None)
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        command = [sys.executable, "manage.py", "rqworker", "default", "--burst"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        run.refresh_from_db()
        if run.state != run.State.DONE or run.started_at is None or run.ended_at is None or run.failed:
            raise RuntimeError(f"The run did not end well: {run.state} {run.error} {run.counts}")
        busy = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        return float((run.ended_at - run.started_at).total_seconds()), busy

    (first, busy), (second, _busy) = worked(), worked()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    return {"first": first, "busy": busy, "second": second, "peak_mb": peak}


if __name__ == "__main__":
    if len(sys.argv) > 1:  # by itself: prospects, on the database of the environment
        for line in measure_colleague(dict(os.environ), int(sys.argv[1])):
            sys.stdout.write(f"{line}\n")
    else:
        sys.stdout.write(json.dumps(main()) + "\n")
