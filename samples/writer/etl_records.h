/* SPDX-License-Identifier: MIT */
/*
 * etl_records.h - encodes one record of each kind that an ETL buffer can hold.
 *
 * Every function appends one record to `out`, without the padding to 8 bytes that
 * etl_writer_add() makes. Layouts: evntrace.h, evntcons.h, ntwmi.h of phnt.
 */
#ifndef SAMPLES_WRITER_ETL_RECORDS_H
#define SAMPLES_WRITER_ETL_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte_block.h"

/* SYSTEM32/64 and, without the two processor times, COMPACT32/64. */
struct etl_system {
    unsigned pointer_size; /* 4 or 8 chooses the kind */
    bool is_compact;
    uint16_t version;
    uint16_t hook; /* group in the high byte, opcode in the low one */
    uint32_t thread_id, process_id;
    int64_t ticks;
    const void *payload;
    size_t payload_size;
};
void etl_record_system(struct byte_block *out, const struct etl_system *record);

/* PERFINFO32/64: a time stamp and nothing else. */
struct etl_perfinfo {
    unsigned pointer_size;
    uint8_t version;
    uint16_t hook;
    int64_t ticks;
    bool has_pebs;          /* a u64 before the payload: bit 15 of the version field */
    unsigned counter_count; /* 0 to 7 u64 before the payload: bits 8..10 */
    const void *payload;
    size_t payload_size;
};
void etl_record_perfinfo(struct byte_block *out, const struct etl_perfinfo *record);

/* FULL32/64 and INSTANCE32/64: events with a class GUID. */
struct etl_classic {
    unsigned pointer_size;
    bool is_instance;
    uint8_t opcode, level;
    uint16_t version;
    uint32_t thread_id, process_id;
    int64_t ticks;
    const struct etl_guid *class_guid;
    uint32_t kernel_time, user_time;
    uint32_t instance, parent_instance; /* is_instance */
    const struct etl_guid *parent_guid; /* is_instance */
    const void *payload;
    size_t payload_size;
};
void etl_record_classic(struct byte_block *out, const struct etl_classic *record);

/* One extended item of an event. Whether another one follows is worked out here. */
struct etl_item {
    uint16_t type;
    const void *data;
    size_t size;
};

/* EVENT_HEADER32/64: manifest and TraceLogging events. */
struct etl_event {
    unsigned pointer_size;
    uint16_t flags; /* EXTENDED_INFO is added when there are items */
    uint16_t property;
    uint32_t thread_id, process_id;
    int64_t ticks;
    const struct etl_guid *provider;
    uint16_t id;
    uint8_t version, channel, level, opcode;
    uint16_t task;
    uint64_t keyword;
    uint32_t kernel_time, user_time;
    const struct etl_guid *activity; /* NULL: zeros */
    const struct etl_item *items;
    size_t item_count;
    const void *payload;
    size_t payload_size;
};
void etl_record_event(struct byte_block *out, const struct etl_event *record);

/* WPP message. Parts stand in it when their flag is set. */
enum etl_message_flag {
    ETL_MESSAGE_SEQUENCE = 0x01,
    ETL_MESSAGE_GUID = 0x02,
    ETL_MESSAGE_COMPONENT = 0x04, /* replaces the GUID */
    ETL_MESSAGE_TIME_STAMP = 0x08,
    ETL_MESSAGE_PERFORMANCE_TIME_STAMP = 0x10,
    ETL_MESSAGE_SYSTEM_INFO = 0x20,
    ETL_MESSAGE_POINTER32 = 0x40,
    ETL_MESSAGE_POINTER64 = 0x80
};
struct etl_message {
    uint16_t number, flags;
    uint32_t sequence, component;
    const struct etl_guid *guid;
    int64_t ticks;
    uint32_t thread_id, process_id;
    const void *arguments;
    size_t argument_size;
};
void etl_record_message(struct byte_block *out, const struct etl_message *record);

/* Kinds 12 to 14 (TIMED, ERROR, WNODE): size, kind, 0xC0, then `size` given bytes. */
void etl_record_old_kind(struct byte_block *out, unsigned kind, const void *rest, size_t size);
/* The legacy form with 0xB0 in the fourth byte. */
void etl_record_legacy(struct byte_block *out, const void *rest, size_t size);

#endif
