"""What goes wrong with the colleague's system: the house's causes, each told so that a person can act on it.

`came` (of every ProviderError) says how many prospects had arrived whole by then: those are kept.
"""

from django.utils.translation import gettext_lazy as _

from sync.errors import Down, NoKey, WrongKey


class NoAddress(NoKey):
    text = _("No address is set for the colleague’s system (EXTERNAL_API_URL).")


class BadAddress(NoKey):
    text = _("The address of the colleague’s system must begin with https:// (EXTERNAL_API_URL).")


class OnlyHere(NoKey):
    text = _("In demo mode only this machine is asked, not the colleague’s system.")


class TokenRefused(WrongKey):
    text = _("The colleague’s system refuses the token.")


class NoToken(NoKey):
    text = _("The colleague’s system wants a token, and none is set.")


class NotReached(Down):
    text = _("The colleague’s system cannot be reached.")


class TooSlow(Down):
    text = _("The colleague’s system took too long to answer.")


class Cut(Down):
    text = _("The line was cut before the list was complete.")


class Failing(Down):
    text = _("The colleague’s system reports an error of its own.")


class Refusing(Down):
    final = True
    text = _("The colleague’s system refuses the request: is the address right?")


class Redirected(Down):
    final = True
    text = _("The colleague’s system sends us on to another address: that is not followed.")


class WebPage(Down):
    final = True
    text = _("The colleague’s system answered a web page, not data.")


class EmptyBody(Down):
    text = _("The colleague’s system answered nothing at all.")


class NotUtf8(Down):
    final = True
    text = _("The answer is not written in UTF-8.")


class NotJson(Down):
    final = True
    text = _("The answer is no valid JSON.")


class NotAList(Down):
    final = True
    text = _("The answer is no list of prospects.")


class TooLarge(Down):
    final = True
    text = _("The answer is larger than is allowed (EXTERNAL_API_MAX_MB).")


class ProspectTooLarge(Down):
    final = True
    text = _("One prospect is larger than is allowed (EXTERNAL_API_MAX_PROSPECT_KB).")


class UnknownPacking(Down):
    final = True
    text = _("The answer is packed in a way that cannot be read: gzip or none is wanted.")


class SamePage(Down):
    final = True
    text = _("The colleague’s system gives the same page again and again.")
