/* SPDX-License-Identifier: MIT */
/*
 * record.h - one record of a trace: its header fields, whatever its kind, and
 * its payload bytes. What the payload means is event.h's matter.
 */
#ifndef ETW_RECORD_H
#define ETW_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/bytes.h"
#include "etw/base/guid.h"

/* The header kinds that occur in files, as their kind byte numbers them. */
enum record_kind {
    RECORD_SYSTEM32 = 1,
    RECORD_SYSTEM64 = 2,
    RECORD_COMPACT32 = 3,
    RECORD_COMPACT64 = 4,
    RECORD_FULL32 = 10,
    RECORD_INSTANCE32 = 11,
    RECORD_TIMED = 12,
    RECORD_ERROR = 13,
    RECORD_WNODE = 14,
    RECORD_MESSAGE = 15,
    RECORD_PERFINFO32 = 16,
    RECORD_PERFINFO64 = 17,
    RECORD_EVENT32 = 18,
    RECORD_EVENT64 = 19,
    RECORD_FULL64 = 20,
    RECORD_INSTANCE64 = 21,
    RECORD_ULONG32_TIME = 22, /* marker byte 0xB0; a number of our own */
    RECORD_KIND_COUNT
};

/* How the event identifies itself. */
enum record_class {
    RECORD_IS_KERNEL,   /* SYSTEM, COMPACT, PERFINFO: group and opcode; guid from the group */
    RECORD_IS_CLASSIC,  /* FULL, INSTANCE: class GUID, opcode, version */
    RECORD_IS_MANIFEST, /* EVENT: provider GUID, id, version; also TraceLogging */
    RECORD_IS_MESSAGE,  /* WPP: message GUID and number */
    RECORD_IS_UNKNOWN
};

#define RECORD_NO_ID UINT32_MAX /* a process or thread id that the record does not have */

struct etw_record {
    enum record_kind kind;
    enum record_class class_of;
    uint8_t pointer_size; /* of the payload: 4 or 8 */
    uint8_t opcode;       /* kernel, classic, manifest */
    uint8_t group;        /* kernel: hook = group << 8 | opcode */
    uint8_t level;
    uint8_t version; /* low 8 bits for classic and kernel */
    uint8_t channel;
    uint16_t id; /* manifest: event id; message: message number */
    uint16_t task;
    uint16_t flags; /* EVENT_HEADER Flags; WPP OptionFlags */
    uint16_t cpu;
    uint32_t process_id; /* as logged, never an owner; RECORD_NO_ID: none */
    uint32_t thread_id;
    uint64_t keywords;
    int64_t ticks;           /* raw clock value */
    int64_t time;            /* 100 ns since 1601-01-01 UTC */
    const uint8_t *provider; /* 16 bytes, borrowed with the record; NULL: none */
    struct bytes extended;   /* extended items as stored; empty when there are none */
    struct bytes payload;
    uint32_t size; /* of the record as stored, header included, padding not */
    /* Where it stands: offset of its buffer in the file plus its position in the
     * buffer. In compressed buffers the position is that of the unpacked buffer.
     * In a trace of several files the number of the file is part of it. */
    uint64_t offset;
};

/* A place in a trace: the offset in the file, and above it the number of the file, from 1; a
 * trace of one file has number 0, so that its places are plain offsets. 56 bits in all. */
#define ETW_FILE_SHIFT    45
#define ETW_FILES_MAXIMUM 2047

static inline uint64_t etw_place_make(unsigned file, uint64_t offset)
{
    return (uint64_t)file << ETW_FILE_SHIFT | offset;
}

static inline unsigned etw_place_file(uint64_t place)
{
    return (unsigned)(place >> ETW_FILE_SHIFT) & ETW_FILES_MAXIMUM;
}

static inline uint64_t etw_place_offset(uint64_t place)
{
    return place & ((UINT64_C(1) << ETW_FILE_SHIFT) - 1);
}

/* TraceLogging events say so by their channel. [measured: every one of 14,000] */
#define RECORD_CHANNEL_TRACELOGGING 11

static inline bool record_is_tracelogging(const struct etw_record *record)
{
    return record->class_of == RECORD_IS_MANIFEST && record->channel == RECORD_CHANNEL_TRACELOGGING;
}

const char *record_kind_name(enum record_kind kind);

#endif
