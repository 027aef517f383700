"""Reading what is sent."""

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    """JSON in UTF-8 (RFC 8259), strict; absurd nesting or numbers are the caller's fault, not ours."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return json.loads(stream.read().decode("utf-8-sig"), parse_constant=_no_constant)
        except UnicodeDecodeError:
            raise ParseError(_("The body is not UTF-8.")) from None
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None
        except json.JSONDecodeError as error:
            text = _("The body is not valid JSON: line %(line)s, column %(column)s.")
            raise ParseError(text % {"line": error.lineno, "column": error.colno}) from None
        except ValueError:
            raise ParseError(_("The body is not valid JSON.")) from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)
