"""Pictures that people send: what arrives is an unknown file, what is kept is a small one that we drew."""

import io
import uuid
import warnings
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 50_000_000
SIDE = 512
FORMATS = ("JPEG", "PNG", "WEBP")


def redrawn_picture(upload: Any, *, square: bool = False) -> ContentFile:
    """A picture of at most 512 pixels a side, without any metadata, under a name that says nothing.

    `square` cuts a WebP out of its middle, for faces; otherwise it is a whole PNG that keeps what is
    transparent, for logos. Raises ValidationError for whatever is not a picture, is too heavy, or would
    unfold into more than fifty million pixels (looked at before anything is unfolded).
    """
    if upload.size > MAX_BYTES:
        raise ValidationError(_("The picture is larger than 5 MB: choose a smaller one."), code="too_large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            upload.seek(0)
            with Image.open(upload, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise ValidationError(
                        _("The picture has too many pixels: choose a smaller one."), code="too_large"
                    )
                picture = ImageOps.exif_transpose(image).convert("RGB" if square else "RGBA")
    except ValidationError:
        raise
    except Exception as error:
        # A hostile file makes a decoder raise nearly anything; all of it means the same.
        raise ValidationError(_("This is not a JPEG, PNG or WebP picture."), code="invalid_image") from error
    drawn = io.BytesIO()
    if square:
        side = min(SIDE, picture.width, picture.height)
        ImageOps.fit(picture, (side, side)).save(drawn, "WEBP", quality=85)
    else:
        picture.thumbnail((SIDE, SIDE))
        picture.save(drawn, "PNG", optimize=True)
    return ContentFile(drawn.getvalue(), name=f"{uuid.uuid4().hex}.{'webp' if square else 'png'}")


class PictureInput(forms.ClearableFileInput):
    """The present picture, a box to remove it, a file to replace it."""

    template_name = "components/picture_input.html"

    def __init__(self, attrs: Any = None) -> None:
        super().__init__({"accept": "image/jpeg,image/png,image/webp", **(attrs or {})})


class PictureField(forms.FileField):
    """A picture that arrives as any file and is kept as a small one of ours."""

    widget = PictureInput

    def __init__(self, *, square: bool = False, **kwargs: Any) -> None:
        self.square = square
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        cleaned = super().clean(data, initial)
        fresh = cleaned and cleaned is not initial
        return redrawn_picture(cleaned, square=self.square) if fresh else cleaned
