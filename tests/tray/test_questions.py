"""What the tray is asked over the pipe is answered, whatever goes wrong on the way."""

from __future__ import annotations

import queue

from monitor_tray.app import _answered_aside

PATIENCE_S = 10.0


def test_a_question_that_cannot_be_answered_is_answered_with_the_reason() -> None:
    replies: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def answer() -> bytes:
        raise RuntimeError("out of paper")

    _answered_aside(replies.put, answer)
    assert replies.get(timeout=PATIENCE_S) == (
        b'{"error":"the tray could not answer: out of paper; its log has the details"}\n'
    )
