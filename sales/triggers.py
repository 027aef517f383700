"""What the database itself refuses: to change or delete what was issued (CGI, article 286, I-3° bis).

What lives on beside the content stays free: what was paid, disputes, sending, who looks after it, and the
links that follow when records are merged or handed over. `migrate` puts triggers in place and, whenever it
runs, puts back what is missing: SQLite loses them when it makes a table anew. `verify_invoices` looks too.
"""

import re
from typing import Any

from django.db import connections

SEALED = (
    "number", "agency_id", "subject", "introduction", "terms", "order_reference", "language", "treatment",
    "discount_percent", "discount_amount", "net", "vat", "gross", "facts", "kind", "status", "issued_on",
    "delivered_on", "period_start", "period_end", "due_on", "payment_method", "quote_id", "corrects_id",
    "once_key", "issued_key", "due_key", "created_at",
)  # fmt: skip
# `offer_id` alone lives on: an offer may be deleted.
SEALED_LINE = (
    "invoice_id", "position", "kind", "label", "description", "quantity", "unit", "unit_price",
    "discount_percent", "vat_rate", "net", "quote_line_id", "progress", "deducts_id", "credits_id",
)  # fmt: skip
# What the bank said of a payment; whose it is and what is left of it live on.
SEALED_PAYMENT = ("agency_id", "kind", "received_on", "amount", "method", "undoes_id", "refunds_id")
SEALED_WRITE_OFF = ("invoice_id", "amount", "written_on", "undoes_id")
NO_PAYMENT = "A payment is never changed nor deleted: undo it by another"
NO_WRITE_OFF = "A write-off is never changed nor deleted: take it back by another"
NO_CHANGE = "An issued invoice is never changed: issue a credit note"
NO_DELETE = "An issued invoice is never deleted: issue a credit note"
NO_CLOSED = "An entry of a closed period is never changed nor deleted"
NO_CLOSING = "A closing is never changed nor deleted"
# `client_id`, `invoice_id` and `payment_id` live on: they follow merges.
SEALED_BOOK_LINE = (
    "entry_id", "agency_id", "journal", "entry_on", "account", "account_label", "role", "rate", "category",
    "aux", "aux_label", "debit", "credit",
)  # fmt: skip
NO_SEAL = "A seal is never changed nor deleted"
SEALED_ALREADY = "EXISTS (SELECT 1 FROM sales_invoiceseal WHERE invoice_id = NEW.invoice_id)"
OF_CLOSED = "(SELECT number FROM sales_bookentry WHERE id = {row}.entry_id) IS NOT NULL"
OF_ISSUED = "(SELECT status FROM sales_invoice WHERE id = {row}.invoice_id) = 'issued'"


def rules() -> list[tuple[str, str, str, str, str]]:
    """(name, table, verb, condition, words); « SAME(a, b) » stands for a comparison that knows NULL."""
    changed = " OR ".join(f"NOT SAME(OLD.{name}, NEW.{name})" for name in SEALED)
    changed_line = " OR ".join(f"NOT SAME(OLD.{name}, NEW.{name})" for name in SEALED_LINE)
    old, new = OF_ISSUED.format(row="OLD"), OF_ISSUED.format(row="NEW")
    return [
        (
            "sales_invoice_keep",
            "sales_invoice",
            "UPDATE",
            f"OLD.status = 'issued' AND ({changed})",
            NO_CHANGE,
        ),
        ("sales_invoice_stay", "sales_invoice", "DELETE", "OLD.status = 'issued'", NO_DELETE),
        ("sales_line_add", "sales_invoiceline", "INSERT", SEALED_ALREADY, NO_CHANGE),
        ("sales_line_keep", "sales_invoiceline", "UPDATE", f"{old} AND ({changed_line})", NO_CHANGE),
        ("sales_line_stay", "sales_invoiceline", "DELETE", old, NO_DELETE),
        ("sales_rate_add", "sales_invoicerate", "INSERT", SEALED_ALREADY, NO_CHANGE),
        ("sales_rate_keep", "sales_invoicerate", "UPDATE", f"{old} OR {new}", NO_CHANGE),
        ("sales_rate_stay", "sales_invoicerate", "DELETE", old, NO_DELETE),
        ("sales_seal_keep", "sales_invoiceseal", "UPDATE", "1 = 1", NO_SEAL),
        ("sales_seal_stay", "sales_invoiceseal", "DELETE", "1 = 1", NO_SEAL),
        *_money_rules(),
        *_book_rules(),
    ]


