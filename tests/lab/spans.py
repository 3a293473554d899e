# SPDX-License-Identifier: GPL-2.0-or-later
"""Which payload of a frame sent is in which frame received, where the path cuts segments and the
receiving host merges them. For truth.py."""


class TruthError(Exception):
    """Captures and record do not fit together."""


class Span:
    """Payload of a frame sent that is in a frame received. Without payload: the frame itself."""

    def __init__(self, frame, sent_offset, received_offset, length, copy):
        self.frame = frame  # the one received
        self.sent_offset = sent_offset
        self.received_offset = received_offset
        self.length = length
        self.copy = copy

    def follows(self, other):
        """Whether the same frame goes on here where the other one ends."""
        return (self.frame is other.frame and self.copy == other.copy
                and self.sent_offset == other.sent_offset + other.length
                and self.received_offset == other.received_offset + other.length)


def join_spans(spans):
    """Spans of one frame sent, with those joined that go on in the same frame received."""
    joined = []
    for span in sorted(spans, key=lambda s: (s.copy, s.sent_offset)):
        if joined and span.follows(joined[-1]):
            joined[-1].length += span.length
        else:
            joined.append(span)
    return joined


class Merging:
    """The frames of a flow that a host captured after it had merged them."""

    def __init__(self, frames, what):
        self.frames = iter(frames)
        self.what = what
        self.frame = None  # the one that is not used up
        self.filled = 0

    def check(self, condition, problem):
        if not condition:
            raise TruthError(f"{self.what}: frame {self.frame.number} {problem}")

    def take(self, passage):
        """The (frame, offset) that the next frame put out is in."""
        alone = self.frame is None
        if alone:
            self.frame, self.filled = next(self.frames, None), 0
            if self.frame is None:
                raise TruthError(f"{self.what}: less is captured than the path put out")
        frame, offset = self.frame, self.filled
        self.check((frame.sequence + offset) % 2**32 == passage.sequence,
                   f"does not go on with sequence number {passage.sequence}")
        self.check(alone or passage.payload, "holds a frame without payload, and more")
        self.filled += passage.payload
        self.check(self.filled <= frame.payload, "ends within a frame of the record")
        if self.filled == frame.payload:
            self.check(not alone or (frame.length, frame.print) == passage.after,
                       "is not what the record says")
            self.frame = None
        return frame, offset

    def finish(self):
        self.check(self.frame is None, "holds more than the path put out")
        self.frame = next(self.frames, None)
        self.check(self.frame is None, "is not in the record")


def place_merged(outputs, frames, what):
    """[(frame, offset)...]: where each of the frames put out is among frames that were merged."""
    flows = {}
    for frame in frames:
        flows.setdefault(frame.flow, []).append(frame)
    mergings = {flow: Merging(own, what) for flow, own in flows.items()}
    empty = Merging((), what)
    placed = [mergings.get(passage.flow, empty).take(passage) for passage in outputs]
    for merging in mergings.values():
        merging.finish()
    return placed
