/* SPDX-License-Identifier: MIT */
/*
 * scene.h - a trace being made, together with the truth about it.
 *
 *     struct scene scene = {0};
 *     scene_open(&scene, &options, NULL);
 *     scene_ndis(&scene, &event);
 *     scene_finish(&scene) && scene_save(&scene, path) && scene_print_truth(&scene, stdout);
 *     scene_done(&scene);
 *
 * The truth is worked out from the bytes written: what a perfect reader would find in
 * the file. A failed scene stays failed; scene_finish() tells.
 */
#ifndef SAMPLES_WRITER_SCENE_H
#define SAMPLES_WRITER_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "byte_block.h"
#include "etl_payloads.h"
#include "etl_records.h"
#include "etl_writer.h"

/* 2024-01-02T03:04:05.1234567Z, the start of every sample. */
#define SCENE_START INT64_C(133486382451234567)
/* Units of 100 ns. */
#define MICROSECONDS(n) (INT64_C(10) * (n))
#define MILLISECONDS(n) (INT64_C(10000) * (n))

enum scene_direction { DIRECTION_UNKNOWN, DIRECTION_IN, DIRECTION_OUT };
enum scene_link { LINK_ETHERNET, LINK_IP, LINK_WIFI, LINK_PPP };

struct truth_record {
    struct etl_place place;
    int64_t ticks;
    bool has_time;
    bool is_spoiled; /* its own bytes were damaged on purpose */
};

struct truth_packet {
    size_t record; /* index of the one whose time counts */
    enum scene_direction direction;
    enum scene_link link;
    uint32_t captured, original;
    uint32_t sightings; /* packet monitor: events about this packet; else 0 */
    uint32_t drop_reason;
    bool is_incomplete; /* its last fragment was never logged */
};

struct scene {
    struct etl_options options;
    struct etl_writer *writer;
    struct byte_block record, payload, frame; /* work space */
    struct byte_block image;                  /* the file, when made in memory */
    struct truth_record *records;             /* owned */
    size_t record_count, record_capacity;
    struct truth_packet *packets; /* owned */
    size_t packet_count, packet_capacity;
    uint64_t cut_at; /* bytes from here on are missing; UINT64_MAX: none */
    bool failed;
};

/* Windows 10 19045, two CPUs, a QPC clock of 10 MHz, buffers of 8 KB. */
struct etl_options scene_options(void);

/* `to` NULL: into memory. */
bool scene_open(struct scene *scene, const struct etl_options *options, FILE *to);
/* Adds what stands in `scene->record` and empties it. Returns the record's index. `at`:
 * 100 ns since the start. Records without a time of their own: scene_add_timeless(). */
size_t scene_add(struct scene *scene, uint16_t cpu, int64_t at);
size_t scene_add_timeless(struct scene *scene, uint16_t cpu);
int64_t scene_ticks(const struct scene *scene, int64_t at);

/* One event 1001 of the NDIS capture. Zeros choose: 64 bit, whole packet, Ethernet,
 * interface 5. */
struct ndis_event {
    uint16_t cpu;
    int64_t at;
    uint32_t process_id, thread_id;
    unsigned pointer_size;
    enum scene_direction direction;
    enum scene_link link;
    bool is_not_start, is_not_end; /* fragments */
    bool is_truncated;
    bool has_offload_words;
    uint32_t interface_index, lower_index;
    const uint8_t *data;
    size_t size;
    uint32_t original; /* 0: size */
};
/* Returns the index of the packet. */
size_t scene_ndis(struct scene *scene, const struct ndis_event *event);
/* A further fragment of it. */
void scene_ndis_more(struct scene *scene, size_t packet, const struct ndis_event *event);

/* An event with any payload; fields of `event` that are 0 get usual values. */
size_t scene_event(struct scene *scene, uint16_t cpu, int64_t at, const struct etl_event *event);
/* A SystemConfigEx event with the payload in `scene->payload`, which is emptied. */
size_t scene_system_config(struct scene *scene, uint16_t cpu, int64_t at, uint8_t opcode);
struct truth_packet *scene_note_packet(struct scene *scene, size_t record);

bool scene_finish(struct scene *scene);
/* After finishing, for scenes in memory: damage. */
void scene_cut(struct scene *scene, uint64_t size);
/* Overwrites bytes of one record; the truth forgets the record. */
void scene_spoil(struct scene *scene, size_t record, size_t offset, const void *bytes, size_t size);
bool scene_save(const struct scene *scene, const char *path);
bool scene_print_truth(const struct scene *scene, FILE *to);
void scene_done(struct scene *scene);

#endif
