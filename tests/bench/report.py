"""The table of results: what it costs, what it must cost, and whether it does."""

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from tests.bench.cases import Case


@dataclass
class Line:
    """One measured thing; `small` and `large` are milliseconds (medians)."""

    what: str
    small: float | None = None
    large: float | None = None
    queries: str = ""
    must: str = ""
    ok: bool | None = None
    note: str = ""
    ratio: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def line_of(case: Case, small: dict[str, Any], large: dict[str, Any], baseline: float | None) -> Line:
    """Judge one case; `baseline` is the unfiltered list, where the small database has fewer rows to draw."""
    times = [median(side["ms"]) if "ms" in side else None for side in (small, large)]
    line = Line(case.name, times[0], times[1])
    errors = [side["error"] for side in (small, large) if "error" in side]
    if errors or times[0] is None or times[1] is None:
        line.note, line.ok = "; ".join(errors), False
        return line
    if {small["status"], large["status"]} != {200}:
        line.note, line.ok = f"status {small['status']}, {large['status']}", False
        return line
    reference = times[0]
    if small["rows"] < large["rows"] and baseline:
        reference = max(times[0], baseline)
        line.note = f"{small['rows']} and {large['rows']} rows"
    line.ratio = times[1] / reference
    line.queries = (
        f"{small['queries']}"
        if small["queries"] == large["queries"]
        else f"{small['queries']}/{large['queries']}"
    )
    musts, verdicts = [], []
    if case.ratio:
        musts.append(f"ratio ≤ {case.ratio}, no more queries")
        # No more where there is more; a list that is too long to be added up does without that query.
        verdicts += [line.ratio <= case.ratio, large["queries"] <= small["queries"]]
    if case.queries:
        musts.append(f"≤ {case.queries} queries")
        verdicts.append(large["queries"] <= case.queries)
    if case.ms:
        about = "about " if case.ratio else "≤ "
        musts.append(f"{about}{case.ms:.0f} ms")
        if not case.ratio:
            verdicts.append(times[1] <= case.ms)
    line.must, line.ok = ", ".join(musts), all(verdicts)
    return line


def table(lines: list[Line], small_rows: int, large_rows: int) -> str:
    """The lines as a Markdown table."""
    head = ("what", f"{small_rows:,} rows", f"{large_rows:,} rows", "ratio", "queries", "must", "ok", "note")
    rows = [
        (
            line.what,
            _number(line.small),
            _number(line.large),
            f"{line.ratio:.2f}" if line.ratio else "",
            line.queries,
            line.must,
            {True: "yes", False: "NO", None: ""}[line.ok],
            line.note,
        )
        for line in lines
    ]
    widths = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head))]
    marks = tuple("-" * width for width in widths)
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in [head, marks, *rows]
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"
