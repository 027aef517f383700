"""What Aircall answers in demo mode, in its own shape: an account without new calls."""

from typing import Any

TOKEN = "demo-webhook-token"  # noqa: S105 (of the demo, which nothing outside knows)


def aircall_answer(method: str, path: str) -> Any:
    if path == "/v1/company":
        return {"company": {"name": "DigiWeb (démonstration)", "users_count": 6, "numbers_count": 2}}
    if path == "/v1/webhooks" and method == "POST":
        return {"webhook": {"webhook_id": "demo", "active": True, "token": TOKEN}}
    if path == "/v1/webhooks":
        return {"webhooks": []}
    return {"calls": [], "meta": {"count": 0, "total": 0, "current_page": 1, "next_page_link": None}}
