/* SPDX-License-Identifier: MIT */
/*
 * socket_owners.c - which process owns a row, and the evidence for it.
 *
 * A wrong owner is worse than none: pids that contradict each other leave the row
 * without one for good, except that the caller of an event, which is the only thing
 * the record header knows, gives way to whatever a payload or a pointer says.
 */
#include "correlate/socket_rows.h"

/* ---- evidence: strongest first, each rule once ---- */

/* Keeps the first record of a rule. The weakest one falls off when there are too many. */
static void add_evidence(struct corr_socket *socket, enum corr_rule rule, uint64_t offset)
{
    corr_evidence carried = corr_evidence_make(rule, offset);
    for (size_t i = 0; i < CORR_EVIDENCE_MAXIMUM && carried; i++) {
        corr_evidence here = socket->evidence[i];
        if (here && corr_evidence_rule(here) == corr_evidence_rule(carried)) {
            return;
        }
        if (!here || corr_evidence_rule(carried) < corr_evidence_rule(here)) {
            socket->evidence[i] = carried;
            carried = here;
        }
    }
}

static void drop_evidence(struct corr_socket *socket, enum corr_rule rule)
{
    size_t kept = 0;
    for (size_t i = 0; i < CORR_EVIDENCE_MAXIMUM; i++) {
        corr_evidence here = socket->evidence[i];
        if (corr_evidence_rule(here) != rule) {
            socket->evidence[kept++] = here;
        }
    }
    while (kept < CORR_EVIDENCE_MAXIMUM) {
        socket->evidence[kept++] = 0;
    }
}

static bool has_evidence(const struct corr_socket *socket, enum corr_rule rule)
{
    for (size_t i = 0; i < CORR_EVIDENCE_MAXIMUM; i++) {
        if (corr_evidence_rule(socket->evidence[i]) == rule) {
            return true;
        }
    }
    return false;
}

static uint64_t offset_of_rule(const struct corr_socket *socket, enum corr_rule rule)
{
    for (size_t i = 0; i < CORR_EVIDENCE_MAXIMUM; i++) {
        if (corr_evidence_rule(socket->evidence[i]) == rule) {
            return corr_evidence_offset(socket->evidence[i]);
        }
    }
    return 0;
}

void socket_table_note(struct socket_table *table, uint32_t row, enum corr_rule rule,
                       uint64_t offset)
{
    struct socket_row *found = socket_row_find(table, row);
    if (found) {
        add_evidence(&found->shown, rule, offset);
    }
}

/* ---- owners ---- */

static bool is_contradicted(const struct socket_row *row)
{
    return (row->shown.flags & CORR_SOCKET_CONTRADICTED) != 0;
}

/* Takes the place of the weakest evidence if it must: nothing else explains the missing owner. */
static void contradict(struct socket_table *table, struct socket_row *row, uint64_t offset)
{
    corr_evidence *last = &row->shown.evidence[CORR_EVIDENCE_MAXIMUM - 1];
    *last = 0;
    add_evidence(&row->shown, CORR_RULE_CONTRADICTION, offset);
    row->shown.flags |= CORR_SOCKET_CONTRADICTED;
    row->owner = (struct socket_owner){.pid = 0};
    table->contradictions++;
}

/* With a pid that was given away again, the start key tells the two processes apart. */
static bool is_same_process(const struct socket_owner *owner, uint32_t pid, uint64_t start_key)
{
    return owner->pid == pid &&
           (owner->start_key == 0 || start_key == 0 || owner->start_key == start_key);
}

static void set_owner(struct socket_owner *owner, enum corr_rule rule, uint32_t pid,
                      uint64_t start_key, int64_t time)
{
    *owner = (struct socket_owner){
        .pid = pid, .start_key = start_key, .time = time, .rule = (uint8_t)rule};
}

/* Another rule, or the same again, for the process that is known already. Its pid may have been
 * given away since, so the first event that named it says which process had it. */
static void confirm_owner(struct socket_owner *owner, enum corr_rule rule, uint64_t start_key,
                          int64_t time)
{
    if (start_key != 0) {
        owner->start_key = start_key;
    }
    if (rule < (enum corr_rule)owner->rule) {
        owner->rule = (uint8_t)rule;
    }
    if (time < owner->time) {
        owner->time = time;
    }
    owner->is_likely = owner->is_likely && rule == CORR_RULE_CALLER;
}

