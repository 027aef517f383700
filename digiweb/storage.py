"""Where uploads are kept: on the disk, whole or not at all, with words for people when it takes no more."""

import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)


class MediaStorage(FileSystemStorage):
    """Files under MEDIA_ROOT."""

    def _save(self, name: str, content: Any) -> str:
        """Raises ValidationError, and leaves no piece of the file, when the disk does not take it."""
        was_there = self.exists(name)
        try:
            saved: str = super()._save(name, content)  # type: ignore[misc]
            return saved
        except OSError as error:
            logger.exception("A file cannot be written")
            if not was_there:
                self._remove_piece(name)
            text = _(
                "The server cannot keep files at the moment (its disk may be full): tell your administrator."
            )
            raise ValidationError(text, code="disk") from error

    def _remove_piece(self, name: str) -> None:
        """What was written of it would fill the disk further."""
        try:
            self.delete(name)
        except OSError:
            logger.warning("A piece of a file stays on the disk", exc_info=True)
