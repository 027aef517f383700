"""What the tests of imports share: files in memory, imports done on the spot, the state they leave."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from crm.importing.plan import Settings
from crm.importing.reading import batches
from crm.models import (
    Company,
    CompanyAccess,
    Contact,
    ContactImport,
    ContactImportRow,
    ContactTag,
    ContactTally,
    ContactTotal,
)
from crm.services.contact_import import (
    finish_import,
    import_batch,
    make_plan,
    set_up_import,
    source_of,
    upload_import,
)
from crm.services.contact_import_undo import start_undo, work_off
from digiweb.jobs import run_job
from people.models import User
from timeline.models import Event, EventLink, JobRun, Note

HEADER = "prenom,nom,email,telephone,entreprise,poste,ville,pays,statut,source"
DERIVED = ("score", "sort_name", "search_text")
TEXTS = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "mobile",
    "job_title",
    "address",
    "postcode",
    "city",
    "country",
    "status",
    "source",
)


NEW = "/crm/contacts/import/"


class NoProgress:
    """A job's progress that nobody follows."""

    done = 0

    def set(self, done: int, total: int | None = None) -> None:
        self.done = done

    def log(self, text: str, level: str = "info") -> None:
        """Nobody reads it either."""


def uploaded(user: User, content: str | bytes, name: str = "contacts.csv", **settings: Any) -> ContactImport:
    """An import that is set up and ready to run, without its job."""
    data = content.encode() if isinstance(content, str) else content
    run = upload_import(user=user, file=io.BytesIO(data), name=name)
    columns = {int(column): field for column, field in run.mapping.items()}
    set_up_import(user=user, run=run, columns=columns, choices=Settings.of({"assign": "me", **settings}))
    ContactImport.objects.filter(pk=run.pk).update(state=ContactImport.State.RUNNING)
    run.refresh_from_db()
    return run


def go_on(run: ContactImport, *, size: int = 1000, most: int | None = None) -> ContactImport:
    """Work off what is left (or `most` batches of it), as the job does."""
    run.refresh_from_db()
    plan = make_plan(run)
    source = source_of(run)
    for done, rows in enumerate(batches(source, plan.mapping, plan.choices, start=run.cursor, size=size)):
        if most is not None and done >= most:
            break
        import_batch(plan=plan, rows=rows)
    else:
        finish_import(run=plan.run, state=ContactImport.State.DONE)
    source.file.close()
    run.refresh_from_db()
    return run


def imported(user: User, content: str | bytes, name: str = "contacts.csv", **settings: Any) -> ContactImport:
    """A file imported whole."""
    return go_on(uploaded(user, content, name, **settings))


def undone(user: User, run: ContactImport, *, size: int = 500) -> ContactImport:
    """An import taken back whole."""
    start_undo(user=user, run=run)
    work_off(run_id=run.pk, progress=NoProgress(), size=size)  # type: ignore[arg-type]
    run.refresh_from_db()
    return run


def upload(client: Any, content: bytes | str, name: str = "contacts.csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(NEW, {"file": SimpleUploadedFile(name, data)})


def setup_page(client: Any, content: bytes | str, name: str = "contacts.csv") -> Any:
    response = upload(client, content, name)
    assert response.status_code == 302, response.context["form"].errors
    return client.get(response["Location"])


def form_data(page: Any, **changes: Any) -> dict[str, Any]:
    """The set-up form as a browser sends it."""
    data = {}
    for field in page.context["form"]:
        value = field.value()
        if value not in (None, "", []):
            data[field.html_name] = value
    return {**data, **changes}


def run_through(
    client: Any, content: bytes | str, name: str = "contacts.csv", **changes: Any
) -> ContactImport:
    """Upload, accept what is proposed, and let the worker do it."""
    page = setup_page(client, content, name)
    response = client.post(page.request["PATH_INFO"], form_data(page, start="1", **changes))
    assert response.status_code == 302, response.context["form"].errors
    run_job(JobRun.objects.latest("id").pk)
    return ContactImport.objects.latest("id")


def table(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def outcomes(run: ContactImport) -> list[str]:
    return list(ContactImportRow.objects.filter(run=run).order_by("number").values_list("outcome", flat=True))


def state_of_house() -> dict[str, Any]:
    """All that imports write, without numbers and times: to compare two ways to the same end."""
    contacts = {c.pk: c for c in Contact.objects.select_related("company").order_by("pk")}
    companies = {c.pk: c for c in Company.objects.order_by("pk")}
    names = {("crm.contact", pk): f"contact {n}" for n, pk in enumerate(contacts)}
    names |= {("crm.company", pk): f"company {n}" for n, pk in enumerate(companies)}
    tags: dict[int, list[str]] = {}
    for pk, key in ContactTag.objects.values_list("contact_id", "tag__key"):
        tags.setdefault(pk, []).append(key)
    links: dict[int, list[str]] = {}
    for event, kind, pk in EventLink.objects.values_list("event_id", "subject_type", "subject_id"):
        links.setdefault(event, []).append(names.get((kind, pk), "gone"))

    def plain(changes: Any) -> str:
        return repr(sorted((name, [_label(v) for v in pair]) for name, pair in changes.items()))

    return {
        "contacts": [
            (
                *(getattr(c, name) for name in (*TEXTS, *DERIVED)),
                c.version,
                c.owner_id,
                str(c.company or ""),
                names.get(("crm.company", c.company_id or 0), ""),
                sorted(tags.get(c.pk, ())),
            )
            for c in contacts.values()
        ],
        "companies": [
            (
                c.name,
                c.siret,
                c.siren,
                c.postcode,
                c.city,
                c.country,
                c.contact_count,
                c.version,
                c.sort_name,
                c.search_text,
            )
            for c in companies.values()
        ],
        "access": sorted(
            (names[("crm.company", pk)], person, name)
            for pk, person, name in CompanyAccess.objects.values_list("company_id", "person_id", "sort_name")
        ),
        "tallies": sorted(ContactTally.objects.exclude(count=0).values_list("owner_id", "status", "count")),
        "totals": sorted(ContactTotal.objects.exclude(count=0).values_list("owner_id", "status", "count")),
        "notes": sorted(
            (names.get((n.subject_type, n.subject_id), "gone"), n.body, n.author_id)
            for n in Note.objects.all()
        ),
        "rows": [
            (
                r.number,
                r.outcome,
                names.get(("crm.contact", r.contact_id or 0), ""),
                r.version,
                r.reason,
                r.undo,
                r.values if isinstance(r.values, list) else sorted(set(r.values) - {"company", "note"}),
            )
            for r in ContactImportRow.objects.order_by("run_id", "number")
        ],
        "events": sorted(
            (
                e.action,
                names.get((e.subject_type, e.subject_id or 0), e.subject_label),
                e.subject_label,
                plain(e.changes),
                sorted(links.get(e.pk, ())),
            )
            for e in Event.objects.filter(subject_type__in=("crm.contact", "crm.company"))
        ),
        "runs": [
            (r.state, r.cursor, r.total, r.created, r.updated, r.skipped, r.refused, r.reasons, r.undo_report)
            for r in ContactImport.objects.order_by("pk")
        ],
    }


def _label(value: Any) -> Any:
    return value["label"] if isinstance(value, dict) else value