def _money_rules() -> list[tuple[str, str, str, str, str]]:
    """Those of payments and write-offs: each is undone by another."""
    payment, given_up = (
        " OR ".join(f"NOT SAME(OLD.{name}, NEW.{name})" for name in names)
        for names in (SEALED_PAYMENT, SEALED_WRITE_OFF)
    )
    return [
        ("sales_payment_keep", "sales_payment", "UPDATE", payment, NO_PAYMENT),
        ("sales_payment_stay", "sales_payment", "DELETE", "1 = 1", NO_PAYMENT),
        ("sales_writeoff_keep", "sales_writeoff", "UPDATE", given_up, NO_WRITE_OFF),
        ("sales_writeoff_stay", "sales_writeoff", "DELETE", "1 = 1", NO_WRITE_OFF),
    ]


def _book_rules() -> list[tuple[str, str, str, str, str]]:
    """Those of the books: what a closing made final."""
    changed = " OR ".join(f"NOT SAME(OLD.{name}, NEW.{name})" for name in SEALED_BOOK_LINE)
    old, new = OF_CLOSED.format(row="OLD"), OF_CLOSED.format(row="NEW")
    return [
        ("sales_entry_keep", "sales_bookentry", "UPDATE", "OLD.number IS NOT NULL", NO_CLOSED),
        ("sales_entry_stay", "sales_bookentry", "DELETE", "OLD.number IS NOT NULL", NO_CLOSED),
        ("sales_bookline_add", "sales_bookline", "INSERT", new, NO_CLOSED),
        (
            "sales_bookline_keep",
            "sales_bookline",
            "UPDATE",
            f"({old} OR {new}) AND ({changed})",
            NO_CLOSED,
        ),
        ("sales_bookline_stay", "sales_bookline", "DELETE", old, NO_CLOSED),
        ("sales_closing_keep", "sales_closing", "UPDATE", "1 = 1", NO_CLOSING),
        ("sales_closing_stay", "sales_closing", "DELETE", "1 = 1", NO_CLOSING),
    ]


def statement(vendor: str, name: str, table: str, verb: str, condition: str, words: str) -> str:
    """CREATE TRIGGER as this database writes it."""
    # Byte for byte on MySQL: the collation of the tables knows neither case nor accents.
    same = r"(CAST(\1 AS BINARY) <=> CAST(\2 AS BINARY))" if vendor == "mysql" else r"(\1 IS \2)"
    condition = re.sub(r"SAME\(([^,]+), ([^)]+)\)", same, condition)
    start = f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW"
    if vendor == "mysql":
        refusal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{words}'"
        return f"{start} BEGIN IF {condition} THEN {refusal}; END IF; END"
    return f"{start} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END"


def missing(connection: Any) -> list[str]:
    """The names of those that are not in place."""
    if connection.vendor == "mysql":
        # Of tables of these names: the view of the schema would open every table there is.
        tables = sorted({rule[1] for rule in rules()})
        queries = [f"SHOW TRIGGERS LIKE '{name}'".replace("_", "\\_") for name in tables]
    else:
        queries = ["SELECT name FROM sqlite_master WHERE type = 'trigger'"]
    there = set()
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(query)
            there |= {row[0] for row in cursor.fetchall()}
    return [rule[0] for rule in rules() if rule[0] not in there]


def install(connection: Any, names: list[str] | None = None) -> None:
    """Put triggers in place; those of `names`, or all anew. May run twice.

    Those of tables that a later migration makes come with that one.
    """
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for rule in rules():
            if (names is None or rule[0] in names) and rule[1] in tables:
                cursor.execute(f"DROP TRIGGER IF EXISTS {rule[0]}")
                cursor.execute(statement(connection.vendor, *rule))


def remove(connection: Any) -> None:
    """Take all of them away: for a migration that goes back."""
    with connection.cursor() as cursor:
        for rule in rules():
            cursor.execute(f"DROP TRIGGER IF EXISTS {rule[0]}")


def make_way(using: str, **_told: Any) -> None:
    """Before each `migrate` (receiver of `pre_migrate`), on SQLite: it makes a table anew to change it, and
    meanwhile triggers of other tables that name it cannot be read.
    """
    connection = connections[using]
    if connection.vendor == "sqlite":
        remove(connection)


def restore(using: str, **_told: Any) -> None:
    """After each `migrate` (receiver of `post_migrate`)."""
    connection = connections[using]
    if "sales_invoiceseal" in connection.introspection.table_names():
        lost = missing(connection)
        if lost:
            install(connection, lost)
