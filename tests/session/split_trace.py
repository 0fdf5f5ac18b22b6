# SPDX-License-Identifier: MIT
"""split_trace.py FORM TRACE FIRST SECOND: one uncompressed trace made into two, the way sessions
leave them: a series of files of one session, or two sessions that ran at the same time. Knows the
container by itself; it shares nothing with the reader. FORM: series, halves, capture."""
import pathlib
import struct
import sys
import uuid

BUFFER_HEADER = 0x48
KERNEL_KINDS = (1, 2, 3, 4, 16, 17)  # SYSTEM, COMPACT, PERFINFO
NDIS_CAPTURE = uuid.UUID("2ed6006e-4729-4609-b423-3ee7bcd678ef").bytes_le


class Record:
    def __init__(self, data, offset, cpu_buffer, position, size):
        self.data = data[offset:offset + size]
        self.offset = offset  # in the whole trace
        self.buffer = cpu_buffer
        self.position = position
        self.kind = self.data[2]
        at = 8 if self.kind in (16, 17) else 16
        self.ticks = struct.unpack_from("<q", self.data, at)[0]
        self.provider = self.data[0x18:0x28] if self.kind in (18, 19) else None

    @property
    def is_kernel(self):
        return self.kind in KERNEL_KINDS


def read_buffers(data):
    """Every buffer as its offset, header and records."""
    offset = 0
    while offset < len(data):
        size = struct.unpack_from("<I", data, offset)[0]
        fill = struct.unpack_from("<I", data, offset + 0x30)[0]
        records = []
        at = BUFFER_HEADER
        while at + 8 <= fill:
            marker = struct.unpack_from("<I", data, offset + at)[0]
            if marker == 0xFFFFFFFF:
                break
            is_short = (marker >> 16 & 0xFF) in KERNEL_KINDS
            length = struct.unpack_from("<H", data, offset + at + (4 if is_short else 0))[0]
            records.append(Record(data, offset + at, offset, at, length))
            at += (length + 7) & ~7
        yield offset, data[offset:offset + BUFFER_HEADER], size, records
        offset += size


class Header:
    """The fields of the header event that a split changes."""

    def __init__(self, data):
        self.base = BUFFER_HEADER + 0x20
        self.is_wide = data[BUFFER_HEADER + 2] == 2
        self.tail = self.base + (0xF8 if self.is_wide else 0xF0)
        self.boot, self.frequency, self.start, self.clock, self.lost_buffers = struct.unpack_from(
            "<qqqII", data, self.tail)
        self.end = struct.unpack_from("<q", data, self.base + 0x10)[0]
        self.ticks = struct.unpack_from("<q", data, BUFFER_HEADER + 0x10)[0]

    def time_of(self, ticks):
        if self.clock == 2:
            return ticks
        return self.start + (ticks - self.ticks) * 10_000_000 // self.frequency


def put(data, form, offset, value):
    struct.pack_into(form, data, offset, value)


def build(data, buffers, chosen, start_ticks=None, losses=False):
    """The trace with the chosen records alone, and from the offset of each in it to the offset in
    the whole. The header says when this file was begun and, unless asked, that nothing was lost."""
    header = Header(data)
    out = bytearray()
    places = {}
    for offset, head, size, records in buffers:
        kept = records if offset == 0 else [record for record in records if chosen(record)]
        if not kept:
            continue
        buffer = bytearray(head)
        for record in kept:
            places[len(out) + len(buffer)] = record.offset
            buffer += record.data + bytes(-len(record.data) % 8)
        if offset == 0:
            buffer = bytearray(data[:size])
        else:
            put(buffer, "<I", 0x04, len(buffer))
            put(buffer, "<I", 0x30, len(buffer))
        out += buffer + b"\xff" * (size - len(buffer))
    if start_ticks is not None:
        put(out, "<q", BUFFER_HEADER + 0x10, start_ticks)
        put(out, "<q", header.tail + 16, header.time_of(start_ticks))
    if not losses:
        put(out, "<I", header.base + 0x30, 0)
        put(out, "<I", header.tail + 28, 0)
    return bytes(out), places


def split(data, chosen, start_ticks):
    """Two files: the records that are chosen, and the others, in a file begun at `start_ticks`."""
    buffers = list(read_buffers(data))
    return (build(data, buffers, chosen, losses=True),
            build(data, buffers, lambda record: not chosen(record), start_ticks))


def as_series(data):
    """A session that went on in a new file in the middle."""
    ticks = sorted(record.ticks for offset, _, _, records in read_buffers(data) if offset
                   for record in records)
    middle = ticks[len(ticks) // 2] if ticks else 0
    return split(data, lambda record: record.ticks < middle, middle)


def as_whole_buffers(data):
    """The same by whole buffers as they stand, also compressed ones; there are no places."""
    bounds = []
    while not bounds or bounds[-1] < len(data):
        at = bounds[-1] if bounds else 0
        bounds.append(at + struct.unpack_from("<I", data, at)[0])
    head = data[:bounds[0]]
    middle = bounds[len(bounds) // 2]
    later = bytearray(head)
    header = Header(data)
    ticks = header.ticks + 12345
    put(later, "<q", BUFFER_HEADER + 0x10, ticks)
    put(later, "<q", header.tail + 16, header.time_of(ticks))
    put(later, "<I", header.base + 0x30, 0)
    put(later, "<I", header.tail + 28, 0)
    return (data[:middle], None), (bytes(later) + data[middle:], None)


def is_compressed(data):
    return data[Header(data).base + 6] == 2  # the layout of the header says 2.0


def change(data, **fields):
    """Another header: boot, frequency, clock, build, cpus, mode, name of the field by keyword."""
    header = Header(data)
    out = bytearray(data)
    places = {"boot": ("<q", header.tail), "frequency": ("<q", header.tail + 8),
              "start": ("<q", header.tail + 16), "clock": ("<I", header.tail + 24),
              "build": ("<I", header.base + 8), "cpus": ("<I", header.base + 12),
              "version": ("<H", header.base + 4), "mode": ("<I", header.base + 32),
              "pointer_size": ("<I", header.base + 44), "lost": ("<I", header.base + 48)}
    for name, value in fields.items():
        put(out, *places[name], value)
    return bytes(out)


def as_halves(data):
    """What the kernel logger recorded, and the other session, which began a little later."""
    return split(data, lambda record: not record.is_kernel, Header(data).ticks + 12345)


def as_capture_and_events(data):
    """The packets that NDIS captured, and what another session recorded meanwhile."""
    return split(data, lambda record: record.provider == NDIS_CAPTURE, Header(data).ticks + 12345)


FORMS = {"series": as_series, "halves": as_halves, "capture": as_capture_and_events}

if __name__ == "__main__":
    parts = FORMS[sys.argv[1]](pathlib.Path(sys.argv[2]).read_bytes())
    for target, part in zip(sys.argv[3:5], parts):
        pathlib.Path(target).write_bytes(part[0])
