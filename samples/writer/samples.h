/* SPDX-License-Identifier: MIT */
/*
 * samples.h - the traces that etwtrail-samples can make, and the made-up machines in
 * them. Addresses are those reserved for documentation (RFC 5737, RFC 3849), hardware
 * addresses are locally administered.
 */
#ifndef SAMPLES_WRITER_SAMPLES_H
#define SAMPLES_WRITER_SAMPLES_H

#include "frames.h"
#include "scene.h"

extern const struct endpoint host;    /* 192.0.2.10, 2001:db8::10, port 49731: recorded the trace */
extern const struct endpoint gateway; /* 192.0.2.1, 2001:db8::1 */
/* 198.51.100.20, 2001:db8:0:1::20, port 80; behind the gateway, so with its hardware address. */
extern const struct endpoint server;

enum { ETHERNET_INTERFACE = 5, WIFI_INTERFACE = 7, WWAN_INTERFACE = 9 };

/* Scenes: everything between scene_open() and scene_finish(). */
void sample_session(struct scene *scene);
void sample_pktmon(struct scene *scene);
void sample_wifi(struct scene *scene);
void sample_vmswitch(struct scene *scene);
void sample_ras(struct scene *scene);
void sample_mixed(struct scene *scene);
void sample_offload(struct scene *scene); /* with the options of sample_pktmon */
void sample_wfp(struct scene *scene);     /* with those of sample_session */
struct etl_options sample_session_options(void);
struct etl_options sample_kinds_options(void);
struct etl_options sample_pktmon_options(void);

/* The rows of all interfaces and the build, as merging adds them. */
void sample_interfaces(struct scene *scene, uint16_t cpu, int64_t at);

/* A large trace straight to a file. */
struct big_options {
    uint64_t bytes;    /* of the file, about */
    size_t frame_size; /* of every packet */
    uint16_t cpu_count;
    size_t record_size; /* not 0: events that are no packets, of this size */
    bool is_compressed;
    bool has_events; /* socket events instead of packets */
    bool has_owner;  /* an event names the process that owns all packets */
};
/* The event at the start of a session that lists the connection from host to server, of process
 * 4120; its ticks are not set. */
bool sample_rundown_record(struct byte_block *record);
bool sample_events(const char *path, const struct big_options *options, FILE *truth);
bool sample_big(const char *path, const struct big_options *options, FILE *truth);

/* One small file for each odd form. */
struct variant {
    const char *name, *about;
    void (*options)(struct etl_options *options); /* NULL: scene_options() as they are */
    void (*make)(struct scene *scene);
    void (*damage)(struct scene *scene); /* after finishing; NULL: none */
};
struct variant_list {
    const struct variant *rows;
    size_t count;
};
extern const struct variant_list variants_of_files, variants_of_records, variants_of_packets,
    variants_of_monitor, variants_of_kinds, variants_of_diagnoses;
const struct variant *variant_find(const char *name);

/* Small parts that the variants share. */
/* UDP over IPv4 with Ethernet header and `size` bytes of data, into `scene->frame`. */
void make_udp_frame(struct scene *scene, bool is_out, uint16_t number, size_t size);
/* `count` such packets of the NDIS capture, `step` apart, on the CPUs in turn. */
void add_packets(struct scene *scene, unsigned count, int64_t start, int64_t step);
/* A plain event of a provider that nobody knows, with `size` bytes of payload. */
size_t add_plain_event(struct scene *scene, uint16_t cpu, int64_t at, size_t size);

#endif
