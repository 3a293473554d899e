# SPDX-License-Identifier: GPL-2.0-or-later
"""Which payload of a sent frame is in which received frame, where a path splits segments and the
receiving host merges them. Used by truth.py."""


class TruthError(Exception):
    """Captures and record do not agree."""


class Span:
    """Payload of a sent frame that is in a received frame. If there is no payload: the frame."""

    def __init__(self, frame, sent_offset, received_offset, length, copy):
        self.frame = frame  # the received one
        self.sent_offset = sent_offset
        self.received_offset = received_offset
        self.length = length
        self.copy = copy

    def follows(self, other):
        """Whether this span continues the other one in the same received frame."""
        return (self.frame is other.frame and self.copy == other.copy
                and self.sent_offset == other.sent_offset + other.length
                and self.received_offset == other.received_offset + other.length)


def join_spans(spans):
    """The spans of one sent frame. Spans that continue each other are joined."""
    joined = []
    for span in sorted(spans, key=lambda s: (s.copy, s.sent_offset)):
        if joined and span.follows(joined[-1]):
            joined[-1].length += span.length
        else:
            joined.append(span)
    return joined


class Merging:
    """The frames of one flow that a host captured after it merged segments (GRO)."""

    def __init__(self, frames, what):
        self.frames = iter(frames)
        self.what = what
        self.frame = None  # the frame of which payload is left
        self.filled = 0  # bytes of its payload that were assigned

    def check(self, condition, problem):
        if not condition:
            raise TruthError(f"{self.what}: frame {self.frame.number} {problem}")

    def take(self, passage):
        """The (frame, offset) where the next frame that the path sent is."""
        alone = self.frame is None
        if alone:
            self.frame, self.filled = next(self.frames, None), 0
            if self.frame is None:
                raise TruthError(f"{self.what}: less is captured than the path sent")
        frame, offset = self.frame, self.filled
        self.check((frame.sequence + offset) % 2**32 == passage.sequence,
                   f"does not continue with sequence number {passage.sequence}")
        self.check(alone or passage.payload, "contains a frame without payload, and more")
        self.filled += passage.payload
        self.check(self.filled <= frame.payload, "ends within a frame of the record")
        if self.filled == frame.payload:
            self.check(not alone or (frame.length, frame.print) == passage.after,
                       "differs from the record")
            self.frame = None
        return frame, offset

    def finish(self):
        self.check(self.frame is None, "contains more than the path sent")
        self.frame = next(self.frames, None)
        self.check(self.frame is None, "is not in the record")


def place_merged(outputs, frames, what):
    """[(frame, offset)...]: where each frame that the path sent is in the merged frames."""
    flows = {}
    for frame in frames:
        flows.setdefault(frame.flow, []).append(frame)
    mergings = {flow: Merging(own, what) for flow, own in flows.items()}
    empty = Merging((), what)
    placed = [mergings.get(passage.flow, empty).take(passage) for passage in outputs]
    for merging in mergings.values():
        merging.finish()
    return placed
