/* SPDX-License-Identifier: MIT */
#include "pcapout/owner_comments.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/hash_index.h"
#include "etw/base/text.h"
#include "pcapout/escape.h"
#include "pcapout/http_rows.h"
#include "pcapout/owners.h"

/* Packets come in runs of few connections: a small table, one place per key, is enough. */
#define PLACE_COUNT 1024u
/* Names of processes in comments; their real lengths are below 100. */

/* What the text depends on. No padding: it is compared and hashed as bytes. */
struct comment_key {
    uint32_t socket, process;
    uint32_t asked_by; /* row of the process that the packet alone is for; CORR_NO_ROW */
    uint8_t rule, confidence, reason, state;
};

#define STATE_UNKNOWN UINT8_MAX

struct place {
    struct comment_key key;
    struct text text;
};

struct owner_comments {
    const struct corr_ledger *ledger; /* borrowed */
    struct text chain;                /* scratch */
    const struct place *last;         /* that of the packet before; NULL: none */
    struct place places[PLACE_COUNT];
};

enum etw_status owner_comments_new(const struct corr_ledger *ledger, struct owner_comments **out,
                                   struct etw_error *error)
{
    struct owner_comments *comments = calloc(1, sizeof(*comments));
    if (!comments) {
        return etw_fail_memory(error, "the comments of packets");
    }
    comments->ledger = ledger;
    *out = comments;
    return ETW_OK;
}

void owner_comments_free(struct owner_comments *comments)
{
    if (comments) {
        for (size_t i = 0; i < PLACE_COUNT; i++) {
            text_done(&comments->places[i].text);
        }
        text_done(&comments->chain);
        free(comments);
    }
}

bool owner_comments_failed(const struct owner_comments *comments)
{
    for (size_t i = 0; i < PLACE_COUNT; i++) {
        if (comments->places[i].text.failed) {
            return true;
        }
    }
    return comments->chain.failed;
}

static void add_owner(struct owner_comments *comments, const struct corr_packet *packet,
                      const struct corr_socket *socket, struct text *to)
{
    const struct corr_process *process = out_owner_of(comments->ledger, &packet->verdict);
    text_add(to, " pid=");
    text_add_u64(to, process->pid);
    if (process->name[0]) {
        out_add_comment_value(to, " proc=", process->name);
    }
    text_add(to, " conf=");
    text_add(to, corr_confidence_name((enum corr_confidence)packet->verdict.confidence));
    text_clear(&comments->chain);
    out_add_packet_chain(&comments->chain, &packet->verdict, socket, process);
    out_add_comment_value(to, " via=", text_get(&comments->chain));
}

/* Whom the owner answers or asks for, and which host the connection is to. */
static void add_http(const struct owner_comments *comments, const struct corr_packet *packet,
                     struct text *to)
{
    const struct corr_http *http = corr_ledger_http(comments->ledger, packet->verdict.socket);
    const struct corr_behalf *behalf = out_behalf_of(comments->ledger, packet);
    if (behalf) {
        const struct corr_processes *processes = corr_ledger_processes(comments->ledger);
        const struct corr_process *process = corr_processes_get(processes, behalf->process);
        text_add(to, " for_pid=");
        text_add_u64(to, process->pid);
        if (process->name[0]) {
            out_add_comment_value(to, " for_proc=", process->name);
        }
    }
    if (http && http->host[0]) {
        out_add_comment_value(to, " host=", http->host);
    }
}

static void fill(struct owner_comments *comments, const struct corr_packet *packet, uint8_t state,
                 struct text *to)
{
    const struct corr_socket *socket = out_socket_of(comments->ledger, &packet->verdict);
    text_clear(to);
    if (packet->verdict.process != CORR_NO_ROW) {
        add_owner(comments, packet, socket, to);
    }
    if (state != STATE_UNKNOWN) {
        text_add(to, " state=");
        text_add(to, out_state_name((enum corr_tcp_state)state));
    }
    if (socket && socket->id > 0) {
        text_add(to, " conn=");
        text_add_u64(to, socket->id);
    }
    if (socket) {
        add_http(comments, packet, to);
    }
    if (packet->verdict.reason != CORR_OWNED) {
        text_add(to, " reason=");
        text_add(to, corr_no_owner_name((enum corr_no_owner)packet->verdict.reason));
    }
}

static uint8_t state_of(const struct owner_comments *comments, const struct corr_packet *packet)
{
    enum corr_tcp_state state;
    bool is_known =
        comments->ledger && packet->verdict.socket != CORR_NO_ROW &&
        corr_ledger_state_at(comments->ledger, packet->verdict.socket, packet->time, &state);
    return is_known ? (uint8_t)state : STATE_UNKNOWN;
}

struct bytes owner_comments_get(struct owner_comments *comments, const struct corr_packet *packet)
{
    const struct corr_verdict *verdict = &packet->verdict;
    const struct corr_behalf *behalf = packet->behalf;
    const struct comment_key key = {.socket = verdict->socket,
                                    .process = verdict->process,
                                    .asked_by = behalf ? behalf->process : CORR_NO_ROW,
                                    .rule = verdict->rule,
                                    .confidence = verdict->confidence,
                                    .reason = verdict->reason,
                                    .state = state_of(comments, packet)};
    if (comments->last && memcmp(&comments->last->key, &key, sizeof(key)) == 0) {
        return bytes_of(comments->last->text.data, comments->last->text.size);
    }
    struct place *place = &comments->places[hash_bytes(&key, sizeof(key)) % PLACE_COUNT];
    if (place->text.size == 0 || memcmp(&place->key, &key, sizeof(key)) != 0) {
        place->key = key;
        fill(comments, packet, key.state, &place->text);
    }
    comments->last = place->text.size > 0 ? place : NULL;
    return bytes_of(text_get(&place->text), place->text.size);
}
