"""The import of a CSV file by a real worker, and its undo: rows a second, memory."""

import csv
import io
import json
import random
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.report import Line

ROOT = Path(__file__).resolve().parents[2]
HEADER = ("prenom", "nom", "email", "telephone", "entreprise", "poste", "ville", "pays", "statut", "source")
# Of a hundred rows, so many are there already (by e-mail), and so many are refused.
KNOWN, WRONG = 5, 1


def measure_import(env: dict[str, str], folder: Path) -> list[Line]:
    """Import 10,000 and 100,000 rows, each undone again; the second says the speed, both the memory."""
    env = {**env, "MEDIA_ROOT": str(folder / "media")}
    lines, peaks = [], []
    for rows in (10_000, 100_000):
        command = [sys.executable, "-m", "tests.bench.imports", str(rows)]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            return [Line(f"CSV import of {rows:,} rows", ok=False, note=done.stderr.strip()[-300:])]
        got = json.loads(done.stdout.splitlines()[-1])
        peaks.append(got["peak_mb"])
        if rows == 100_000:
            lines.append(
                Line(
                    f"CSV import of {rows:,} rows: {got['per_second']:,.0f} rows/s",
                    must="≥ 7,500 rows/s, memory flat",
                    ok=got["per_second"] >= 7500 and peaks[1] - peaks[0] <= 30,
                    note=f"{got['created']:,} created, {got['skipped']:,} known, {got['refused']:,} refused; "
                    f"worker at most {peaks[1]:.0f} MB ({peaks[0]:.0f} MB for 10,000 rows)",
                )
            )
            lines.append(Line(f"undo of that import: {got['undone_per_second']:,.0f} rows/s"))
    return lines


def file_of(rows: int, emails: list[str]) -> bytes:
    """A file as people send them: some known, some wrong, French phone shapes."""
    rng = random.Random(rows)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for row in range(rows):
        kind = row % 100
        email = f"import{rows}.{row}@fichier.example"
        if kind < KNOWN:
            email = emails[row % len(emails)]
        elif kind < KNOWN + WRONG:
            email = "sans-arobase"
        phone = rng.choice(("06{:08d}", "+336{:08d}", "6{:08d}")).format(rng.randrange(10**8))
        company = f"Société Import {rows} {row // 4}"
        place = rng.choice(("Paris", "Lyon", "Évian-les-Bains", "Saint-Étienne"))
        writer.writerow(
            [
                "Zoé",
                f"Nom{row % 5000}",
                email,
                phone,
                company,
                "Gérante",
                place,
                "France",
                "prospect",
                "Salon",
            ]
        )
    return out.getvalue().encode()


def main(rows: int) -> dict[str, Any]:
    import django

    django.setup()
    from crm.importing.plan import Settings
    from crm.models import Contact, ContactImport
    from crm.services.contact_import import set_up_import, start_import, upload_import
    from crm.services.contact_import_undo import start_undo
    from people.models import User

    user = User.objects.get(email="bench-admin@digiweb.test")
    known = Contact.objects.exclude(email="").order_by("pk").values_list("email", flat=True)[:5000]
    run = upload_import(user=user, file=io.BytesIO(file_of(rows, list(known))), name=f"bench-{rows}.csv")
    columns = {int(column): name for column, name in run.mapping.items()}
    set_up_import(user=user, run=run, columns=columns, choices=Settings(on_duplicate="skip", assign="me"))

    def worked() -> float:
        """Seconds that a worker took, from claiming the job to its end."""
        command = [sys.executable, "manage.py", "rqworker", "default", "--burst"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        fresh = ContactImport.objects.select_related("job").get(pk=run.pk)
        job = fresh.job
        if job is None or job.started_at is None or job.ended_at is None or job.state != "done":
            raise RuntimeError(f"The job did not end well: {job and job.state} {job and job.error}")
        return float((job.ended_at - job.started_at).total_seconds())

    start_import(user=user, run=run)
    seconds = worked()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    run.refresh_from_db()
    got = {
        "per_second": rows / seconds,
        "peak_mb": peak,
        "created": run.created,
        "skipped": run.skipped,
        "refused": run.refused,
    }
    start_undo(user=user, run=run)
    got["undone_per_second"] = run.created / worked()
    return got


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]))) + "\n")
