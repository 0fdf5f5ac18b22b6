/* SPDX-License-Identifier: MIT */
/*
 * smb_story.h - a sample read for its SMB events: its messages and conditions, copied.
 */
#ifndef TESTS_UNIT_SMB_STORY_H
#define TESTS_UNIT_SMB_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/smb_events.h"
#include "etw/trace.h"

#define TEXT_MAXIMUM 64
#define MOST         512

/* A copy of what is borrowed; texts with their low bytes. */
struct message {
    struct corr_smb_message from;
    char share[TEXT_MAXIMUM], file[TEXT_MAXIMUM], user[TEXT_MAXIMUM];
};

struct condition {
    struct corr_smb_condition from;
    char server[TEXT_MAXIMUM], share[TEXT_MAXIMUM], file[TEXT_MAXIMUM], user[TEXT_MAXIMUM];
};

struct told {
    struct message messages[MOST];
    struct condition conditions[MOST];
    size_t message_count, condition_count, bytes_count;
    struct corr_smb_bytes bytes[8];
    uint8_t first[8][68]; /* header of each, and four bytes behind it */
    struct corr_smb_event_counts counts;
    struct corr_ledger *ledger;
};

static inline void copy_text(char *to, const struct bytes *text)
{
    size_t count = text->size / 2 < TEXT_MAXIMUM - 1 ? text->size / 2 : TEXT_MAXIMUM - 1;
    for (size_t i = 0; i < count; i++) {
        to[i] = (char)text->data[2 * i];
    }
    to[count] = '\0';
}

static inline bool take_message(void *context, const struct corr_smb_message *message)
{
    struct told *told = context;
    assert_true(told->message_count < MOST);
    struct message *to = &told->messages[told->message_count++];
    to->from = *message;
    copy_text(to->share, &message->share);
    copy_text(to->file, &message->file);
    copy_text(to->user, &message->user);
    return true;
}

static inline bool take_condition(void *context, const struct corr_smb_condition *condition)
{
    struct told *told = context;
    assert_true(told->condition_count < MOST);
    struct condition *to = &told->conditions[told->condition_count++];
    to->from = *condition;
    copy_text(to->server, &condition->server);
    copy_text(to->share, &condition->share);
    copy_text(to->file, &condition->file);
    copy_text(to->user, &condition->user);
    return true;
}

static inline bool take_bytes(void *context, const struct corr_smb_bytes *bytes, bool is_whole)
{
    struct told *told = context;
    if (!is_whole) {
        return true;
    }
    assert_true(told->bytes_count < 8);
    size_t size = bytes->data.size < 68 ? bytes->data.size : 68;
    memcpy(told->first[told->bytes_count], bytes->data.data, size);
    told->bytes[told->bytes_count++] = *bytes;
    return true;
}

static inline void learn(struct etw_trace *trace, struct told *told)
{
    const struct corr_ledger_options options = {.has_socket_events = true};
    struct etw_event event;
    assert_int_equal(corr_ledger_new(&options, &told->ledger, NULL), ETW_OK);
    while (etw_trace_next(trace, &event, NULL) == ETW_OK) {
        assert_int_equal(corr_ledger_learn(told->ledger, &event, NULL), ETW_OK);
    }
    assert_int_equal(corr_ledger_finish(told->ledger, NULL), ETW_OK);
}

static inline void feed(struct etw_trace *trace, struct told *told, enum etw_smb_what without)
{
    const struct corr_smb_event_sinks sinks = {take_message, take_condition, take_bytes, told};
    struct corr_smb_events *smb = NULL;
    struct etw_event event;
    assert_int_equal(corr_smb_events_new(told->ledger, &sinks, &smb, NULL), ETW_OK);
    while (etw_trace_next(trace, &event, NULL) == ETW_OK) {
        bool is_smb =
            event.kind == ETW_EVENT_SOCKET && (event.u.socket.layer == ETW_LAYER_SMB_CLIENT ||
                                               event.u.socket.layer == ETW_LAYER_SMB_SERVER);
        if (!is_smb || event.u.smb.what != without) {
            assert_int_equal(corr_smb_events_feed(smb, &event, NULL), ETW_OK);
        }
    }
    assert_int_equal(corr_smb_events_finish(smb, NULL), ETW_OK);
    corr_smb_events_get_counts(smb, &told->counts);
    corr_smb_events_free(smb);
}

/* `without`: events that tell this are left out; ETW_SMB_WHAT_COUNT: none. */
static inline struct told *read_sample_without(const char *name, enum etw_smb_what without)
{
    char path[1024];
    struct etw_trace *trace = NULL;
    struct told *told = calloc(1, sizeof(*told));
    assert_non_null(told);
    (void)snprintf(path, sizeof(path), "%s/%s.etl", SAMPLES, name);
    assert_int_equal(etw_trace_open(path, NULL, &trace, NULL), ETW_OK);
    assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
    learn(trace, told);
    assert_int_equal(etw_trace_rewind(trace, NULL), ETW_OK);
    feed(trace, told, without);
    etw_trace_close(trace);
    return told;
}

static inline struct told *read_sample(const char *name)
{
    return read_sample_without(name, ETW_SMB_WHAT_COUNT);
}

static inline void forget(struct told *told)
{
    corr_ledger_free(told->ledger);
    free(told);
}

static inline const struct corr_socket *socket_of(const struct told *told, uint32_t row)
{
    const struct corr_socket *rows = NULL;
    assert_true(row < corr_ledger_sockets(told->ledger, &rows));
    return &rows[row];
}

static inline bool is_response(const struct message *message)
{
    return message->from.has & CORR_SMB_IS_RESPONSE;
}

static inline const struct condition *find_condition(const struct told *told,
                                                     enum corr_smb_condition_kind kind)
{
    for (size_t i = 0; i < told->condition_count; i++) {
        if (told->conditions[i].from.kind == kind) {
            return &told->conditions[i];
        }
    }
    fail_msg("no condition %s", corr_smb_condition_name(kind));
    return NULL;
}

#endif
