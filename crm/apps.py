"""CRM: companies, contacts, tags, imports."""

from functools import partial
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from digiweb import navigation, search
from digiweb.api import router as api
from digiweb.composer import register_addition
from digiweb.job_kinds import register_job
from digiweb.navigation import Item
from digiweb.panels import Panel, register_panel
from digiweb.permissions import ACTIONS, register_module
from digiweb.search import Source
from digiweb.widgets import Widget, register_widget
from people.hand_over import Owned, register_owned


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("CRM")

    def ready(self) -> None:
        crm = _("CRM")
        # A salesperson without a team sees their own with scope « team »; a manager the team's.
        team = {"sales": ("team", ACTIONS)}
        register_module("crm.contact", _("Contacts"), group=crm, defaults=team)
        register_module("crm.company", _("Companies"), group=crm, defaults=team)
        register_module("crm.deal", _("Deals"), group=crm, defaults=team)
        register_module("crm.client", _("Clients"), group=crm, defaults={**team, "am": ("all", ("view",))})
        register_module(
            "crm.contactimport",
            _("Imports"),
            group=crm,
            defaults={"sales": ("own", ("view", "create", "delete"))},
        )
        register_module(
            "crm.tag",
            _("Tags"),
            group=crm,
            scopes=("all",),
            defaults={"sales": ("all", ("view", "create"))},
        )
        register_module(
            "crm.duplicate",
            _("Duplicates"),
            group=crm,
            actions=("view", "change"),
            scopes=("all",),
            defaults={"sales": ("all", ("view", "change"))},
        )
        register_module(
            "crm.customfield",
            _("Custom fields"),
            group=_("Settings"),
            actions=("view", "create", "change", "delete"),
            scopes=("all",),
        )
        api.register("contacts", "crm.api.contact.ContactViewSet")
        api.register("companies", "crm.api.company.CompanyViewSet")
        api.register("company-data", "crm.api.company_data.CompanyDataViewSet")
        register_module("crm.activity", _("Activities"), group=crm, defaults=team)
        api.register("activities", "crm.api.activity.ActivityViewSet")
        api.register("clients", "crm.api.client.ClientViewSet")
        api.register("deals", "crm.api.deal.DealViewSet")
        api.register("duplicates", "crm.api.duplicate.DuplicateViewSet")
        api.register("merges", "crm.api.merge.MergeViewSet")
        api.register("tags", "crm.api.tag.TagViewSet")
        api.register("custom-fields", "crm.api.custom_field.CustomFieldViewSet")
        api.register("contact-imports", "crm.api.contact_import.ContactImportViewSet")
        register_module(
            "crm.scorerule",
            _("Rules of the score"),
            group=_("Settings"),
            actions=("view", "change"),
            scopes=("all",),
        )
        register_module(
            "crm.stagerule",
            _("Stages of deals"),
            group=_("Settings"),
            actions=("view", "change"),
            scopes=("all",),
        )
        api.register("score-rules", "crm.api.score_rule.ScoreRuleViewSet")
        post_migrate.connect(ship_score_rules, sender=self)
        self.name_jobs()
        self.show()

    def name_jobs(self) -> None:
        """What background jobs are called, and what must be put right before one is done again."""
        from crm.services.contact_import import import_again
        from crm.services.contact_import_undo import undo_again

        register_job("crm.jobs.run_contact_import", _("Import of contacts"), again=import_again)
        register_job("crm.jobs.undo_contact_import", _("Undo of an import"), again=undo_again)
        register_job("crm.jobs.recompute_scores", _("Scores by new rules"))
        register_job("crm.jobs.forget_custom_field", _("Values of a deleted field"))

    def show(self) -> None:
        """What the shell shows of this app: menu, « + », search, bin."""
        from crm.activity_panel import activities_of, additions
        from crm.company_data_panel import legal_panel
        from crm.deal_panel import deals_of, steps_of
        from crm.hand_over import give_activities, give_companies, give_contacts, give_deals
        from crm.home import contacts_widget
        from crm.home_day import day_widget
        from crm.home_deals import activities_widget, deals_widget
        from crm.models import Activity, Company, Contact, Deal
        from crm.services.activity import activities_came_or_went
        from crm.services.company import companies_came_or_went
        from crm.services.contact import contacts_came_or_went
        from crm.services.custom_value import TABLES, book_for, index_values
        from crm.services.deal import deals_came_or_went
        from crm.services.merge import companies_merged, contacts_merged
        from digiweb.custom import register_custom
        from timeline.document_panel import register_documents
        from timeline.notification_kinds import register_kind
        from timeline.services.bin import register_bin
        from timeline.services.merge import register_merge

        crm = _("CRM")
        navigation.register(
            Item(crm, _("Contacts"), "crm:contact_list", "users", "crm.contact", order=10, key="c")
        )
        navigation.register(
            Item(crm, _("Companies"), "crm:company_list", "building", "crm.company", order=11, key="e")
        )
        navigation.register(
            Item(crm, _("Deals"), "crm:deal_list", "briefcase", "crm.deal", order=12, key="d")
        )
        navigation.register(Item(crm, _("Map"), "crm:map", "map-2", "crm.company", order=14))
        navigation.register(
            Item(crm, _("Imports"), "crm:contact_import_list", "file-import", "crm.contactimport", order=17)
        )
        navigation.register(
            Item(crm, _("Duplicates"), "crm:duplicate_list", "copy", "crm.duplicate", order=16)
        )
        navigation.register(
            Item(
                _("Settings"),
                _("Rules of the score"),
                "crm:score_rule_list",
                "gauge",
                "crm.scorerule",
                order=1003,
            )
        )
        stages = (_("Stages of deals"), "crm:stage_rules", "hourglass", "crm.stagerule")
        navigation.register(Item(_("Settings"), *stages, order=1003))
        navigation.register(Item(crm, _("Tags"), "crm:tag_list", "tags", "crm.tag", order=18))
        navigation.register(
            Item(
                _("Settings"),
                _("Custom fields"),
                "crm:custom_field_list",
                "forms",
                "crm.customfield",
                order=1004,
            )
        )
        navigation.register_create(
            Item("", _("Contact"), "crm:contact_new", "user-plus", "crm.contact", "create", order=10)
        )
        navigation.register_create(
            Item("", _("Company"), "crm:company_new", "building-plus", "crm.company", "create", order=11)
        )
        navigation.register(
            Item(crm, _("Activities"), "crm:activity_day", "calendar", "crm.activity", order=13, key="a")
        )
        navigation.register_create(
            Item("", _("Activity"), "crm:activity_new", "calendar-plus", "crm.activity", "create", order=13)
        )
        navigation.register_create(
            Item("", _("Deal"), "crm:deal_new", "briefcase", "crm.deal", "create", order=12)
        )
        search.register(
            Source(
                Contact, _("Contacts"), "users", "crm:contact_list", contact_subtitle, ("company",), order=10
            )
        )
        search.register(
            Source(Company, _("Companies"), "building", "crm:company_list", company_subtitle, order=11)
        )
        search.register(
            Source(Deal, _("Deals"), "briefcase", "crm:deal_list", deal_subtitle, ("company",), order=12)
        )
        register_widget(
            Widget("home/activities.html", activities_widget, "crm.activity", ("sales",), order=8)
        )
        homes = ("sales", "company")
        register_widget(Widget("home/day.html", day_widget, "crm.deal", homes, order=7))
        register_widget(Widget("home/deals.html", deals_widget, "crm.deal", order=9))
        register_widget(Widget("home/contacts.html", contacts_widget, "crm.contact", order=10))
        register_owned(Owned("crm.contact", give_contacts, order=10))
        register_owned(Owned("crm.company", give_companies, order=11))
        search.register(
            Source(
                Activity,
                _("Activities"),
                "calendar",
                "crm:activity_list",
                activity_subtitle,
                ("contact", "company"),
                order=13,
            )
        )
        register_kind("activity.reminder", _("Reminder of an activity"), "alarm")
        register_owned(Owned("crm.activity", give_activities, only={"status": "planned"}, order=13))
        for name in ("contact", "company", "deal"):
            register_panel(
                Panel(
                    f"crm.{name}",
                    _("Activities"),
                    "crm/activity/panel.html",
                    activities_of(name),
                    "crm.activity",
                    "crm:activity_list",
                    name,
                    order=10,
                )
            )
        for addition in additions():
            register_addition(addition)
        register_panel(
            Panel(
                "crm.company",
                _("Legal data"),
                "crm/company_data/panel.html",
                legal_panel,
                "crm.company",
                order=60,
            )
        )
        register_bin(Activity, activities_came_or_went)
        register_owned(Owned("crm.deal", give_deals, order=12))
        register_panel(Panel("crm.deal", _("Stages"), "crm/deal/steps.html", steps_of, "crm.deal", order=30))
        for name in ("contact", "company"):
            register_panel(
                Panel(
                    f"crm.{name}",
                    _("Deals"),
                    "crm/deal/panel.html",
                    deals_of(name),
                    "crm.deal",
                    "crm:deal_list",
                    name,
                    order=20,
                )
            )
        self.show_clients()
        register_documents("crm.contact", "crm.company", "crm.deal", "crm.activity", "crm.client")
        for model in TABLES:
            register_custom(model, partial(book_for, model), index_values)
        register_merge(Contact, contacts_merged, derived=("crm.scoreline", "crm.contactvalue"))
        register_merge(Company, companies_merged, derived=("crm.companyaccess", "crm.companyvalue"))
        register_bin(Contact, contacts_came_or_went)
        register_bin(Company, companies_came_or_went)
        register_bin(Deal, deals_came_or_went)

    def show_clients(self) -> None:
        """The same for clients, and the tabs of their page."""
        from crm.hand_over import give_clients
        from crm.models import Client
        from crm.services.client import clients_came_or_went
        from crm.services.client_merge import clients_merged
        from digiweb.tabs import SubjectTab, Tab, register_tab
        from timeline.notification_kinds import register_kind
        from timeline.services.bin import register_bin
        from timeline.services.merge import register_merge

        crm = _("CRM")
        navigation.register(
            Item(crm, _("Clients"), "crm:client_list", "user-heart", "crm.client", order=12, key="k")
        )
        navigation.register_create(
            Item("", _("Client"), "crm:client_new", "user-heart", "crm.client", "create", order=14)
        )
        search.register(
            Source(
                Client,
                _("Clients"),
                "user-heart",
                "crm:client_list",
                client_subtitle,
                ("company", "contact"),
                order=12,
            )
        )
        register_owned(Owned("crm.client", give_clients, order=12))
        register_bin(Client, clients_came_or_went)
        register_merge(Client, clients_merged, derived=("crm.renewalnotice",))
        register_kind("client.renewal", _("Renewal of a client"), "calendar-due")
        tab = partial(Tab, "crm.client")
        register_tab(
            tab("activities", _("Activities"), "crm:activity_list", "client", "crm.activity", "calendar", 40)
        )
        register_tab(tab("deals", _("Deals"), "crm:deal_list", "client", "crm.deal", "briefcase", 50))
        register_tab(
            SubjectTab(
                "crm.client",
                "documents",
                _("Documents"),
                "document_list",
                "subject",
                "timeline.document",
                "paperclip",
                60,
            )
        )


def ship_score_rules(**kwargs: object) -> None:
    """A rule for each subject that has none yet."""
    from crm.services.score import ensure_rules

    ensure_rules()


def contact_subtitle(contact: Any) -> str:
    return " · ".join(part for part in (str(contact.company or ""), contact.city, contact.email) if part)


def activity_subtitle(activity: Any) -> str:
    from crm.tables.activity import moment_text

    parts = (activity.get_kind_display(), moment_text(activity.starts_at), str(activity.company or ""))
    return " · ".join(part for part in parts if part)


def deal_subtitle(deal: Any) -> str:
    return " · ".join(part for part in (deal.get_stage_display(), str(deal.company or "")) if part)


def client_subtitle(client: Any) -> str:
    parts = (client.get_status_display(), str(client.contact or "") if client.company else "")
    return " · ".join(part for part in parts if part)


def company_subtitle(company: Any) -> str:
    return " · ".join(part for part in (company.city, company.siren) if part)
