"""Small pictures of files: what arrives is unknown, what is kept is a WebP that we drew ourselves.

Both raise PreviewError for whatever cannot be drawn. Pages of PDF are drawn in a process of their own, with
little memory and time: a hostile file ends that one, not the worker.
"""

import io
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image, ImageOps

# A picture of more pixels is not unfolded here (a phone takes 12 to 50 millions) …
MAX_PIXELS = 50_000_000
# … and one that says it has more than any camera takes is none at all.
ABSURD_PIXELS = 300_000_000
SIDE = 1200
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
PDF_SECONDS = 30


class PreviewError(Exception):
    """There is no picture to be had of this file."""


@contextmanager
def opened_picture(file: Any, most: int = MAX_PIXELS) -> Iterator[Image.Image]:
    """The picture with its header read and nothing unfolded; PreviewError for what is none, or too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            file.seek(0)
            with Image.open(file, formats=FORMATS) as image:
                if image.width * image.height > most:
                    raise PreviewError("too many pixels")
                yield image
    except PreviewError:
        raise
    except Exception as error:
        # A hostile file makes a decoder raise nearly anything; all of it means the same.
        raise PreviewError(str(error)[:200]) from error


def picture_preview(file: Any) -> bytes:
    """A WebP of at most 1200 pixels a side, upright, without any metadata."""
    with opened_picture(file) as image:
        image.draft("RGB", (SIDE, SIDE))  # JPEG is then unfolded at a fraction of its size
        picture = ImageOps.exif_transpose(image)
        see_through = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
        picture = picture.convert("RGBA" if see_through else "RGB")
        picture.thumbnail((SIDE, SIDE))
        return _as_webp(picture)


def _as_webp(picture: Image.Image) -> bytes:
    drawn = io.BytesIO()
    picture.save(drawn, "WEBP", quality=82, method=4)
    return drawn.getvalue()


def pdf_preview(path: str) -> tuple[bytes, int]:
    """The first page as WebP, and how many pages there are."""
    command = [sys.executable, "-m", "digiweb.previews", path]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PDF_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise PreviewError("took too long") from error
    count, _newline, picture = done.stdout.partition(b"\n")
    if done.returncode or not picture or not count.isdigit():
        raise PreviewError(done.stderr[-200:].decode("utf-8", "replace") or "no picture")
    return picture, int(count)


def _draw_first_page(path: str) -> None:
    """Run as a program: writes the number of pages, a line's end, and the picture."""
    import resource

    # A gigabyte of addresses, seconds of work, no files: more than any honest first page needs.
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (PDF_SECONDS, PDF_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    import pypdfium2

    document: Any = pypdfium2.PdfDocument(path)
    page = document[0]
    width, height = page.get_size()
    picture = page.render(scale=min(SIDE / max(width, height, 1), 3)).to_pil().convert("RGB")
    picture.thumbnail((SIDE, SIDE))
    sys.stdout.buffer.write(b"%d\n" % len(document) + _as_webp(picture))


if __name__ == "__main__":
    _draw_first_page(sys.argv[1])
