"""Tables that people upload, read as a stream: CSV, XLSX and vCard behind one door.

source = sniff(file, "contacts.csv")
for row in source.rows(start=already_done): ...
"""

from digiweb.tabular.detect import sniff
from digiweb.tabular.source import Limits, Row, Source

__all__ = ["Limits", "Row", "Source", "sniff"]
