"""Documents beside a record: an app names its kinds of records in its `apps.py`, one line."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from digiweb.panels import Panel, register_panel
from timeline.forms.document import ACCEPTED, MOST_FILES
from timeline.models import Document
from timeline.models.document import accept_documents
from timeline.services.document import may_add
from timeline.tables.document import SCAN_ICONS, size_text

SHOWN = 5
# For so long the panel asks again whether a document was checked and drawn.
FOLLOWED = timedelta(minutes=2)


class DocumentPanel(Panel):
    """The list is asked for by kind and number: numbers alone say nothing."""

    def list_link(self, record: Model) -> str:
        return f"{reverse('document_list')}?{urlencode({'subject': name_of(record)})}"


def register_documents(*kinds: str) -> None:
    """Records of these kinds ("crm.contact") take documents, and show them on their pages."""
    accept_documents(*kinds)
    for kind in kinds:
        panel = "timeline/document/panel.html"
        register_panel(
            DocumentPanel(
                kind, _("Documents"), panel, documents_of, Document.module, "document_list", order=40
            )
        )


def name_of(record: Model) -> str:
    """ "crm.contact:12", as addresses and the API name a record of any kind."""
    return f"{record._meta.label_lower}:{record.pk}"


def documents_of(user: Any, record: Any) -> dict[str, Any]:
    """What the panel draws: the latest documents, and where more are put."""
    documents = list(Document.objects.of(record).order_by("-pk")[: SHOWN + 1])
    named = urlencode({"subject": name_of(record)})
    adds = may_add(user, record)
    since = timezone.now() - FOLLOWED
    return {
        "lines": [describe_line(document) for document in documents[:SHOWN]],
        "more": len(documents) > SHOWN,
        "pending": any(document.is_pending and document.created_at > since for document in documents[:SHOWN]),
        "create_url": f"{reverse('document_new')}?{named}" if adds else "",
        "refresh_url": f"{reverse('document_panel')}?{named}",
        "accept": ACCEPTED,
        "most": MOST_FILES,
    }


def describe_line(document: Document) -> dict[str, Any]:
    return {
        "document": document,
        "icon": document.type.icon,
        "size": size_text(document),
        "scan_icon": SCAN_ICONS.get(document.scan, ""),
        "preview_url": reverse("document_preview", args=[document.pk]) if document.is_previewed else "",
        "file_url": reverse("document_file", args=[document.pk]) if document.may_be_sent else "",
    }
