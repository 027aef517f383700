"""How the events of mandates, direct debits and prices read; see timeline/words.py."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from timeline.action_words import ActionWords

WORDS: dict[str, ActionWords] = {
    "price_set": ActionWords(
        pgettext_lazy("event", "New price"), _("set a price from a day on"), "coin-euro", "blue"
    ),
    "revoked": ActionWords(
        pgettext_lazy("event", "Mandate revoked"), _("revoked the mandate"), "writing-sign-off", "red"
    ),
    "approved_debits": ActionWords(
        pgettext_lazy("event", "Direct debits approved"),
        _("approved the direct debits"),
        "shield-check",
        "green",
    ),
    "debit_file_read": ActionWords(
        pgettext_lazy("event", "File for the bank"),
        _("downloaded the file for the bank"),
        "download",
        "amber",
    ),
    "debits_sent": ActionWords(
        pgettext_lazy("event", "Sent to the bank"), _("sent the direct debits to the bank"), "send", "blue"
    ),
    "debits_collected": ActionWords(
        pgettext_lazy("event", "Collected"),
        _("recorded the direct debits as collected"),
        "circle-check",
        "green",
    ),
    "debits_cancelled": ActionWords(
        pgettext_lazy("event", "Cancelled"), _("cancelled the direct debits"), "circle-x", "red"
    ),
    "debit_returned": ActionWords(
        pgettext_lazy("event", "Direct debit returned"),
        _("recorded a direct debit as returned"),
        "arrow-back-up",
        "red",
    ),
    "debit_announced": ActionWords(
        pgettext_lazy("event", "Direct debit announced"),
        _("announced a direct debit to the client"),
        "mail",
        "blue",
    ),
}
