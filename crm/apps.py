"""CRM: companies, contacts, tags, imports."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from digiweb import navigation, search
from digiweb.api import router as api
from digiweb.navigation import Item
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
        api.register("contacts", "crm.api.contact.ContactViewSet")
        api.register("companies", "crm.api.company.CompanyViewSet")
        api.register("tags", "crm.api.tag.TagViewSet")
        api.register("contact-imports", "crm.api.contact_import.ContactImportViewSet")
        self.show()

    def show(self) -> None:
        """What the shell shows of this app: menu, « + », search, bin."""
        from crm.hand_over import give_companies, give_contacts
        from crm.home import contacts_widget
        from crm.models import Company, Contact
        from crm.services.company import companies_came_or_went
        from crm.services.contact import contacts_came_or_went
        from crm.services.merge import companies_merged, contacts_merged
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
            Item(crm, _("Imports"), "crm:contact_import_list", "file-import", "crm.contactimport", order=17)
        )
        navigation.register(
            Item(crm, _("Duplicates"), "crm:duplicate_list", "copy", "crm.duplicate", order=16)
        )
        navigation.register(Item(crm, _("Tags"), "crm:tag_list", "tags", "crm.tag", order=18))
        navigation.register_create(
            Item("", _("Contact"), "crm:contact_new", "user-plus", "crm.contact", "create", order=10)
        )
        navigation.register_create(
            Item("", _("Company"), "crm:company_new", "building-plus", "crm.company", "create", order=11)
        )
        search.register(
            Source(
                Contact, _("Contacts"), "users", "crm:contact_list", contact_subtitle, ("company",), order=10
            )
        )
        search.register(
            Source(Company, _("Companies"), "building", "crm:company_list", company_subtitle, order=11)
        )
        register_widget(Widget("home/contacts.html", contacts_widget, "crm.contact", order=10))
        register_owned(Owned("crm.contact", give_contacts, order=10))
        register_owned(Owned("crm.company", give_companies, order=11))
        register_merge(Contact, contacts_merged)
        register_merge(Company, companies_merged, derived=("crm.companyaccess",))
        register_bin(Contact, contacts_came_or_went)
        register_bin(Company, companies_came_or_went)


def contact_subtitle(contact: Any) -> str:
    return " · ".join(part for part in (str(contact.company or ""), contact.city, contact.email) if part)


def company_subtitle(company: Any) -> str:
    return " · ".join(part for part in (company.city, company.siren) if part)