/* A second caller: nobody knows which of them it is. */
static void blur_owner(struct socket_row *row)
{
    drop_evidence(&row->shown, CORR_RULE_CALLER);
    row->owner = (struct socket_owner){.is_vague = true};
}

void socket_table_own(struct socket_table *table, uint32_t row, enum corr_rule rule, uint32_t pid,
                      uint64_t start_key, int64_t time, uint64_t offset)
{
    struct socket_row *found = socket_row_find(table, row);
    if (!found || pid == 0) {
        return;
    }
    socket_row_see(found, time);
    if (is_contradicted(found)) {
        return;
    }
    struct socket_owner *owner = &found->owner;
    bool is_caller = rule == CORR_RULE_CALLER;
    bool was_caller = owner->rule == CORR_RULE_CALLER;
    if (is_caller && owner->is_vague) {
        return;
    }
    if (owner->pid == 0) {
        set_owner(owner, rule, pid, start_key, time);
    } else if (is_same_process(owner, pid, start_key)) {
        confirm_owner(owner, rule, start_key, time);
    } else if (is_caller && was_caller) {
        blur_owner(found);
        return;
    } else if (is_caller) {
        return;
    } else if (was_caller) {
        drop_evidence(&found->shown, CORR_RULE_CALLER);
        set_owner(owner, rule, pid, start_key, time);
    } else {
        contradict(table, found, offset);
        return;
    }
    add_evidence(&found->shown, rule, offset);
}

uint32_t socket_table_pid(const struct socket_table *table, uint32_t row, uint64_t *start_key,
                          int64_t *time, enum corr_rule *rule)
{
    const struct socket_row *found = socket_row_find(table, row);
    const struct socket_owner nobody = {.pid = 0};
    const struct socket_owner *owner = found ? &found->owner : &nobody;
    if (start_key) {
        *start_key = owner->start_key;
    }
    if (time) {
        *time = owner->time;
    }
    if (rule) {
        *rule = (enum corr_rule)owner->rule;
    }
    return owner->pid;
}

/* ---- merging ---- */

/* Nothing but equal addresses says that two views are one socket. */
static bool is_joined_by_address(const struct corr_socket *socket)
{
    return has_evidence(socket, CORR_RULE_SAME_ADDRESS) &&
           !has_evidence(socket, CORR_RULE_SAME_THREAD) &&
           !has_evidence(socket, CORR_RULE_SAME_BYTES) &&
           !has_evidence(socket, CORR_RULE_ACCEPT_SOCKET);
}

void socket_owners_merge(struct socket_table *table, uint32_t to, uint32_t from)
{
    struct socket_row *target = &table->rows[to];
    const struct socket_row *source = &table->rows[from];
    const struct socket_owner owner = source->owner;
    const struct corr_socket shown = source->shown;
    bool is_likely =
        owner.is_likely || is_joined_by_address(&target->shown) || is_joined_by_address(&shown);
    bool had_owner = target->owner.pid != 0;
    uint64_t offset = offset_of_rule(&shown, (enum corr_rule)owner.rule);
    if (is_contradicted(source)) {
        table->contradictions--; /* it is hidden now */
        if (!is_contradicted(target)) {
            contradict(table, target, offset_of_rule(&shown, CORR_RULE_CONTRADICTION));
        }
    }
    socket_table_own(table, to, (enum corr_rule)owner.rule, owner.pid, owner.start_key, owner.time,
                     offset);
    if (!had_owner && target->owner.pid != 0) {
        target->owner.is_likely = is_likely;
    }
    for (size_t i = 0; i < CORR_EVIDENCE_MAXIMUM && shown.evidence[i]; i++) {
        add_evidence(&target->shown, corr_evidence_rule(shown.evidence[i]),
                     corr_evidence_offset(shown.evidence[i]));
    }
}

/* ---- what an owner is worth ---- */

enum corr_confidence socket_owners_confidence(const struct socket_row *row, bool has_loss)
{
    bool is_by_pointer = row->owner.rule == CORR_RULE_STACK_ENDPOINT &&
                         has_evidence(&row->shown, CORR_RULE_PORT_INHERITED);
    if (row->owner.pid == 0) {
        return CORR_NO_CONFIDENCE;
    }
    return row->owner.is_likely || (has_loss && is_by_pointer) ? CORR_LIKELY : CORR_STRONG;
}
