"""An allow-list of files out of node_modules, and the storage that names files by their content."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class NodeAssetsFinder(BaseFinder):
    """Serves what `NODE_ASSETS` names (globs allowed) as /static/vendor/<path inside node_modules>."""

    prefix = "vendor"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.root = Path(settings.NODE_MODULES)
        self.storage = FileSystemStorage(location=self.root)
        self.storage.prefix = self.prefix  # type: ignore[attr-defined]  # how collectstatic learns the folder

    @cached_property
    def allowed(self) -> list[str]:
        # One list for both `find` and `list`, so that what is served and what is collected cannot differ.
        found = {
            file.relative_to(self.root).as_posix()
            for pattern in settings.NODE_ASSETS
            for file in self.root.glob(pattern)
            if file.is_file()
        }
        return sorted(found)

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        head, _, relative = path.replace("\\", "/").partition("/")
        if head != self.prefix or relative not in self.allowed:
            return []
        hit = str(self.root / relative)
        return [hit] if find_all else hit

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        patterns = [*(ignore_patterns or [])]
        for relative in self.allowed:
            if not matches_patterns(relative, patterns):
                yield relative, self.storage


_BASE = CompressedManifestStaticFilesStorage


def _rules() -> tuple[Any, ...]:
    """Which references inside files are rewritten to the hashed names.

    Without source maps: vendored files point at maps that we do not ship, and collectstatic would
    stop there. Imports between modules only in our own static/js: Django reads them with a regular
    expression, which stumbles over comments and minified code of others.
    """
    rules = []
    for glob, patterns in _BASE.patterns:
        regexes = [(pattern, pattern if isinstance(pattern, str) else pattern[0]) for pattern in patterns]
        rules.append((glob, tuple(pattern for pattern, regex in regexes if "sourceMappingURL" not in regex)))
    return (*rules, ("js/*.js", _BASE._js_module_import_aggregation_patterns[1]))


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Names with a hash of the content, so that browsers keep files for ever; gzip and brotli beside each."""

    patterns = _rules()
