"""Why banks give direct debits back (ISO 20022, external code set), and what follows for the mandate."""

from django.utils.translation import gettext_lazy as _

# Code → (words, whether the mandate must not be used any more).
REASONS = {
    # The usual ones first.
    "AM04": (_("Not enough money"), False),
    "MD06": (_("The debtor asks for the money back"), False),
    "MS02": (_("Refused by the debtor"), False),
    "MD01": (_("No valid mandate"), True),
    "AC04": (_("The account is closed"), True),
    "AC01": (_("The account number is wrong"), True),
    "AC06": (_("The account is blocked"), False),
    "AC13": (_("The account of a consumer, in a debit between firms"), True),
    "AG01": (_("The account may not be debited"), True),
    "AG02": (_("Wrong kind of operation"), False),
    "AM05": (_("Taken twice"), False),
    "BE05": (_("The creditor is not known to the bank"), False),
    "CNOR": (_("The creditor’s bank is not registered"), False),
    "DNOR": (_("The debtor’s bank is not registered"), False),
    "FF01": (_("The file is not valid"), False),
    "MD02": (_("Facts of the mandate lack"), False),
    "MD07": (_("The debtor has died"), True),
    "MS03": (_("No reason given by the bank"), False),
    "RC01": (_("The BIC is wrong"), False),
    "RR01": (_("Facts of the debtor lack, as the law asks"), False),
    "SL01": (_("Refused by a service of the debtor’s bank"), False),
}
UNKNOWN = "MS03"


def reason_text(code: str) -> str:
    """« AM04 – Not enough money »; the code alone where we do not know it."""
    known = REASONS.get(code)
    return f"{code} – {known[0]}" if known else code


def stops_mandate(code: str) -> bool:
    known = REASONS.get(code)
    return known is not None and known[1]


def reason_choices() -> list[tuple[str, str]]:
    return [(code, reason_text(code)) for code in REASONS]
