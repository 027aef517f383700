"""Every module has its contract tests: a new one that forgets them fails here."""

import importlib
import pkgutil
from typing import Any

from django.apps import apps

import tests
from digiweb.models import Record
from tests.contracts.api import APIContract
from tests.contracts.pages import PageContract
from tests.test_url_matrix import named_routes

# Modules whose pages differ so much from the common ones that they have tests of their own.
OTHER_PAGES = {
    "people.user": "a member is invited and deactivated, not created and deleted: tests/people/test_team.py",
    "sales.mandate": "a mandate is revoked, not deleted: tests/sales/test_debit_pages.py",
    "sales.reminder": "planned and sent, never typed: tests/sales/test_reminder_pages.py",
    "people.role": "a matrix, not a form of fields: tests/people/test_roles.py",
}
OTHER_API = {
    "people.user": "read, and little to change: tests/people/test_user_api.py",
    "sales.mandate": "a mandate is revoked, not deleted: tests/sales/test_debit_pages.py",
    "sales.reminder": "planned and sent, never typed: tests/sales/test_reminder_pages.py",
    "people.role": "roles are edited in the pages only",
    "sales.payment": "recorded and undone, never changed nor deleted: tests/sales/test_payment_pages.py",
}


def load_all_tests() -> None:
    for module in pkgutil.walk_packages(tests.__path__, "tests."):
        if module.name.rpartition(".")[2].startswith("test_"):
            importlib.import_module(module.name)


def subclasses(base: Any) -> set[Any]:
    return {found for child in base.__subclasses__() for found in {child, *subclasses(child)}}


def modules_with_a_list() -> dict[str, Any]:
    """{module: model} of the records that have pages of their own."""
    routes = set(named_routes())
    return {
        model.module: model
        for model in apps.get_models()
        if issubclass(model, Record)
        and model._meta.label_lower == model.module
        and f"{model._meta.app_label}:{model._meta.model_name}_list" in routes
    }


def test_every_module_has_its_page_contract() -> None:
    load_all_tests()
    covered = {contract.model.module for contract in subclasses(PageContract) if hasattr(contract, "model")}
    assert set(modules_with_a_list()) - covered - set(OTHER_PAGES) == set()
    assert covered & set(OTHER_PAGES) == set(), "an exemption that is no longer needed"


def test_every_module_has_its_api_contract() -> None:
    load_all_tests()
    covered = {contract.model.module for contract in subclasses(APIContract) if hasattr(contract, "model")}
    assert set(modules_with_a_list()) - covered - set(OTHER_API) == set()
    assert covered & set(OTHER_API) == set(), "an exemption that is no longer needed"
