/* SPDX-License-Identifier: MIT */
/*
 * json_writer.h - JSON as a stream of members, straight into an output buffer.
 *
 *     struct json_writer j = json_writer_of(text);
 *     json_begin_object(&j, NULL);
 *     json_u64(&j, "frame", 12);
 *     json_end_object(&j);
 *
 * Names are written as they are; string values are escaped, lone surrogates
 * (WTF-8) as \udXXX and other invalid UTF-8 as U+FFFD, so that the output is
 * always valid UTF-8.
 */
#ifndef PCAPOUT_JSON_WRITER_H
#define PCAPOUT_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "etw/base/text.h"

#define JSON_DEPTH 32

struct json_writer {
    struct text *to; /* borrowed */
    unsigned depth;
    bool has_members[JSON_DEPTH];
};

static inline struct json_writer json_writer_of(struct text *to)
{
    return (struct json_writer){.to = to};
}

/* `name` is NULL inside arrays and for the outermost value. */
void json_begin_object(struct json_writer *j, const char *name);
void json_end_object(struct json_writer *j);
void json_begin_array(struct json_writer *j, const char *name);
void json_end_array(struct json_writer *j);
void json_string(struct json_writer *j, const char *name, const char *value);
void json_u64(struct json_writer *j, const char *name, uint64_t value);
void json_i64(struct json_writer *j, const char *name, int64_t value);
void json_bool(struct json_writer *j, const char *name, bool value);
void json_null(struct json_writer *j, const char *name);
/* Already valid JSON. */
void json_raw(struct json_writer *j, const char *name, const char *value);

#endif
