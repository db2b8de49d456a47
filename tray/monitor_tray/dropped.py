"""What was given up for good, counted: by the thread that serves the pipe, read by anybody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Dropped:
    """None of it was acknowledged: what a hook could not hand over, it left in the spool."""

    connections: int = 0  # of other users, or more of them at once than the pipe serves
    slow_clients: int = 0  # cut off, because no whole line came in time
    long_lines: int = 0  # longer than an event can be
    bad_files: int = 0  # deleted from the spool's ``bad`` folder, to keep that small
    unfinished_files: int = 0  # which a killed hook had left in the spool
