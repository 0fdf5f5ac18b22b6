/* SPDX-License-Identifier: MIT */
#include "correlate/judge.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/end_pairs.h"
#include "correlate/judge_observations.h"
#include "correlate/judge_rules.h"
#include "etw/base/array.h"

#define IP_TCP 6

/* Ends that packets show and no socket has. */
struct orphan {
    struct corr_endpoint local, remote;
    int64_t first, last;
    struct judge_observation seen;
};

struct corr_judge {
    const struct corr_ledger *ledger;  /* borrowed */
    const struct corr_socket *sockets; /* borrowed */
    size_t socket_count;
    uint32_t *places; /* by row of the ledger: place in `seen` + 1; 0: nothing was seen */
    struct judge_observation *seen;
    size_t seen_count, seen_capacity;
    struct judge_troubles troubles;
    struct orphan *orphans;
    size_t orphan_count, orphan_capacity;
    struct end_pairs orphan_ends; /* of the same numbers */
    int64_t end;
};

enum etw_status corr_judge_new(const struct corr_ledger *ledger, struct corr_judge **out,
                               struct etw_error *error)
{
    struct corr_judge *judge = calloc(1, sizeof(*judge));
    if (!judge) {
        return etw_fail_memory(error, "the judgements");
    }
    judge->ledger = ledger;
    judge->end = JUDGE_NEVER;
    judge->socket_count = corr_ledger_sockets(ledger, &judge->sockets);
    judge->places = calloc(judge->socket_count + 1, sizeof(*judge->places));
    if (!judge->places) {
        corr_judge_free(judge);
        return etw_fail_memory(error, "the judgements");
    }
    *out = judge;
    return ETW_OK;
}

void corr_judge_free(struct corr_judge *judge)
{
    if (judge) {
        free(judge->places);
        free(judge->seen);
        free(judge->troubles.rows);
        free(judge->orphans);
        end_pairs_done(&judge->orphan_ends);
        free(judge);
    }
}

/* ---- whom it is about ---- */

static struct judge_observation *observation_of(struct corr_judge *judge, uint32_t socket)
{
    uint32_t place = judge->places[socket];
    if (place > 0) {
        return &judge->seen[place - 1];
    }
    void *rows = judge->seen;
    if (!array_grow(&rows, &judge->seen_capacity, judge->seen_count + 1, sizeof(*judge->seen))) {
        return NULL;
    }
    judge->seen = rows;
    judge->seen[judge->seen_count] = judge_nothing;
    judge->places[socket] = (uint32_t)++judge->seen_count;
    return &judge->seen[judge->seen_count - 1];
}

/* Of a packet that has no socket; NULL also when it is not one to judge, or there are too many. */
static enum etw_status orphan_of(struct corr_judge *judge, const struct corr_packet *packet,
                                 struct orphan **out, struct etw_error *error)
{
    uint32_t number = END_PAIRS_NONE;
    void *rows = judge->orphans;
    *out = NULL;
    if (!end_pairs_take(&judge->orphan_ends, packet, CORR_JUDGE_ORPHANS, &number) ||
        !array_grow(&rows, &judge->orphan_capacity, judge->orphan_ends.count,
                    sizeof(*judge->orphans))) {
        return etw_fail_memory(error, "the judgements");
    }
    judge->orphans = rows;
    if (number == END_PAIRS_NONE) {
        return ETW_OK;
    }
    *out = &judge->orphans[number];
    if (number == judge->orphan_count) {
        const struct end_pair *ends = &judge->orphan_ends.pairs[number];
        **out = (struct orphan){.local = ends->local,
                                .remote = ends->remote,
                                .first = packet->time,
                                .last = packet->time,
                                .seen = judge_nothing};
        judge->orphan_count++;
    }
    return ETW_OK;
}

/* ---- taking things in ---- */

static enum etw_status end_of_taking(const struct corr_judge *judge, struct etw_error *error)
{
    return judge->troubles.has_failed ? etw_fail_memory(error, "the judgements") : ETW_OK;
}

enum etw_status corr_judge_event(struct corr_judge *judge, const struct etw_event *event,
                                 uint32_t socket, struct etw_error *error)
{
    int64_t time = event->record->time;
    judge->end = time > judge->end ? time : judge->end;
    if (event->kind != ETW_EVENT_SOCKET || socket >= judge->socket_count) {
        return ETW_OK;
    }
    struct judge_scene scene = {observation_of(judge, socket), &judge->troubles,
                                &judge->sockets[socket], time};
    if (!scene.observation) {
        return etw_fail_memory(error, "the judgements");
    }
    judge_take_event(&scene, event);
    return end_of_taking(judge, error);
}

enum etw_status corr_judge_packet(struct corr_judge *judge, const struct corr_packet *packet,
                                  struct etw_error *error)
{
    uint32_t socket = packet->verdict.socket;
    bool is_inbound = packet->verdict.is_inbound;
    struct judge_scene scene = {NULL, &judge->troubles, NULL, packet->time};
    judge->end = packet->time > judge->end ? packet->time : judge->end;
    if (!packet->layers.has_tcp) {
        return ETW_OK;
    }
    if (socket < judge->socket_count) {
        scene.observation = observation_of(judge, socket);
        if (!scene.observation) {
            return etw_fail_memory(error, "the judgements");
        }
    } else {
        struct orphan *orphan = NULL;
        enum etw_status status = orphan_of(judge, packet, &orphan, error);
        if (status || !orphan) {
            return status;
        }
        orphan->last = packet->time;
        is_inbound = packet->direction == ETW_DIRECTION_IN;
        scene.observation = &orphan->seen;
    }
    judge_take_packet(&scene, packet, is_inbound);
    return end_of_taking(judge, error);
}

