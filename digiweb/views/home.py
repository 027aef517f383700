"""The home page: what needs me now, by role."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from digiweb.views.base import PageView
from digiweb.widgets import widgets_for


class HomeView(PageView):
    """Everybody's first page, each their own (SPEC T5)."""

    signed_in = True
    template_name = "home/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            widgets=widgets_for(self.request.user), page_title=_("Home"), **kwargs
        )
