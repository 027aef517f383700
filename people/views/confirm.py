"""Asking before something is done: a page (or the drawer) with what follows, then a POST."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from digiweb.toasts import toast
from digiweb.views.base import GuardedView


class ConfirmView(GuardedView):
    """GET says what will happen, POST calls the service and goes on."""

    template_name = "people/confirm.html"
    submit_label: Any = ""
    danger = False

    def get_title(self) -> Any:
        raise NotImplementedError

    def consequences(self) -> Sequence[Any]:
        """What will happen, in sentences."""
        return ()

    def run(self) -> Any:
        """Call the service; returns what the toast says. May raise ValidationError."""
        raise NotImplementedError

    def get_success_url(self) -> str:
        raise NotImplementedError

    def get_cancel_url(self) -> str:
        return self.get_success_url()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = {
            "page_title": self.get_title(),
            "consequences": self.consequences(),
            "submit_label": self.submit_label,
            "danger": self.danger,
            "action_url": request.get_full_path(),
            "cancel_url": self.get_cancel_url(),
            "breadcrumbs": self.get_breadcrumbs(),
        }
        return render(request, self.template_name, context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            text = self.run()
        except ValidationError as error:
            toast(request, " ".join(error.messages), level="error")
            return self.go(self.get_cancel_url())
        if text:
            toast(request, text)
        return self.go(self.get_success_url())

    def go(self, url: str) -> HttpResponse:
        if self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)
