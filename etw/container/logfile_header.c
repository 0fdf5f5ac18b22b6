/* SPDX-License-Identifier: MIT */
/*
 * TRACE_LOGFILE_HEADER behind a SYSTEM record header (0x20 bytes)
 *                                   [documented: evntrace.h; measured: real files]
 *
 *   off32  off64  type
 *   0x00   0x00   u32      BufferSize
 *   0x04   0x04   u8 x 4   MajorVersion, MinorVersion, SubVersion, SubMinorVersion
 *   0x08   0x08   u32      ProviderVersion: build
 *   0x0C   0x0C   u32      NumberOfProcessors
 *   0x10   0x10   i64      EndTime
 *   0x18   0x18   u32      TimerResolution
 *   0x1C   0x1C   u32      MaximumFileSize
 *   0x20   0x20   u32      LogFileMode
 *   0x24   0x24   u32      BuffersWritten
 *   0x28   0x28   u32      StartBuffers
 *   0x2C   0x2C   u32      PointerSize
 *   0x30   0x30   u32      EventsLost
 *   0x34   0x34   u32      CpuSpeedInMHz
 *   0x38   0x38   pointer  LoggerName      no offset, not used
 *   0x3C   0x40   pointer  LogFileName     the same
 *   0x40   0x48   172      TIME_ZONE_INFORMATION
 *   0xEC   0xF4   4        padding
 *   0xF0   0xF8   i64      BootTime
 *   0xF8   0x100  i64      PerfFreq
 *   0x100  0x108  i64      StartTime
 *   0x108  0x110  u32      ReservedFlags: clock
 *   0x10C  0x114  u32      BuffersLost
 *   0x110  0x118  utf16z   logger name, then utf16z log file name
 */
#include "etw/container/logfile_header.h"

#include <string.h>

#include "etw/base/text.h"
#include "etw/container/buffer_header.h"
#include "etw/container/file_signature.h"
#include "etw/container/record_kinds.h"
#include "etw/container/time_zone.h"

#define RECORD_HEADER_SIZE 0x20u
#define SMALLEST_HEADER    (RECORD_HEADER_SIZE + 0x110u)
#define TIME_ZONE_SIZE     172u

static void read_text(struct bytes *b, char *to, size_t room)
{
    struct text text = {.maximum = room - 1};
    struct bytes utf16 = bytes_utf16z(b);
    text_add_utf16(&text, utf16.data, utf16.size);
    memcpy(to, text_get(&text), text.size + (text.data != NULL));
    to[text.size] = '\0';
    text_done(&text);
}

static void read_fixed(struct bytes *b, struct etw_trace_header *header)
{
    header->buffer_size = bytes_u32(b);
    header->os_major = bytes_u8(b);
    header->os_minor = bytes_u8(b);
    header->layout_major = bytes_u8(b);
    header->layout_minor = bytes_u8(b);
    header->os_build = bytes_u32(b);
    header->cpu_count = bytes_u32(b);
    header->end_time = (int64_t)bytes_u64(b);
    header->timer_resolution = bytes_u32(b);
    header->maximum_file_size = bytes_u32(b);
    header->mode = bytes_u32(b);
    header->buffers_written = bytes_u32(b);
    bytes_skip(b, 4);
    uint32_t pointer_size = bytes_u32(b);
    if (pointer_size == 4 || pointer_size == 8) {
        header->pointer_size = (uint8_t)pointer_size;
    }
    header->events_lost = bytes_u32(b);
    header->cpu_mhz = bytes_u32(b);
}

static void read_rest(struct bytes *b, unsigned pointer_size, struct etw_trace_header *header)
{
    bytes_skip(b, (size_t)2 * pointer_size);
    struct bytes zone = bytes_sub(b, TIME_ZONE_SIZE);
    bytes_skip(b, 4);
    header->boot_time = (int64_t)bytes_u64(b);
    header->frequency = (int64_t)bytes_u64(b);
    header->start_time = (int64_t)bytes_u64(b);
    header->clock_logged = bytes_u32(b);
    header->buffers_lost = bytes_u32(b);
    header->bias_minutes = time_zone_bias(&zone, header->start_time);
    read_text(b, header->session_name, sizeof(header->session_name));
    read_text(b, header->file_name, sizeof(header->file_name));
}

static bool is_header_record(const uint8_t *record)
{
    uint32_t kind = record[2];
    bool is_system = record[3] == 0xC0 && (kind == RECORD_SYSTEM32 || kind == RECORD_SYSTEM64);
    return is_system && load_u16(record + 6) == 0;
}

enum etw_status logfile_header_read(const uint8_t *data, size_t size,
                                    struct etw_trace_header *header, bool *is_damaged,
                                    struct etw_error *error)
{
    const uint8_t *record = data + BUFFER_HEADER_SIZE;
    if (size < BUFFER_HEADER_SIZE + SMALLEST_HEADER || !is_header_record(record) ||
        buffer_header_contradictions(data, size) > 2) {
        return file_signature_refuse(data, size, error);
    }
    *is_damaged = buffer_header_contradictions(data, size) > 0 ||
                  buffer_header_read(data, size).type != BUFFER_TYPE_HEADER;
    size_t left = size - BUFFER_HEADER_SIZE;
    uint32_t record_bytes = load_u16(record + 4);
    if (record_bytes < SMALLEST_HEADER || record_bytes > left) {
        *is_damaged = true;
        record_bytes = (uint32_t)(left < UINT16_MAX ? left : UINT16_MAX);
    }
    *header = (struct etw_trace_header){.pointer_size = record[2] == RECORD_SYSTEM32 ? 4 : 8,
                                        .start_ticks = (int64_t)load_u64(record + 0x10)};
    unsigned pointer_size = header->pointer_size;
    struct bytes b = bytes_of(record + RECORD_HEADER_SIZE, record_bytes - RECORD_HEADER_SIZE);
    read_fixed(&b, header);
    read_rest(&b, pointer_size, header);
    *is_damaged = *is_damaged || b.failed;
    return ETW_OK;
}
