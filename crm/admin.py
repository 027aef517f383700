"""The tables of the CRM in the admin site; contacts, companies and tags keep their verbs there."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin

from crm.models import (
    Activity,
    ActivityMonth,
    CalendarFeed,
    Client,
    Company,
    CompanyAccess,
    CompanyTag,
    CompanyValue,
    Contact,
    ContactImport,
    ContactImportCompany,
    ContactImportRow,
    ContactTag,
    ContactTally,
    ContactTotal,
    ContactValue,
    CustomField,
    Deal,
    DealForecast,
    DealFunnel,
    DealMonth,
    DealStep,
    DealTag,
    DealTotal,
    DealValue,
    DuplicatePair,
    ImportTurn,
    RenewalNotice,
    ScoreLine,
    ScoreRule,
    StageRule,
    Tag,
)
from crm.services.activity import change_activity, create_activity, delete_activities
from crm.services.client import change_client, create_client, delete_clients
from crm.services.company import change_company, create_company, delete_companies
from crm.services.contact import change_contact, create_contact, delete_contacts
from crm.services.custom_field import change_field, create_field, delete_field
from crm.services.deal import change_deal, create_deal, delete_deals
from crm.services.score_rule import change_rule
from crm.services.tag import change_tag, create_tag, delete_tag
from digiweb.admin import ReadOnlyAdmin, RecordedAdmin

OFTEN = ("created_at", "updated_at", "version")


@admin.register(Contact)
class ContactAdmin(RecordedAdmin):
    list_display = ("id", "__str__", "email", "company", "owner", "status")
    list_filter = ("status",)
    list_select_related = ("company", "owner")
    raw_id_fields = ("company", "owner")
    readonly_fields = ("score", "last_contact_at", *OFTEN)
    ordering = ("-id",)

    def create(self, user: Any, obj: Any) -> None:
        create_contact(user=user, contact=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_contact(user=user, contact=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_contacts(user=user, pks=[obj.pk for obj in objs])


@admin.register(Company)
class CompanyAdmin(RecordedAdmin):
    list_display = ("id", "name", "siren", "city", "owner", "status")
    list_filter = ("status",)
    list_select_related = ("owner",)
    raw_id_fields = ("owner",)
    readonly_fields = ("contact_count", *OFTEN)
    ordering = ("-id",)

    def create(self, user: Any, obj: Any) -> None:
        create_company(user=user, company=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_company(user=user, company=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_companies(user=user, pks=[obj.pk for obj in objs])


@admin.register(Activity)
class ActivityAdmin(RecordedAdmin):
    list_display = ("id", "subject", "kind", "status", "starts_at", "owner")
    list_filter = ("kind", "status")
    list_select_related = ("owner",)
    raw_id_fields = ("contact", "company", "deal", "owner")
    readonly_fields = ("done_at", *OFTEN)
    ordering = ("-id",)

    def create(self, user: Any, obj: Any) -> None:
        create_activity(user=user, activity=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_activity(user=user, activity=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_activities(user=user, pks=[obj.pk for obj in objs])


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ReadOnlyAdmin):
    list_display = ("user", "made_at", "read_at")
    list_select_related = ("user",)
    exclude = ("token_hash",)


@admin.register(Client)
class ClientAdmin(RecordedAdmin):
    list_display = ("id", "__str__", "owner", "status", "mrr", "renewal_on", "health")
    list_filter = ("status",)
    list_select_related = ("company", "contact", "owner")
    raw_id_fields = ("company", "contact", "owner")
    readonly_fields = ("mrr", "health", "last_contact_at", "next_activity_at", *OFTEN)
    ordering = ("-id",)

    def create(self, user: Any, obj: Any) -> None:
        create_client(user=user, client=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_client(user=user, client=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_clients(user=user, pks=[obj.pk for obj in objs])


@admin.register(Deal)
class DealAdmin(RecordedAdmin):
    list_display = ("id", "title", "company", "owner", "stage", "amount")
    list_filter = ("stage",)
    list_select_related = ("company", "owner")
    raw_id_fields = ("company", "contact", "owner")
    readonly_fields = ("probability", "postponed_count", "stage_since", "next_activity_at", *OFTEN)
    ordering = ("-id",)

    def create(self, user: Any, obj: Any) -> None:
        create_deal(user=user, deal=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_deal(user=user, deal=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        delete_deals(user=user, pks=[obj.pk for obj in objs])


@admin.register(ScoreRule)
class ScoreRuleAdmin(RecordedAdmin):
    list_display = ("__str__", "points", "valid_days", "limit", "active")
    readonly_fields = ("subject", "applied_version", *OFTEN)
    ordering = ("position",)

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_rule(user=user, rule=obj, values=values)


@admin.register(CustomField)
class CustomFieldAdmin(RecordedAdmin):
    list_display = ("label", "subject", "kind", "key", "state", "position")
    list_filter = ("subject", "kind", "state")
    ordering = ("subject", "position")
    readonly_fields = ("key", "position", "state", *OFTEN)

    def create(self, user: Any, obj: Any) -> None:
        create_field(user=user, field=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_field(user=user, field=obj, values=values)

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        for obj in objs:
            delete_field(user=user, field=obj)


@admin.register(Tag)
class TagAdmin(RecordedAdmin):
    list_display = ("name", "colour")
    search_fields = ("name",)
    readonly_fields = ("key", *OFTEN)

    def create(self, user: Any, obj: Any) -> None:
        create_tag(user=user, tag=obj)

    def change(self, user: Any, obj: Any, values: Mapping[str, Any]) -> None:
        change_tag(user=user, tag=obj, values={**values, "key": obj.key})

    def delete_many(self, user: Any, objs: list[Any]) -> None:
        for obj in objs:
            delete_tag(user=user, tag=obj)


# What the verbs keep by themselves: to look at.
for model in (
    ActivityMonth,
    CompanyAccess,
    CompanyTag,
    CompanyValue,
    ContactImport,
    ContactImportCompany,
    ContactImportRow,
    ContactTag,
    ContactTally,
    ContactTotal,
    ContactValue,
    DealForecast,
    DealFunnel,
    DealMonth,
    DealStep,
    DealTag,
    DealTotal,
    DealValue,
    DuplicatePair,
    ImportTurn,
    RenewalNotice,
    ScoreLine,
    StageRule,
):
    admin.site.register(model, ReadOnlyAdmin)