/* ---- judging ---- */

static size_t list(const struct judge_case *of, struct corr_judgement *judgements)
{
    size_t count = 0;
    bool has_end = false;
    for (size_t i = 0; i < CORR_JUDGE_COUNT; i++) {
        const struct judge_rule_row *row = &judge_rules[i];
        bool is_ending = i <= CORR_JUDGE_STILL_OPEN;
        if (is_ending && has_end) {
            continue;
        }
        struct corr_judgement *judgement = &judgements[count];
        *judgement = (struct corr_judgement){.is_trouble = true};
        if (row->applies(of, judgement)) {
            judgement->rule = row->rule;
            has_end = has_end || is_ending;
            count++;
        }
    }
    return count;
}

static uint8_t severity_of(const struct judge_case *of)
{
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    size_t count = list(of, judgements);
    uint8_t worst = JUDGE_NOTHING;
    for (size_t i = 0; i < count; i++) {
        uint8_t severity = judge_rules[judgements[i].rule].severity;
        worst = judgements[i].is_trouble && severity > worst ? severity : worst;
    }
    return worst;
}

static const struct judge_trouble *trouble_of(const struct corr_judge *judge,
                                              const struct judge_observation *seen)
{
    return seen->trouble ? &judge->troubles.rows[seen->trouble - 1] : NULL;
}

static struct judge_case case_of(const struct corr_judge *judge, uint32_t socket)
{
    uint32_t place = judge->places[socket];
    const struct judge_observation *seen = place ? &judge->seen[place - 1] : &judge_nothing;
    return (struct judge_case){.seen = seen,
                               .trouble = trouble_of(judge, seen),
                               .socket = &judge->sockets[socket],
                               .end = judge->end};
}

/* Packets of one pair of ends may be those of several connections, of which the last counts. */
static struct judge_case case_of_orphan(const struct corr_judge *judge, const struct orphan *orphan,
                                        struct corr_socket *socket)
{
    const struct judge_observation *seen = &orphan->seen;
    *socket =
        (struct corr_socket){.local = orphan->local,
                             .remote = orphan->remote,
                             .opened = seen->syn_count ? orphan->first : CORR_ALWAYS,
                             .closed = CORR_NEVER,
                             .process = CORR_NO_ROW,
                             .protocol = IP_TCP,
                             .role = judge_has(seen, JUDGE_IS_SERVER) ? CORR_SERVER : CORR_CLIENT,
                             .first_state = CORR_STATE_COUNT};
    bool is_missing = corr_ledger_is_missing(judge->ledger, IP_TCP, &orphan->local, &orphan->remote,
                                             orphan->last);
    return (struct judge_case){.seen = seen,
                               .trouble = trouble_of(judge, seen),
                               .socket = socket,
                               .is_orphan = true,
                               .is_missing = is_missing,
                               .end = judge->end};
}

void corr_judge_finish(struct corr_judge *judge)
{
    struct judge_scene scene = {NULL, &judge->troubles, NULL, judge->end};
    for (size_t i = 0; i < judge->seen_count; i++) {
        scene.observation = &judge->seen[i];
        judge_take_end(&scene);
    }
    for (size_t i = 0; i < judge->orphan_count; i++) {
        scene.observation = &judge->orphans[i].seen;
        judge_take_end(&scene);
    }
    for (uint32_t socket = 0; socket < judge->socket_count; socket++) {
        if (judge->places[socket]) {
            const struct judge_case of = case_of(judge, socket);
            judge->seen[judge->places[socket] - 1].severity = severity_of(&of);
        }
    }
}

size_t corr_judge_list(const struct corr_judge *judge, uint32_t socket,
                       struct corr_judgement judgements[CORR_JUDGE_COUNT])
{
    if (socket >= judge->socket_count) {
        return 0;
    }
    const struct judge_case of = case_of(judge, socket);
    return list(&of, judgements);
}

size_t corr_judge_orphans(const struct corr_judge *judge)
{
    return judge->orphan_count;
}

size_t corr_judge_orphan(const struct corr_judge *judge, size_t index, struct corr_socket *socket,
                         struct corr_judgement judgements[CORR_JUDGE_COUNT])
{
    const struct orphan *orphan = &judge->orphans[index];
    const struct judge_case of = case_of_orphan(judge, orphan, socket);
    size_t count = list(&of, judgements);
    socket->closed = orphan->last;
    return count;
}

uint32_t corr_judge_severity(const struct corr_judge *judge, uint32_t socket)
{
    uint32_t place = socket < judge->socket_count ? judge->places[socket] : 0;
    return place ? judge->seen[place - 1].severity : JUDGE_NOTHING;
}

const char *corr_judgement_severity(enum corr_judgement_rule rule)
{
    static const char *const names[] = {[JUDGE_NOTHING] = "",
                                        [JUDGE_AGAIN] = "repeated",
                                        [JUDGE_SLOW] = "slow",
                                        [JUDGE_LOST] = "failed"};
    return rule < CORR_JUDGE_COUNT ? names[judge_rules[rule].severity] : "";
}

const char *corr_judgement_name(enum corr_judgement_rule rule)
{
    return rule < CORR_JUDGE_COUNT ? judge_rules[rule].name : "";
}
