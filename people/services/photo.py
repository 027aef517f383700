"""Photos of people: what arrives is an unknown file, what is kept is a small picture that we drew."""

import io
import uuid
import warnings
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 50_000_000
SIDE = 512
FORMATS = ("JPEG", "PNG", "WEBP")


def redrawn_photo(upload: Any) -> ContentFile:
    """A square WebP of at most 512 pixels without any metadata, under a name that says nothing.

    Raises ValidationError for whatever is not a picture, is too heavy, or would unfold into more
    than fifty million pixels (looked at before anything is unfolded).
    """
    if upload.size > MAX_BYTES:
        raise ValidationError(_("The photo is larger than 5 MB: choose a smaller one."), code="too_large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            upload.seek(0)
            with Image.open(upload, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise ValidationError(
                        _("The photo has too many pixels: choose a smaller one."), code="too_large"
                    )
                picture = ImageOps.exif_transpose(image).convert("RGB")
    except ValidationError:
        raise
    except Exception as error:
        # A hostile file makes a decoder raise nearly anything; all of it means the same.
        raise ValidationError(_("This is not a JPEG, PNG or WebP picture."), code="invalid_image") from error
    side = min(SIDE, picture.width, picture.height)
    small = ImageOps.fit(picture, (side, side))
    drawn = io.BytesIO()
    small.save(drawn, "WEBP", quality=85)
    return ContentFile(drawn.getvalue(), name=f"{uuid.uuid4().hex}.webp")
