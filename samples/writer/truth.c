/* SPDX-License-Identifier: MIT */
/*
 * truth.c - what a perfect reader finds in a scene's file, as lines of text:
 *
 *     buffers 3              whose header is in the file, the header buffer included
 *     records 123            readable ones, those of the header buffer included
 *     events_lost 0          as the file header states
 *     buffers_lost 0
 *     first_time TIME        of records behind the header buffer that carry a time
 *     last_time TIME
 *     packets 4
 *     packet TIME in|out|unknown CAPTURED ORIGINAL ethernet|ip|wifi|ppp [sightings=N] [drop=N]
 * [incomplete]
 *
 * Packets stand in time order, equal times in the order of the file.
 */
#include "etl_header.h"
#include "scene.h"
#include "xpress_compress.h"

#include <inttypes.h>
#include <stdlib.h>

struct shown_packet {
    int64_t time;
    uint64_t file_offset, offset; /* of the buffer, and in it */
    const struct truth_packet *packet;
};

static const char *const direction_names[] = {"unknown", "in", "out"};
static const char *const link_names[] = {"ethernet", "ip", "wifi", "ppp"};

/* Civil date of days since 1601-01-01, by years of 365.2425 days. */
static void print_time(FILE *to, int64_t time)
{
    static const int64_t day = INT64_C(864000000000);
    int64_t days = time / day, rest = time % day;
    int64_t cycle = days / 146097, in_cycle = days % 146097;
    int64_t century = in_cycle / 36524 - in_cycle / 146096;
    int64_t in_century = in_cycle - century * 36524;
    int64_t year = (in_century - in_century / 1460) / 365;
    int64_t day_of_year = in_century - (year * 365 + year / 4);
    year += 1601 + cycle * 400 + century * 100;
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int month = 0;
    while (day_of_year >= lengths[month] + (month == 1 && is_leap)) {
        day_of_year -= lengths[month] + (month == 1 && is_leap);
        month++;
    }
    fprintf(to,
            "%04" PRId64 "-%02d-%02" PRId64 "T%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%07" PRId64
            "Z",
            year, month + 1, day_of_year + 1, rest / INT64_C(36000000000), rest / 600000000 % 60,
            rest / 10000000 % 60, rest % 10000000);
}

/* Is the record in the file, whole and undamaged? */
static bool is_readable(const struct scene *scene, const struct truth_record *record,
                        struct etl_buffer_place *buffer)
{
    if (record->is_spoiled ||
        !etl_writer_find_buffer(scene->writer, record->place.sequence, buffer)) {
        return false;
    }
    size_t end = record->place.offset + record->place.size;
    if (buffer->file_offset + buffer->size <= scene->cut_at) {
        return true;
    }
    if (buffer->file_offset + ETL_BUFFER_HEADER_SIZE > scene->cut_at) {
        return false;
    }
    if (!buffer->is_compressed) {
        return buffer->file_offset + end <= scene->cut_at;
    }
    size_t start = (size_t)buffer->file_offset + ETL_BUFFER_HEADER_SIZE;
    return end - ETL_BUFFER_HEADER_SIZE <=
           xpress_count_output(scene->image.data + start, (size_t)scene->cut_at - start);
}

static int compare_packets(const void *left, const void *right)
{
    const struct shown_packet *a = left;
    const struct shown_packet *b = right;
    if (a->time != b->time) {
        return a->time < b->time ? -1 : 1;
    }
    if (a->file_offset != b->file_offset) {
        return a->file_offset < b->file_offset ? -1 : 1;
    }
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* Buffers whose header is there. */
static uint64_t count_buffers(const struct scene *scene)
{
    uint64_t count = 1;
    uint64_t size = scene->image.size;
    struct etl_buffer_place buffer;
    for (uint64_t sequence = 1; sequence <= scene->record_count; sequence++) {
        count += etl_writer_find_buffer(scene->writer, sequence, &buffer) &&
                 buffer.file_offset + ETL_BUFFER_HEADER_SIZE <= size;
    }
    return count;
}

static void print_records(const struct scene *scene, FILE *to)
{
    uint64_t count = etl_writer_count_header_records(scene->writer);
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < scene->record_count; i++) {
        const struct truth_record *record = &scene->records[i];
        struct etl_buffer_place buffer;
        if (!is_readable(scene, record, &buffer)) {
            continue;
        }
        count++;
        if (record->has_time) {
            first = record->ticks < first ? record->ticks : first;
            last = record->ticks > last ? record->ticks : last;
        }
    }
    fprintf(to, "buffers %" PRIu64 "\n", count_buffers(scene));
    fprintf(to, "records %" PRIu64 "\n", count);
    fprintf(to, "events_lost %" PRIu32 "\nbuffers_lost %" PRIu32 "\n", scene->options.events_lost,
            scene->options.buffers_lost);
    if (first <= last) {
        fputs("first_time ", to);
        print_time(to, etl_time_of_ticks(&scene->options, first));
        fputs("\nlast_time ", to);
        print_time(to, etl_time_of_ticks(&scene->options, last));
        fputs("\n", to);
    }
}

static void print_packet(FILE *to, const struct shown_packet *shown)
{
    const struct truth_packet *packet = shown->packet;
    fputs("packet ", to);
    print_time(to, shown->time);
    fprintf(to, " %s %" PRIu32 " %" PRIu32 " %s", direction_names[packet->direction],
            packet->captured, packet->original, link_names[packet->link]);
    if (packet->sightings) {
        fprintf(to, " sightings=%" PRIu32, packet->sightings);
    }
    if (packet->drop_reason) {
        fprintf(to, " drop=%" PRIu32, packet->drop_reason);
    }
    fputs(packet->is_incomplete ? " incomplete\n" : "\n", to);
}

bool scene_print_truth(const struct scene *scene, FILE *to)
{
    size_t count = 0;
    struct shown_packet *shown = calloc(scene->packet_count + 1, sizeof(*shown));
    if (!shown) {
        return false;
    }
    print_records(scene, to);
    for (size_t i = 0; i < scene->packet_count; i++) {
        const struct truth_record *record = &scene->records[scene->packets[i].record];
        struct etl_buffer_place buffer;
        if (is_readable(scene, record, &buffer)) {
            shown[count++] =
                (struct shown_packet){etl_time_of_ticks(&scene->options, record->ticks),
                                      buffer.file_offset, record->place.offset, &scene->packets[i]};
        }
    }
    qsort(shown, count, sizeof(*shown), compare_packets);
    fprintf(to, "packets %zu\n", count);
    for (size_t i = 0; i < count; i++) {
        print_packet(to, &shown[i]);
    }
    free(shown);
    return !ferror(to);
}
