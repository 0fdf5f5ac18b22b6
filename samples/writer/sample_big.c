/* SPDX-License-Identifier: MIT */
/*
 * sample_big.c - large traces for measuring: constant memory, and fast enough that the
 * disk is what one waits for. One record is made; for each event only what differs is put
 * into it.
 */
#include "samples.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SESSION_BUFFER = 512 * 1024, EVENT_HEADER_SIZE = 80, FRAGMENT_HEAD = 12 };
enum { STEP = 37, /* 100 ns between events */ FLUSH_CHECK = 1024 };
/* In the record, behind event header, fragment head, Ethernet and IPv4 header. */
enum { AT_TICKS = 16, AT_FRAME = EVENT_HEADER_SIZE + FRAGMENT_HEAD };
enum { AT_IP = AT_FRAME + 14, AT_IP_ID = AT_IP + 4, AT_IP_SUM = AT_IP + 10, AT_TCP = AT_IP + 20 };
enum { AT_SEQUENCE = AT_TCP + 4, AT_TCP_SUM = AT_TCP + 16, AT_PAYLOAD = AT_TCP + 20 };
enum { TCP_FRAME = 54, UDP_FRAME = 42, LARGEST_FRAME = 65000 };

struct template
{
    struct byte_block record;
    bool is_tcp;
};

static void put_big_u16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8 & 0xFF);
    at[1] = (uint8_t)(value & 0xFF);
}

static unsigned get_big_u16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* Adds numbers to fields that held zeros (RFC 1624). */
static void adjust_checksum(uint8_t *at, unsigned original, uint32_t added)
{
    uint32_t sum = (~original & 0xFFFF) + added;
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    put_big_u16(at, ~sum & 0xFFFF);
}

/* Payloads are pieces of it, so that packets differ as real ones do: half text, half
 * noise, neither trivial nor impossible to compress. */
enum { POOL_SIZE = 1 << 17 };
struct pool {
    uint8_t bytes[POOL_SIZE];
    uint64_t sums[POOL_SIZE / 2 + 1]; /* of the big-endian 16-bit words before each word */
};

static struct pool *pool_new(void)
{
    struct pool *pool = malloc(sizeof(*pool));
    uint32_t state = 12345;
    for (size_t i = 0; pool && i < POOL_SIZE; i++) {
        unsigned letter = (unsigned char)"the quick brown fox "[i % 20];
        state = state * 1664525 + 1013904223;
        pool->bytes[i] = (uint8_t)(i & 64 ? state >> 24 : letter);
    }
    if (pool) {
        pool->sums[0] = 0;
        for (size_t i = 0; i < POOL_SIZE / 2; i++) {
            pool->sums[i + 1] = pool->sums[i] + get_big_u16(pool->bytes + 2 * i);
        }
    }
    return pool;
}

/* Copies a piece; returns its checksum, folded. */
static uint32_t take_piece(const struct pool *pool, uint32_t number, uint8_t *to, size_t size)
{
    size_t first = number * 2654435761u % ((POOL_SIZE - size) / 2);
    memcpy(to, pool->bytes + 2 * first, size);
    uint64_t sum = pool->sums[first + size / 2] - pool->sums[first];
    sum += size & 1 ? (uint64_t)to[size - 1] << 8 : 0;
    sum = (sum & 0xFFFFFFFF) + (sum >> 32);
    sum = (sum & 0xFFFF) + (sum >> 16 & 0xFFFF) + (sum >> 32);
    return (uint32_t)((sum & 0xFFFF) + (sum >> 16));
}

static void make_frame(struct byte_block *frame, size_t size, bool is_out, bool *is_tcp)
{
    static const struct path out = {&host, &server}, in = {&server, &host};
    const struct path *path = is_out ? &out : &in;
    struct byte_block data = {0};
    size_t headers = size < TCP_FRAME ? UDP_FRAME : TCP_FRAME;
    block_fill(&data, 0, size - headers);
    *is_tcp = headers == TCP_FRAME;
    frame_ethernet(frame, path, ETHER_IPV4);
    if (*is_tcp) {
        struct tcp_segment segment = {.flags = TCP_ACK,
                                      .acknowledgement = 1,
                                      .window = 64240,
                                      .data = data.data,
                                      .size = data.size};
        frame_tcp4(frame, path, &segment);
    } else {
        frame_udp4(frame, path, 0, data.data, data.size);
    }
    frame->failed = frame->failed || data.failed;
    block_done(&data);
}

