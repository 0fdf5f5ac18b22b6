/* SPDX-License-Identifier: MIT */
/*
 * bench_pcapng.c - what one packet costs in each output, without reading a trace
 * and without a disk. One line per case: name, packets, ns per packet, MB/s.
 */
#include <stdio.h>
#include <stdlib.h>

#include "etw/platform/platform.h"
#include "pcapout/pcapng.h"
#include "pcapout/rows.h"
#include "tests/unit/sample_packets.h"

#define PACKETS    4000000u
#define ROWS       1000000u
#define LONG_FRAME 1514u

static void report(const char *name, unsigned packets, double seconds, uint64_t bytes)
{
    (void)printf("%-28s %8u packets %7.1f ns each %8.1f MB/s\n", name, packets,
                 seconds * 1e9 / packets, (double)bytes / seconds / 1e6);
}

static void bench_pcapng(const char *name, const struct corr_adapters *adapters,
                         struct corr_packet packet, const struct out_pcapng_options *options)
{
    static const struct out_section section = {.application = "bench"};
    struct out_file *file = NULL;
    struct out_pcapng *writer = NULL;
    if (out_file_open_null(&file, NULL) ||
        out_pcapng_new(file, adapters, &section, options, &writer, NULL)) {
        exit(1);
    }
    double start = platform_seconds();
    for (unsigned i = 1; i <= PACKETS; i++) {
        packet.frame = i;
        packet.time += 17;
        if (out_pcapng_packet(writer, &packet, NULL)) {
            exit(1);
        }
    }
    double seconds = platform_seconds() - start;
    (void)out_pcapng_finish(writer, NULL);
    report(name, PACKETS, seconds, out_file_size(file));
    out_pcapng_free(writer);
    out_file_abort(file);
}

static void bench_rows(const char *name, const struct corr_adapters *adapters,
                       struct corr_packet packet, enum out_format format)
{
    struct out_rows_options options = {.format = format, .width = 120};
    struct out_file *file = NULL;
    struct out_interfaces *interfaces = NULL;
    struct out_packet_rows *rows = NULL;
    if (out_file_open_null(&file, NULL) || out_interfaces_new(adapters, false, &interfaces, NULL) ||
        out_packet_rows_new(file, interfaces, adapters, &options, &rows, NULL)) {
        exit(1);
    }
    double start = platform_seconds();
    for (unsigned i = 1; i <= ROWS; i++) {
        packet.frame = i;
        packet.time += 17;
        if (out_packet_rows_packet(rows, &packet, NULL)) {
            exit(1);
        }
    }
    double seconds = platform_seconds() - start;
    (void)out_packet_rows_finish(rows, NULL);
    report(name, ROWS, seconds, out_file_size(file));
    out_packet_rows_free(rows);
    out_interfaces_free(interfaces);
    out_file_abort(file);
}

int main(void)
{
    static uint8_t long_frame[LONG_FRAME];
    memcpy(long_frame, sample_syn, sizeof(sample_syn));
    struct corr_adapters *adapters = NULL;
    if (corr_adapters_new(&adapters, NULL)) {
        return 1;
    }
    sample_adapter(adapters, 12, 6, u"Ethernet", u"Example Gigabit Adapter");
    sample_component(adapters, 7, 4, u"TCPIP", 12);
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    struct corr_packet whole = sample_packet(long_frame, sizeof(long_frame));
    struct corr_packet sighting = sample_sighting(sample_syn, sizeof(sample_syn), 7, 1);
    struct corr_packet dropped = sighting;
    dropped.drop = (struct corr_drop){
        .is_dropped = true, .reason = 1204, .location = 0xE000451B, .component = 7};

    bench_pcapng("pcapng 66 bytes", adapters, packet, &(struct out_pcapng_options){0});
    bench_pcapng("pcapng 66 no comments", adapters, packet,
                 &(struct out_pcapng_options){.comments = OUT_COMMENTS_NONE});
    bench_pcapng("pcapng 1514 bytes", adapters, whole, &(struct out_pcapng_options){0});
    bench_pcapng("pcapng all appearances", adapters, sighting,
                 &(struct out_pcapng_options){.all_appearances = true});
    bench_pcapng("pcapng dropped", adapters, dropped, &(struct out_pcapng_options){0});
    bench_rows("ndjson", adapters, packet, OUT_NDJSON);
    bench_rows("ndjson dropped", adapters, dropped, OUT_NDJSON);
    bench_rows("csv", adapters, packet, OUT_CSV);
    bench_rows("text 120 columns", adapters, packet, OUT_TEXT);
    corr_adapters_free(adapters);
    return 0;
}
