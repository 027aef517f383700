"""The tables of what happened."""

from timeline.models.bin import BinEntry, BinFile
from timeline.models.bulk_change import BulkChange
from timeline.models.document import Document
from timeline.models.event import Event, EventLink
from timeline.models.job_line import JobLine
from timeline.models.job_run import JobRun
from timeline.models.merge import Merge
from timeline.models.note import Note
from timeline.models.notification import Notification
from timeline.models.schedule_slot import ScheduleSlot

__all__ = [
    "BinEntry",
    "BinFile",
    "BulkChange",
    "Document",
    "Event",
    "EventLink",
    "JobLine",
    "JobRun",
    "Merge",
    "Note",
    "Notification",
    "ScheduleSlot",
]
