"""What the commonest rules mean, said as one says it to an accountant.

The rule's own text stays beside these words: it names the fields (BT-…) and the values found.
"""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

_AMOUNT = _("An amount has more than two decimals, or is written in a way that is not allowed.")
_PERIOD = _("A period ends before it begins.")
_VAT_SUM = _("The VAT of a rate is not its base × the rate, rounded to the cent.")
_VAT_BASE = _("The base of a VAT rate is not the sum of the lines at that rate, less discounts.")
_VAT_NUMBER = _("The VAT number of the seller, or another tax number, is missing.")
_BOTH_VAT_NUMBERS = _("The VAT numbers of the seller and of the buyer must both stand on it.")
_NO_VAT_REASON = _("There is no VAT, and the reason why is not said.")
_NO_REASON_WANTED = _("A reason for no VAT is given, and yet VAT is charged.")
_ZERO_RATE = _("Where there is no VAT, its rate and amount must be zero.")
_MISSING_RATE = _("The VAT of a rate that stands on lines is missing from the breakdown by rate.")
_DISCOUNT_REASON = _("A discount says neither its reason nor a code for it.")
_COUNT = _("An element is missing, or stands there more often than the profile allows.")
_FOUR_DIGITS = _("The year of a date is not between 2000 and 2099.")

