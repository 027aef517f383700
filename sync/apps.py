"""What comes and goes between the house and services outside."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from digiweb import navigation
from digiweb.api import router as api
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.panels import Panel, register_panel
from digiweb.permissions import register_module


class SyncConfig(AppConfig):
    name = "sync"
    verbose_name = _("Integrations")

    def ready(self) -> None:
        settings = _("Settings")
        register_module(
            "sync.connection",
            _("Integrations"),
            group=settings,
            actions=("view", "change"),
            scopes=("all",),
        )
        # Asking costs: by default salespeople see scores, administrators ask for them.
        register_module(
            "sync.solvency",
            _("Solvency"),
            group=_("CRM"),
            actions=("view", "create"),
            scopes=("all",),
            defaults={"sales": ("all", ("view",)), "am": ("all", ("view",))},
        )
        navigation.register(
            Item(
                settings,
                _("Integrations"),
                "sync:integration_list",
                "plug-connected",
                "sync.connection",
                order=1005,
            )
        )
        self.name_jobs()
        self.connect()
        self.take_calls()
        self.take_clients()
        self.sign_quotes()

    def name_jobs(self) -> None:
        """What background jobs are called."""
        register_job("sync.jobs.work_off_delivery", _("Webhook received"), quiet=True)
        register_job("sync.jobs.adopt_calls", _("Calls of a number"), quiet=True)
        register_job("sync.aircall.jobs.fetch_calls", _("Calls of Aircall"))

    def connect(self) -> None:
        """The services, and what the CRM shows of them."""
        from crm.company_data import register_source
        from sync.catalogue import providers
        from sync.panels import solvency_panel
        from sync.providers import register_provider
        from sync.services.company_data import sources

        for provider in providers():
            register_provider(provider)
        for source in sources():
            register_source(source)
        register_panel(
            Panel(
                "crm.company",
                _("Solvency"),
                "sync/solvency/panel.html",
                solvency_panel,
                "sync.solvency",
                order=61,
            )
        )

    def take_calls(self) -> None:
        """Webhooks, and the calls that arrive by them."""
        from sync.aircall.provider import PROVIDER, RECEIVER
        from sync.call_lines import call_of_activity
        from sync.providers import register_provider
        from sync.webhooks import register_receiver
        from timeline.notification_kinds import register_kind

        settings = _("Settings")
        register_module(
            "sync.webhook",
            _("Webhooks received"),
            group=settings,
            actions=("view", "change", "export"),
            scopes=("all",),
        )
        register_module(
            "sync.phonecall",
            _("Unknown calls"),
            group=_("CRM"),
            actions=("view", "change", "export"),
            defaults={"sales": ("team", ("view", "change"))},
        )
        navigation.register(
            Item(settings, _("Webhooks received"), "sync:webhook_list", "webhook", "sync.webhook", order=1006)
        )
        navigation.register(
            Item(
                _("CRM"), _("Unknown calls"), "sync:caller_list", "phone-incoming", "sync.phonecall", order=14
            )
        )
        api.register("webhook-deliveries", "sync.api.webhook_delivery.WebhookDeliveryViewSet", order=80)
        api.register("unknown-calls", "sync.api.caller.CallerViewSet", order=79)
        register_kind("call.missed", _("Missed call"), "phone-x")
        register_panel(
            Panel(
                "crm.activity", _("Call"), "sync/call/panel.html", call_of_activity, "crm.activity", order=5
            )
        )
        register_provider(PROVIDER)
        register_receiver(RECEIVER)

    def sign_quotes(self) -> None:
        """Yousign, by which clients sign quotes where it is connected."""
        from sales.services.quote_signing import register_signing
        from sync.providers import register_provider
        from sync.webhooks import register_receiver
        from sync.yousign.provider import PROVIDER, RECEIVER, SIGNING

        register_provider(PROVIDER)
        register_receiver(RECEIVER)
        register_signing(SIGNING)
        register_job("sync.yousign.jobs.start_signature", _("Signature of a quote"))
        register_job("sync.yousign.jobs.fetch_signed", _("Signed papers of a quote"))

    def take_clients(self) -> None:
        """The colleague's system, whose clients and contracts are imported."""
        from sync.services.colleague_work import begin_again

        settings = _("Settings")
        register_module(
            "sync.run",
            _("Imports from the colleague’s system"),
            group=settings,
            actions=("view", "create", "change", "export"),
            scopes=("all",),
        )
        navigation.register(
            Item(settings, _("Import of clients"), "sync:run_list", "cloud-download", "sync.run", order=1007)
        )
        api.register("sync/runs", "sync.api.colleague_run.RunViewSet", order=81)
        label = _("Import from the colleague’s system")
        register_job("sync.jobs.import_from_colleague", label, again=begin_again)
        register_job("sync.jobs.replay_piece", _("Replay of a prospect"))
