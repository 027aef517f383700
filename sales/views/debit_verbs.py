"""What one does with direct debits: approve, send, collect, cancel, take out, return; files of the bank."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.forms import style_fields
from digiweb.models import Record
from digiweb.toasts import toast
from digiweb.views.base import GuardedView, RecordMixin
from digiweb.views.edit import UNPROCESSABLE, EditView
from digiweb.views.field import answer_field, field_asked
from digiweb.views.verb import AskingVerbView, VerbView
from sales.forms.debit import AnswersForm, CollectForm, ReturnForm
from sales.models import Debit, DebitBatch
from sales.services.debit import (
    approve_batch,
    cancel_batch,
    collect_batch,
    mark_sent,
    read_file,
    remove_debit,
)
from sales.services.debit_due import debits_in
from sales.services.debit_reasons import reason_text
from sales.services.debit_return import return_debit, take_answers
from sales.views.debit import CRUMB, MODULE


class BatchVerbView(VerbView):
    """What the buttons of a batch share."""

    module = MODULE
    model = DebitBatch
    select_related = ("agency",)


class DebitBatchApproveView(BatchVerbView):
    """Looked at again; the file is written."""

    done = gettext_lazy("“%(debitbatch)s” is approved: the file for the bank is ready.")

    @staticmethod
    def verb(*, user: Any, debitbatch: DebitBatch) -> None:
        approve_batch(user=user, batch=debitbatch)


class DebitBatchSendView(BatchVerbView):
    """The bank has the file."""

    done = gettext_lazy("“%(debitbatch)s” was sent to the bank.")

    @staticmethod
    def verb(*, user: Any, debitbatch: DebitBatch) -> None:
        mark_sent(user=user, batch=debitbatch)


class DebitBatchCancelView(AskingVerbView, BatchVerbView):
    """Given up before it was sent."""

    breadcrumbs = (CRUMB,)
    danger = True
    question = gettext_lazy("Cancel the batch “%(debitbatch)s”?")
    label = gettext_lazy("Cancel the batch")
    done = gettext_lazy("“%(debitbatch)s” is cancelled.")

    def consequences(self, record: Any) -> list[Any]:
        return [_("Nothing is collected; its invoices may be debited by another batch.")]

    @staticmethod
    def verb(*, user: Any, debitbatch: DebitBatch) -> None:
        cancel_batch(user=user, batch=debitbatch)


class DebitBatchCollectView(EditView):
    """The bank paid."""

    module = MODULE
    model: type[Record] = DebitBatch
    form_class = CollectForm
    select_related = ("agency",)
    breadcrumbs = (CRUMB,)
    title = gettext_lazy("Collected")
    submit_label = gettext_lazy("Record the payments")

    def save(self, form: Any) -> DebitBatch:
        batch: DebitBatch = self.get_instance()
        collect_batch(user=self.request.user, batch=batch, on=form.cleaned_data["on"])
        return batch


class DebitBatchFileView(RecordMixin):
    """The file for the bank: it has whole numbers, so each download is in the audit log and none is kept."""

    module = MODULE
    action = "change"
    model = DebitBatch
    select_related = ("agency",)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch: Any = self.get_object()
        if not batch.file_sha256:
            raise Http404
        try:
            content = read_file(user=request.user, batch=batch)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
            return HttpResponseRedirect(batch.get_absolute_url())
        response = HttpResponse(content, content_type="application/xml")
        response["Content-Disposition"] = content_disposition_header(True, f"{batch.reference}.xml") or ""
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response


class DebitMixin(GuardedView):
    """One collection of a batch."""

    module = MODULE
    action = "change"
    breadcrumbs = (CRUMB,)

    def get_debit(self, pk: int) -> Debit:
        batches = DebitBatch.objects.visible_to(self.request.user, self.action)
        return get_object_or_404(debits_in(batches), pk=pk)


class DebitRemoveView(DebitMixin):
    """Taken out of a batch that is still prepared."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        debit = self.get_debit(pk)
        try:
            remove_debit(user=request.user, debit=debit)
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
        else:
            toast(request, _("%(invoice)s was taken out.") % {"invoice": debit.invoice})
        return HttpResponseRedirect(debit.batch.get_absolute_url())


class DebitReturnView(DebitMixin):
    """The bank gave one back."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(self.get_debit(pk), ReturnForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        debit = self.get_debit(pk)
        form = ReturnForm(request.POST)
        if name := field_asked(request):
            return answer_field(request, form, name)
        if not form.is_valid():
            return self.page(debit, form, UNPROCESSABLE)
        data = form.cleaned_data
        try:
            return_debit(user=request.user, debit=debit, on=data["on"], reason=data["reason"])
        except ValidationError as error:
            for field, messages in getattr(error, "message_dict", {None: error.messages}).items():
                form.add_error(field if field in form.fields else None, messages)
            return self.page(debit, form, UNPROCESSABLE)
        toast(request, _("%(invoice)s is owed again.") % {"invoice": debit.invoice})
        url = debit.batch.get_absolute_url()
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)

    def page(self, debit: Debit, form: ReturnForm, status: int = 200) -> HttpResponse:
        style_fields(form)
        context = {
            "form": form,
            "page_title": _("Direct debit of %(invoice)s returned") % {"invoice": debit.invoice},
            "submit_label": _("Record the return"),
            "action_url": self.request.path,
            "cancel_url": debit.batch.get_absolute_url(),
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(self.request, "sales/debit_batch/ask.html", context, status=status)


class DebitBatchAnswersView(GuardedView):
    """A file of the bank: what came back."""

    module = MODULE
    action = "change"
    breadcrumbs = (CRUMB,)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(AnswersForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AnswersForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, status=UNPROCESSABLE)
        try:
            report: Any = take_answers(user=request.user, content=form.cleaned_data["file"].read())
        except ValidationError as error:
            form.add_error("file", error)
            return self.page(form, status=UNPROCESSABLE)
        for debit in report.returned:
            debit.words = reason_text(debit.reason)
        report.is_empty = not (report.returned or report.refused or report.unknown or report.known)
        return self.page(AnswersForm(), report)

    def page(self, form: AnswersForm, report: Any = None, status: int = 200) -> HttpResponse:
        style_fields(form)
        context = {
            "form": form,
            "report": report,
            "page_title": _("File of the bank"),
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(self.request, "sales/debit_batch/answers.html", context, status=status)
