"""What one does at once with a reminder to come: send it, pass it over, take it up again."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.toasts import toast
from digiweb.views.verb import AskingVerbView, VerbView
from sales.models import ReminderPlan
from sales.services.reminder import resume, send_now, skip
from sales.services.reminder_plan import recipient_of
from sales.views.reminder import AROUND, CRUMB, MODULE


class PlanVerbView(VerbView):
    """What the buttons share; a service that takes the plan as `plan`."""

    module = MODULE
    model = ReminderPlan
    select_related = AROUND


class ReminderSendView(AskingVerbView, PlanVerbView):
    """It leaves at once: the stage that was asked about, no later one."""

    action = "create"
    breadcrumbs = (CRUMB,)
    question = gettext_lazy("Send the reminder of “%(reminderplan)s” now?")
    label = gettext_lazy("Send now")

    def consequences(self, record: Any) -> list[Any]:
        told = {"stage": record.stage, "to": recipient_of(record.invoice)}
        lines = [_("“%(stage)s” goes to %(to)s.") % told] if record.stage and told["to"] else []
        if record.stage and record.stage.is_formal:
            lines.append(_("It is a formal notice: its letter is drawn, kept and attached."))
        return lines

    def fields(self, record: Any) -> dict[str, Any]:
        return {"stage": record.stage_id or ""}

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan: Any = self.get_object()
        if request.POST.get("stage", str(plan.stage_id)) != str(plan.stage_id):
            toast(request, _("Another stage is next by now: look at it first."), level="error")
            return HttpResponseRedirect(plan.get_absolute_url())
        return super().post(request, pk)

    verb = staticmethod(lambda *, user, reminderplan: send_now(user=user, plan=reminderplan))
    done = gettext_lazy("The reminder of “%(reminderplan)s” leaves.")


class ReminderSkipView(PlanVerbView):
    """This stage is passed over."""

    verb = staticmethod(lambda *, user, reminderplan: skip(user=user, plan=reminderplan))
    done = gettext_lazy("The reminder of “%(reminderplan)s” is passed over.")


class ReminderResumeView(PlanVerbView):
    """Reminders go on."""

    verb = staticmethod(lambda *, user, reminderplan: resume(user=user, plan=reminderplan))
    done = gettext_lazy("Reminders of “%(reminderplan)s” go on.")
