/* SPDX-License-Identifier: MIT */
#include "etl_header.h"

#include "etl_records.h"

#include <string.h>

/*
 * WMI_BUFFER_HEADER, 0x48 bytes
 *   0x00 u32 BufferSize      0x04 u32 SavedOffset   0x08 u32 CurrentOffset  0x0C i32 ReferenceCount
 *   0x10 i64 TimeStamp       0x18 i64 SequenceNumber  0x20 u64 stale pointer
 *   0x28 u16 ProcessorIndex  0x2A u16 LoggerId      0x2C u32 State          0x30 u32 Offset
 *   0x34 u16 BufferFlag      0x36 u16 BufferType    0x38 16 bytes, stale pointers
 */
void etl_buffer_header_put(uint8_t *at, const struct etl_buffer_header *header)
{
    memset(at, 0, ETL_BUFFER_HEADER_SIZE);
    put_u32(at, header->size);
    put_u32(at + 0x04, header->saved_offset);
    put_u32(at + 0x08, header->current_offset);
    put_u64(at + 0x10, (uint64_t)header->time_stamp);
    put_u64(at + 0x18, header->sequence);
    put_u16(at + 0x28, header->cpu);
    put_u16(at + 0x2A, header->logger_id);
    put_u32(at + 0x2C, header->state);
    put_u32(at + 0x30, header->fill);
    put_u16(at + 0x34, header->flags);
    put_u16(at + 0x36, header->type);
}

/* TIME_ZONE_INFORMATION, 172 bytes. */
static void write_time_zone(struct byte_block *out, const struct etl_time_zone *zone)
{
    block_u32(out, (uint32_t)zone->bias);
    block_utf16_field(out, zone->standard_name ? zone->standard_name : "", 32);
    for (size_t i = 0; i < 8; i++) {
        block_u16(out, zone->standard_date[i]);
    }
    block_u32(out, (uint32_t)zone->standard_bias);
    block_utf16_field(out, zone->daylight_name ? zone->daylight_name : "", 32);
    for (size_t i = 0; i < 8; i++) {
        block_u16(out, zone->daylight_date[i]);
    }
    block_u32(out, (uint32_t)zone->daylight_bias);
}

/* TRACE_LOGFILE_HEADER and the two names behind it. */
static void write_logfile_header(struct byte_block *out, const struct etl_options *options,
                                 const struct etl_totals *totals)
{
    bool is_compressed = options->mode & ETL_MODE_COMPRESSED;
    bool has_name_codes = !(options->mode & ETL_MODE_RELOGGED);
    block_u32(out, options->buffer_size);
    block_u8(out, options->os_major);
    block_u8(out, options->os_minor);
    block_u8(out, is_compressed ? 2 : 1);
    block_u8(out, is_compressed ? 0 : 5);
    block_u32(out, options->os_build);
    block_u32(out, options->mode & ETL_MODE_ONE_BUFFER_LIST ? 1 : options->cpu_count);
    block_i64(out, totals->end_time);
    block_u32(out, 156250); /* TimerResolution: 64 ticks a second */
    block_u32(out, options->maximum_file_size);
    block_u32(out, options->mode);
    block_u32(out, totals->buffers_written);
    block_u32(out, 1); /* StartBuffers */
    block_u32(out, options->pointer_size);
    block_u32(out, options->events_lost);
    block_u32(out, options->cpu_mhz);
    block_pointer(out, has_name_codes ? 5 : 0, options->pointer_size);
    block_pointer(out, has_name_codes ? 5 : 0, options->pointer_size);
    write_time_zone(out, &options->zone);
    block_u32(out, 0);
    block_i64(out, options->boot_time);
    block_i64(out, options->frequency);
    block_i64(out, options->start_time);
    block_u32(out, options->clock);
    block_u32(out, options->buffers_lost);
    block_utf16(out, options->session_name);
    block_utf16(out, options->file_name);
}

static void pad(struct byte_block *out)
{
    block_fill(out, 0, (8 - (out->size & 7)) & 7);
}

static void write_first_record(struct byte_block *out, const struct etl_options *options,
                               const struct etl_totals *totals)
{
    struct byte_block payload = {0};
    write_logfile_header(&payload, options, totals);
    struct etl_system record = {.pointer_size = options->pointer_size,
                                .version = options->mode & ETL_MODE_PRIVATE ? 0 : 2,
                                .thread_id = 8,
                                .process_id = 4,
                                .ticks = options->clock == ETL_CLOCK_SYSTEM ? options->start_time
                                                                            : options->start_ticks,
                                .payload = payload.data,
                                .payload_size = payload.size};
    etl_record_system(out, &record);
    out->failed = out->failed || payload.failed;
    block_done(&payload);
}