static bool make_packet_template(struct template *template, size_t size, bool is_out)
{
    struct byte_block frame = {0}, payload = {0};
    make_frame(&frame, size, is_out, &template->is_tcp);
    struct ndis_fragment fragment = {.miniport_index = ETHERNET_INTERFACE,
                                     .lower_index = ETHERNET_INTERFACE,
                                     .data = frame.data,
                                     .size = frame.size,
                                     .has_offload_words = true};
    payload_ndis_fragment(&payload, &fragment);
    struct etl_event event = {.pointer_size = 8,
                              .provider = &guid_ndis_capture,
                              .id = 1001,
                              .channel = 16,
                              .level = 4,
                              .process_id = 4,
                              .thread_id = 8,
                              .keyword = NDIS_CHANNEL | NDIS_PACKET | NDIS_PII | NDIS_ETHERNET |
                                         NDIS_START | NDIS_END |
                                         (is_out ? NDIS_SEND : NDIS_RECEIVE),
                              .payload = payload.data,
                              .payload_size = payload.size};
    etl_record_event(&template->record, &event);
    bool is_good = !frame.failed && !payload.failed && !template->record.failed;
    block_done(&frame);
    block_done(&payload);
    return is_good;
}

static bool make_plain_template(struct template *template, size_t size)
{
    static const struct etl_guid nobody = {0xC0FFEE00, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
    struct byte_block payload = {0};
    for (size_t i = EVENT_HEADER_SIZE; i < size; i++) {
        block_u8(&payload, (unsigned)(i * 7));
    }
    struct etl_event event = {.pointer_size = 8,
                              .provider = &nobody,
                              .id = 42,
                              .level = 4,
                              .process_id = 4120,
                              .thread_id = 4128,
                              .payload = payload.data,
                              .payload_size = payload.size};
    etl_record_event(&template->record, &event);
    bool is_good = !payload.failed && !template->record.failed;
    block_done(&payload);
    return is_good;
}

/* Half of the events on CPU 0, a quarter on CPU 1 ...; the last one is all but idle, so
 * its only buffer is written at the end of the file. */
static uint16_t choose_cpu(uint32_t number, uint16_t cpu_count)
{
    uint32_t dice = (number + 1) * 2654435761u;
    if (cpu_count > 1 && dice >> 18 == 0) {
        return (uint16_t)(cpu_count - 1);
    }
    uint16_t cpu = 0;
    while (dice & 0x80000000 && cpu + 2 < cpu_count) {
        dice <<= 1;
        cpu++;
    }
    return cpu;
}

struct run {
    struct etl_options options;
    struct etl_writer *writer;
    struct template templates[2]; /* received, sent */
    unsigned ip_sum[2], tcp_sum[2];
    bool is_plain;
    struct pool *pool;   /* owned */
    size_t payload_size; /* of TCP segments */
    uint32_t count;
    uint32_t other_count; /* records that are no packets */
};

static bool add_one(struct run *run)
{
    uint32_t number = run->count;
    unsigned which = run->is_plain ? 0 : number & 1;
    struct template *template = &run->templates[which];
    uint8_t *record = template->record.data;
    int64_t ticks =
        etl_ticks_of_time(&run->options, SCENE_START + ((int64_t)number + run->other_count) * STEP);
    put_u64(record + AT_TICKS, (uint64_t)ticks);
    if (!run->is_plain) {
        put_big_u16(record + AT_IP_ID, number & 0xFFFF);
        adjust_checksum(record + AT_IP_SUM, run->ip_sum[which], number & 0xFFFF);
    }
    if (template->is_tcp) {
        uint32_t sequence = number * 1400;
        put_big_u16(record + AT_SEQUENCE, sequence >> 16);
        put_big_u16(record + AT_SEQUENCE + 2, sequence & 0xFFFF);
        uint32_t piece = take_piece(run->pool, number, record + AT_PAYLOAD, run->payload_size);
        adjust_checksum(record + AT_TCP_SUM, run->tcp_sum[which],
                        (sequence >> 16) + (sequence & 0xFFFF) + piece);
    }
    run->count++;
    return etl_writer_add(run->writer, choose_cpu(number, run->options.cpu_count), ticks, record,
                          template->record.size, NULL);
}

static bool make_templates(struct run *run, const struct big_options *options)
{
    run->is_plain = options->record_size != 0;
    if (run->is_plain) {
        return make_plain_template(&run->templates[0], options->record_size);
    }
    run->payload_size = options->frame_size - TCP_FRAME; /* not used with smaller frames */
    for (unsigned i = 0; i < 2; i++) {
        if (!make_packet_template(&run->templates[i], options->frame_size, i == 1)) {
            return false;
        }
        run->ip_sum[i] = get_big_u16(run->templates[i].record.data + AT_IP_SUM);
        if (run->templates[i].is_tcp) {
            run->tcp_sum[i] = get_big_u16(run->templates[i].record.data + AT_TCP_SUM);
        }
    }
    return true;
}

/* Before all packets. */
static bool add_owner(struct run *run)
{
    struct byte_block record = {0};
    int64_t ticks = etl_ticks_of_time(&run->options, SCENE_START);
    bool is_good = sample_rundown_record(&record);
    if (is_good) {
        put_u64(record.data + AT_TICKS, (uint64_t)ticks);
        is_good = etl_writer_add(run->writer, 0, ticks, record.data, record.size, NULL);
    }
    block_done(&record);
    run->other_count++;
    return is_good;
}

static bool write_all(struct run *run, const struct big_options *options)
{
    if (options->has_owner && !add_owner(run)) {
        return false;
    }
    do {
        for (unsigned i = 0; i < FLUSH_CHECK; i++) {
            if (!add_one(run)) {
                return false;
            }
        }
    } while (etl_writer_get_file_size(run->writer) < options->bytes &&
             run->count < UINT32_MAX - FLUSH_CHECK);
    return etl_writer_finish(run->writer);
}

static struct etl_options big_form(const struct big_options *options)
{
    struct etl_options form = scene_options();
    form.session_name = "NetTrace-Session";
    form.buffer_size = SESSION_BUFFER;
    form.cpu_count = options->cpu_count;
    form.mode = ETL_MODE_SEQUENTIAL | ETL_MODE_ADD_HEADER | ETL_MODE_RELOGGED |
                (options->is_compressed ? ETL_MODE_COMPRESSED : 0u);
    return form;
}

bool sample_big(const char *path, const struct big_options *options, FILE *truth)
{
    size_t size = options->record_size ? options->record_size : options->frame_size;
    size_t smallest = options->record_size ? EVENT_HEADER_SIZE : UDP_FRAME;
    struct run run = {.options = big_form(options), .pool = pool_new()};
    bool is_good = false;
    FILE *file = size < smallest || size > LARGEST_FRAME ? NULL : fopen(path, "wb");
    if (!file || !run.pool || !make_templates(&run, options)) {
        goto done;
    }
    run.writer = etl_writer_new(&run.options, file);
    is_good = run.writer && write_all(&run, options);
    if (is_good) {
        fprintf(truth, "buffers %" PRIu64 "\nrecords %" PRIu64 "\npackets %" PRIu32 "\n",
                etl_writer_count_buffers(run.writer) + 1,
                (uint64_t)run.count + run.other_count + etl_writer_count_header_records(run.writer),
                run.is_plain ? 0 : run.count);
    }

done:
    etl_writer_free(run.writer);
    free(run.pool);
    block_done(&run.templates[0].record);
    block_done(&run.templates[1].record);
    if (file && fclose(file) != 0) {
        is_good = false;
    }
    return is_good;
}
