"""What reminders hand over to the frame: rights, menu, API, jobs, the home page; called by sales/apps.py."""

from django.utils.translation import gettext_lazy as _

from digiweb import navigation
from digiweb.api import router as api
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.permissions import register_module
from digiweb.tabs import Tab, register_tab
from digiweb.widgets import Widget, register_widget
from timeline.notification_kinds import register_kind

MODULE, LIST, ICON = "sales.reminder", "sales:reminder_list", "mail-forward"


def register_reminders() -> None:
    """Rights and the API; plans follow what is paid, credited and issued."""
    from sales.services.reminder_plan import replan
    from sales.services.settlement import register_follower

    register_module(
        MODULE,
        _("Reminders"),
        group=_("Sales"),
        actions=("view", "create", "change", "export"),
        # « create » sends by hand, « change » pauses and passes over.
        defaults={"sales": ("team", ("view", "create", "change", "export")), "am": ("all", ("view",))},
    )
    api.register("reminders", "sales.api.reminder.ReminderPlanViewSet")
    api.register("sent-reminders", "sales.api.reminder.ReminderViewSet")
    api.register("reminder-stages", "sales.api.reminder_stage.ReminderStageViewSet")
    api.register("penalty-rates", "sales.api.reminder_stage.PenaltyRateViewSet")
    register_follower(replan)


def show_reminders() -> None:
    """Menu, tab of clients, settings, jobs, notifications, the home page."""
    from sales.overdue import overdue_widget
    from sales.services.reminder import KIND, SEND
    from sales.services.reminder_stage import REPLAN

    label, settings = _("Reminders"), _("Settings")
    navigation.register(Item(_("Invoicing"), label, LIST, ICON, MODULE, order=32))
    register_tab(Tab("crm.client", "reminders", label, LIST, "client", MODULE, ICON, 20))
    for name, url, icon in (
        (_("Stages of reminders"), "agencies:reminder_stage_list", "mail-cog"),
        (_("Rates of penalties"), "agencies:penalty_rate_list", "percentage"),
    ):
        navigation.register(Item(settings, name, url, icon, "sales.agency", order=999))
    register_widget(
        Widget("home/overdue.html", overdue_widget, "sales.invoice", ("company", "sales"), order=8)
    )
    register_job(SEND, _("Reminder of an invoice"), quiet=True)
    register_job(REPLAN, _("Planning of reminders"), quiet=True)
    register_kind(KIND, _("Reminder that did not leave"), "mail-off")
