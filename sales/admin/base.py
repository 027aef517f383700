"""What the pages of the admin site of this app share."""

OFTEN = ("created_at", "updated_at", "version")
