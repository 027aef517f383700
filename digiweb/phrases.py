"""Sentences of Django and allauth that our catalogue says better.

The catalogue of the house comes first, so the same text there wins over theirs. Only makemessages reads
this file: nothing imports it.
"""

from django.utils.translation import gettext_noop, ngettext

gettext_noop("Select a valid choice. That choice is not one of the available choices.")
gettext_noop("Select a valid choice. %(value)s is not one of the available choices.")
gettext_noop("%(model_name)s with this %(field_label)s already exists.")
gettext_noop("Ensure this value is greater than or equal to %(limit_value)s.")
gettext_noop("Ensure this value is less than or equal to %(limit_value)s.")
gettext_noop("The submitted file is empty.")
gettext_noop("No file was submitted. Check the encoding type on the form.")
gettext_noop("Null characters are not allowed.")
gettext_noop("The two password fields didn’t match.")
gettext_noop("This password is too common.")
gettext_noop("This password is entirely numeric.")
gettext_noop("The email address and/or password you specified are not correct.")
gettext_noop("Too many failed login attempts. Try again later.")
gettext_noop("Please type your current password.")
gettext_noop("Incorrect code.")
gettext_noop("Incorrect password.")
gettext_noop("You must type the same password each time.")
gettext_noop("Your password can’t be too similar to your other personal information.")
gettext_noop("Your password can’t be a commonly used password.")
gettext_noop("Your password can’t be entirely numeric.")
ngettext(
    "Your password must contain at least %(min_length)d character.",
    "Your password must contain at least %(min_length)d characters.",
    1,
)
ngettext(
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
    1,
)
ngettext(
    "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
    "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
    1,
)
