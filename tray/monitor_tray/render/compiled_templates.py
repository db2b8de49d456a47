"""Where jinja keeps what it made of a template: to make it takes longer than to make a day's page of it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache

from monitor_tray.replacing import beside

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """Files in a folder that is nobody else's. One that is not there or of no use is made anew, if it can be written.

    jinja itself tells by the head of each whether it is of this template, this jinja and this Python.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills the bucket, unless there is nothing that fits."""
        with contextlib.suppress(Exception):  # whatever unpickling may say of what is no pickle
            bucket.bytecode_from_string(self._file(bucket).read_bytes())

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what is in the bucket."""
        target = self._file(bucket)
        with contextlib.suppress(OSError), beside(target, bucket.bytecode_to_string(), durably=False) as new:
            new.replace(target)

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f".template-{bucket.key}"
