"""`make help`: the targets that have a `##` text."""

import re
import sys
from pathlib import Path

for line in Path(sys.argv[1]).read_text().splitlines():
    if found := re.match(r"(\w+):[^#]*## (.*)", line):
        print(f"  make {found[1]:<12} {found[2]}")