/* Hook 0x0050, 48 bytes that are zero in practice. Windows 10 and later. */
static void write_partition_record(struct byte_block *out, const struct etl_options *options)
{
    static const uint8_t zeros[48];
    struct etl_system record = {.pointer_size = options->pointer_size,
                                .version = 2,
                                .hook = 0x0050,
                                .thread_id = 8,
                                .process_id = 4,
                                .ticks = options->clock == ETL_CLOCK_SYSTEM ? options->start_time
                                                                            : options->start_ticks,
                                .payload = zeros,
                                .payload_size = sizeof(zeros)};
    etl_record_system(out, &record);
}

/* Private loggers name their module and the Windows build in hooks 0x0040 and 0x0042. */
static void write_module_records(struct byte_block *out, const struct etl_options *options)
{
    static const struct etl_guid symbols = {0x5E7C0001, 0, 1, {1, 2, 3, 4, 5, 6, 7, 8}};
    static const struct {
        uint16_t hook;
        const char *text;
    } rows[] = {{0x0040, "C:\\build\\example.pdb"},
                {0x0042, "19041.1.amd64fre.vb_release.191206-1406"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct byte_block payload = {0};
        if (rows[i].hook == 0x0040) {
            block_guid(&payload, &symbols);
            block_u32(&payload, 1); /* age */
        }
        block_text(&payload, rows[i].text);
        struct etl_perfinfo record = {.pointer_size = 4,
                                      .version = 2,
                                      .hook = rows[i].hook,
                                      .ticks = options->start_time,
                                      .payload = payload.data,
                                      .payload_size = payload.size};
        pad(out);
        etl_record_perfinfo(out, &record);
        block_done(&payload);
    }
}

/* SavedOffset and CurrentOffset of the header buffer differ by who wrote the file: the
 * kernel, Windows 7, or a program (relogging, private loggers) that appended records
 * after saving it. */
static void put_header(struct byte_block *out, size_t start, size_t saved, size_t fill,
                       const struct etl_options *options)
{
    bool by_program = options->mode & (ETL_MODE_RELOGGED | ETL_MODE_PRIVATE);
    bool is_compressed = options->mode & ETL_MODE_COMPRESSED;
    struct etl_buffer_header header = {.size = (uint32_t)(out->size - start),
                                       .fill = (uint32_t)fill,
                                       .saved_offset = (uint32_t)(by_program ? saved : fill),
                                       .current_offset = (uint32_t)(by_program ? 0 : fill),
                                       .logger_id = by_program ? 0 : options->logger_id,
                                       .state = ETL_STATE_FLUSH,
                                       .flags = ETL_BUFFER_FLUSH_MARKER,
                                       .type = ETL_BUFFER_TYPE_HEADER};
    if (by_program && !is_compressed) {
        header.state = 0;
    }
    if (options->is_windows7) {
        header.saved_offset = 0;
        header.cpu = 0x0800; /* CPU 0, alignment 8 */
    } else if (!by_program) {
        header.flags |= ETL_BUFFER_PROCESSOR_INDEX;
    }
    etl_buffer_header_put(out->data + start, &header);
}

unsigned etl_header_buffer_write(struct byte_block *out, const struct etl_options *options,
                                 const struct etl_totals *totals)
{
    size_t start = out->size;
    size_t size = options->mode & ETL_MODE_COMPRESSED ? 0x400 : options->buffer_size;
    unsigned count = 1;
    block_fill(out, 0, ETL_BUFFER_HEADER_SIZE);
    write_first_record(out, options, totals);
    size_t saved = (out->size - start + 7) & ~(size_t)7;
    if (options->mode & ETL_MODE_PRIVATE) {
        write_module_records(out, options);
        count += 2;
    } else if (options->os_major >= 10) {
        pad(out);
        write_partition_record(out, options);
        count += 1;
    }
    size_t fill = out->size - start;
    if (!options->has_unaligned_header_fill) {
        pad(out);
        fill = out->size - start;
    }
    if (out->failed || fill > size) {
        out->failed = true;
        return 0;
    }
    block_fill(out, 0xFF, size - (out->size - start));
    if (!out->failed) {
        put_header(out, start, saved, fill, options);
    }
    return count;
}
