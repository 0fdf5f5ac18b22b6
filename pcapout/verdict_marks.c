/* SPDX-License-Identifier: MIT */
#include "pcapout/verdict_marks.h"

#include <stdlib.h>

#include "etw/base/array.h"

struct mark {
    uint64_t frame;
    uint32_t socket; /* orders the marks of one packet */
    uint32_t rule;
};

struct out_verdict_marks {
    struct mark *marks; /* by frame */
    size_t count, capacity;
    size_t next; /* the first that is not of an earlier packet than the last one asked for */
};

static int compare_marks(const void *a, const void *b)
{
    const struct mark *left = a;
    const struct mark *right = b;
    if (left->frame != right->frame) {
        return left->frame < right->frame ? -1 : 1;
    }
    if (left->socket != right->socket) {
        return left->socket < right->socket ? -1 : 1;
    }
    return (left->rule > right->rule) - (left->rule < right->rule);
}

/* How a story ended is a verdict; what else is said only counts as a mark when it is trouble. */
static bool is_end(enum corr_judgement_rule rule)
{
    return rule < CORR_JUDGE_STILL_OPEN;
}

static bool add_marks(struct out_verdict_marks *marks, uint32_t socket,
                      const struct corr_judgement *judgements, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct corr_judgement *judgement = &judgements[i];
        if (judgement->frame == 0 || (!is_end(judgement->rule) && !judgement->is_trouble)) {
            continue;
        }
        void *grown = marks->marks;
        if (!array_grow(&grown, &marks->capacity, marks->count + 1, sizeof(*marks->marks))) {
            return false;
        }
        marks->marks = grown;
        marks->marks[marks->count++] = (struct mark){
            .frame = judgement->frame, .socket = socket, .rule = (uint32_t)judgement->rule};
    }
    return true;
}

static bool collect(struct out_verdict_marks *marks, const struct corr_ledger *ledger,
                    const struct corr_judge *judge)
{
    struct corr_judgement judgements[CORR_JUDGE_COUNT];
    const struct corr_socket *sockets = NULL;
    size_t count = corr_ledger_sockets(ledger, &sockets);
    bool is_done = true;
    for (uint32_t row = 0; row < count && is_done; row++) {
        bool is_hidden = (sockets[row].flags & CORR_SOCKET_HIDDEN) != 0;
        size_t judged = is_hidden ? 0 : corr_judge_list(judge, row, judgements);
        is_done = add_marks(marks, row, judgements, judged);
    }
    size_t orphans = corr_judge_orphans(judge);
    for (size_t i = 0; i < orphans && is_done; i++) {
        struct corr_socket ends;
        size_t judged = corr_judge_orphan(judge, i, &ends, judgements);
        is_done = add_marks(marks, CORR_NO_ROW, judgements, judged);
    }
    return is_done;
}

enum etw_status out_verdict_marks_new(const struct corr_ledger *ledger,
                                      const struct corr_judge *judge,
                                      struct out_verdict_marks **out, struct etw_error *error)
{
    struct out_verdict_marks *marks = calloc(1, sizeof(*marks));
    if (!marks || !collect(marks, ledger, judge)) {
        out_verdict_marks_free(marks);
        return etw_fail_memory(error, "the verdicts of packets");
    }
    if (marks->count > 0) {
        qsort(marks->marks, marks->count, sizeof(*marks->marks), compare_marks);
    }
    *out = marks;
    return ETW_OK;
}

void out_verdict_marks_free(struct out_verdict_marks *marks)
{
    if (marks) {
        free(marks->marks);
        free(marks);
    }
}

bool out_verdict_marks_add(struct out_verdict_marks *marks, uint64_t frame, struct text *to)
{
    while (marks->next < marks->count && marks->marks[marks->next].frame < frame) {
        marks->next++;
    }
    size_t at = marks->next;
    for (; at < marks->count && marks->marks[at].frame == frame; at++) {
        enum corr_judgement_rule rule = (enum corr_judgement_rule)marks->marks[at].rule;
        text_add(to, is_end(rule) ? " verdict=" : " note=");
        text_add(to, corr_judgement_name(rule));
    }
    return at > marks->next;
}