# Rule → its words. Families of rules that differ by the VAT category alone are added below.
WORDS: dict[str, Any] = {
    "XSD": _("The file does not follow the schema: an element is missing, out of place or badly written."),
    # EN 16931: what must be there.
    "BR-02": _("The invoice has no number."),
    "BR-03": _("The invoice has no date of issue."),
    "BR-04": _("The invoice does not say of what type it is."),
    "BR-05": _("The invoice does not say its currency."),
    "BR-06": _("The name of the seller is missing."),
    "BR-07": _("The name of the buyer is missing."),
    "BR-08": _("The address of the seller is missing."),
    "BR-09": _("The country of the seller is missing."),
    "BR-10": _("The address of the buyer is missing."),
    "BR-11": _("The country of the buyer is missing."),
    "BR-12": _("The sum of the lines is missing."),
    "BR-13": _("The total without VAT is missing."),
    "BR-14": _("The total with VAT is missing."),
    "BR-15": _("The amount to be paid is missing."),
    "BR-16": _("The invoice has no line."),
    "BR-21": _("A line has no number."),
    "BR-22": _("A line has no quantity."),
    "BR-23": _("A line has no unit of quantity."),
    "BR-24": _("A line has no net amount."),
    "BR-25": _("A line does not say what is sold."),
    "BR-26": _("A line has no unit price."),
    "BR-27": _("A unit price is negative: make the quantity negative instead."),
    "BR-28": _("A unit price before discount is negative."),
    "BR-29": _PERIOD,
    "BR-30": _PERIOD,
    "BR-33": _DISCOUNT_REASON,
    "BR-42": _DISCOUNT_REASON,
    "BR-45": _("A VAT rate has no base."),
    "BR-46": _("A VAT rate has no amount."),
    "BR-49": _("The means of payment is not said."),
    "BR-50": _("The account to pay to is missing."),
    "BR-53": _("The VAT in the accounting currency is missing."),
    "BR-55": _("The invoice that this one refers to has no number."),
    "BR-57": _("The country of the place of delivery is missing."),
    "BR-61": _("The invoice is to be paid by transfer, and the IBAN is missing."),
    "BR-62": _("The electronic address of the seller does not say of what kind it is."),
    "BR-63": _("The electronic address of the buyer does not say of what kind it is."),
    "CII-SR-470": _("The invoice is to be paid by transfer, and the account to pay to is missing."),
    # EN 16931: sums.
    "BR-CO-03": _("The invoice gives the day when VAT falls due twice: as a date and as a code."),
    "BR-CO-04": _("A line has no VAT category."),
    "BR-CO-09": _("A VAT number does not begin with the letters of its country."),
    "BR-CO-10": _("The sum of the lines is not what the lines add up to."),
    "BR-CO-11": _("The sum of the discounts is not what they add up to."),
    "BR-CO-12": _("The sum of the charges is not what they add up to."),
    "BR-CO-13": _("The total without VAT is not the sum of the lines less discounts plus charges."),
    "BR-CO-14": _("The total VAT is not the sum of the VAT of each rate."),
    "BR-CO-15": _("The total with VAT is not the total without VAT plus the VAT."),
    "BR-CO-16": _("The amount to be paid is not the total with VAT less what was paid already."),
    "BR-CO-17": _VAT_SUM,
    "BR-CO-18": _("The VAT by rate is missing."),
    "BR-CO-19": _("The period of the invoice has neither beginning nor end."),
    "BR-CO-20": _("The period of a line has neither beginning nor end."),
    "BR-CO-25": _("Something is to be paid, and neither the due date nor the terms of payment are said."),
    "BR-CO-26": _("The seller cannot be recognised: SIREN, VAT number or another number is missing."),
    "BR-CO-27": _("The account to pay to is missing."),
    # France.
    "BR-FR-01": _("The number of the invoice is longer than 35 characters."),
    "BR-FR-02": _("The number of the invoice may only have letters, digits and + - _ /, without blanks."),
    "BR-FR-03": _FOUR_DIGITS,
    "BR-FR-04": _("This type of document is not allowed in France."),
    "BR-FR-05": _(
        "A compulsory mention is missing: recovery costs of 40 €, late penalties or early payment discount."
    ),
    "BR-FR-05 PMT": _("A compulsory mention is missing: the 40 € of recovery costs when paid late."),
    "BR-FR-05 PMD": _("A compulsory mention is missing: the penalties when paid late."),
    "BR-FR-05 AAB": _(
        "A compulsory mention is missing: the discount for early payment, or that there is none."
    ),
    "BR-FR-06": _("A compulsory mention stands on the invoice twice."),
    "BR-FR-08": _("The invoice does not say whether goods or services are sold, and at what stage."),
    "BR-FR-09": _("A SIRET does not begin with the SIREN that stands beside it."),
    "BR-FR-10": _("The SIREN of the seller is missing or does not have nine digits."),
    "BR-FR-11": _("The SIREN of the buyer is missing: it is compulsory between companies in France."),
    "BR-FR-12": _("The electronic address of the buyer is missing: it cannot be sent to them."),
    "BR-FR-13": _("The electronic address of the seller is missing."),
    "BR-FR-15": _("This VAT category does not exist in France."),
    "BR-FR-16": _("This VAT rate does not exist in France."),
    "BR-FR-20": _("The treatment (B2B, B2C, international …) is not one of the list."),
    "BR-FR-21": _("The electronic address of the buyer must begin with their SIREN."),
    "BR-FR-22": _("The electronic address of the seller must begin with their SIREN."),
    "BR-FR-23": _("An electronic address has characters that are not allowed."),
    "BR-FR-25": _("An electronic address is longer than 125 characters."),
    "BR-FR-31": _("The treatment of the invoice is said more than once."),
    "BR-FR-32": _("A SIREN does not have nine digits."),
    "BR-FR-CO-04": _("A corrected invoice must name the one that it replaces, and its date."),
    "BR-FR-CO-05": _("A credit note must name the invoice that it corrects, and its date."),
    "BR-FR-CO-07": _("The due date is before the date of the invoice."),
    "BR-FR-CO-08": _("A deposit invoice cannot be a final invoice at the same time."),
    "BR-FR-CO-09": _("An invoice that is paid already must say that the whole was paid, and when."),
    "BR-FR-CO-12": _("In another currency, the VAT must stand in euros too."),
    "BR-FR-DEC-01": _AMOUNT,
    "BR-FR-DEC-02": _("A quantity has more than four decimals."),
    "BR-FR-DEC-03": _("A unit price is negative or has more than six decimals."),
    "BR-FR-DEC-04": _("A VAT rate has more than two decimals."),
}
WORDS |= {f"BR-DEC-{n:02}": _AMOUNT for n in range(1, 29)}
for _category in ("S", "Z", "E", "AE", "IC", "G", "O"):
    WORDS[f"BR-{_category}-01"] = _MISSING_RATE
    WORDS |= {f"BR-{_category}-{n:02}": _VAT_NUMBER for n in (2, 3, 4)}
    WORDS |= {f"BR-{_category}-{n:02}": _ZERO_RATE for n in (5, 6, 7, 9)}
    WORDS[f"BR-{_category}-08"] = _VAT_BASE
    WORDS[f"BR-{_category}-10"] = _NO_VAT_REASON
for _category in ("AE", "IC"):
    WORDS |= {f"BR-{_category}-{n:02}": _BOTH_VAT_NUMBERS for n in (2, 3, 4)}
WORDS |= {
    f"BR-S-{n:02}": _("At the normal or a reduced rate, the VAT rate must be above zero.") for n in (5, 6, 7)
}
WORDS |= {"BR-S-09": _VAT_SUM, "BR-S-10": _NO_REASON_WANTED, "BR-Z-10": _NO_REASON_WANTED}
WORDS |= {
    "BR-IC-11": _("A delivery within the European Union must say its date, or the period invoiced."),
    "BR-IC-12": _("A delivery within the European Union must say the country of delivery."),
}


_SUBJECT = re.compile(r"\(code ([A-Z]{3})\)")


def words_of(source: str, rule: str, text: str = "") -> str:
    """Our words for a rule, of which `text` is what it says; "" where there are none."""
    if source == "xsd":
        return str(WORDS["XSD"])
    about = _SUBJECT.search(text)
    known = WORDS.get(f"{rule} {about[1]}") if about else None
    # The profile's own rules on how often an element stands: numbered by the hundreds.
    return str(known or WORDS.get(rule) or (_COUNT if rule.startswith("FX-SCH-") else ""))
