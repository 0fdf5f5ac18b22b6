/* SPDX-License-Identifier: MIT */
/* Entry: a byte with the number of sockets, 28 bytes for each, then a byte of direction and
 * a raw IP packet. Holds: an owner is claimed only with a rule that is worth it, and a
 * socket that is named is one of the ledger, is not hidden, and has the owner; candidates
 * are ascending; the same question gets the same answer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/attribution_rules.h"

enum { SOCKETS = 8 };

struct input {
    struct corr_socket rows[SOCKETS];
    size_t count;
    bool is_missing, has_flow, is_complete;
};

static bool input_has_flow(const void *context, uint32_t row, const struct corr_endpoint *remote)
{
    return ((const struct input *)context)->has_flow && (row + remote->port) % 2 == 0;
}

static bool input_is_missing(const void *context, uint8_t protocol,
                             const struct corr_endpoint *local, const struct corr_endpoint *remote,
                             int64_t time)
{
    (void)protocol;
    (void)time;
    return ((const struct input *)context)->is_missing && local->port < remote->port;
}

static bool input_is_local(const void *context, const uint8_t *bytes, uint8_t size)
{
    (void)context;
    return bytes[size - 1] % 2 == 0;
}

static bool input_is_complete(const void *context, uint8_t size)
{
    (void)size;
    return ((const struct input *)context)->is_complete;
}

static struct corr_endpoint read_endpoint(struct bytes *b)
{
    static const uint8_t sizes[] = {0, 4, 16, 4};
    uint8_t size = sizes[bytes_u8(b) % 4];
    struct corr_endpoint end = {.size = size};
    const uint8_t *address = bytes_take(b, 4);
    end.port = bytes_u16(b);
    end.is_dual = end.port % 2 == 1;
    if (address && size != 0) {
        memcpy(end.bytes + size - 4, address, 4);
    }
    return end;
}

static struct corr_socket read_socket(struct bytes *b)
{
    struct corr_socket row = {.local = read_endpoint(b), .remote = read_endpoint(b)};
    uint8_t kind = bytes_u8(b);
    row.role = kind % (CORR_RAW + 1);
    row.protocol = kind % 3 == 0 ? PROTOCOL_UDP : PROTOCOL_TCP;
    row.flags = bytes_u8(b);
    row.lingers = row.flags;
    row.opened = (int64_t)bytes_u8(b) * TICKS_A_SECOND;
    row.closed = row.opened + (int64_t)bytes_u8(b) * TICKS_A_SECOND;
    row.process = bytes_u8(b) % 4;
    row.confidence = bytes_u8(b) % (CORR_CERTAIN + 1);
    row.evidence[0] = corr_evidence_make((enum corr_rule)bytes_u8(b), 1);
    row.local_first = bytes_u16(b);
    row.local_next = row.local_first + bytes_u8(b) % 64u;
    row.remote_first = bytes_u16(b);
    row.remote_next = row.remote_first + bytes_u16(b);
    if (row.process == 3) {
        row.process = CORR_NO_ROW;
    }
    return row;
}

static void check_verdict(const struct input *input, const struct corr_verdict *verdict)
{
    bool has_owner = verdict->process != CORR_NO_ROW;
    if (has_owner != (verdict->reason == CORR_OWNED) ||
        has_owner != (verdict->confidence != CORR_NO_CONFIDENCE) ||
        verdict->reason >= CORR_NO_OWNER_COUNT || verdict->rule >= CORR_RULE_COUNT ||
        (int)verdict->confidence > (int)corr_rule_worth((enum corr_rule)verdict->rule)) {
        abort();
    }
    if (verdict->socket == CORR_NO_ROW) {
        return;
    }
    const struct corr_socket *row = &input->rows[verdict->socket];
    if (verdict->socket >= input->count || (row->flags & CORR_SOCKET_HIDDEN) != 0 ||
        (has_owner && row->process != verdict->process)) {
        abort();
    }
}

static void check_packet(const struct input *input, struct corr_attribution *attribution,
                         enum etw_direction direction, const struct corr_layers *layers)
{
    const int64_t time = 60 * TICKS_A_SECOND;
    struct corr_verdict verdict;
    struct corr_verdict again;
    uint32_t processes[CORR_CANDIDATES_MAXIMUM];
    corr_attribute(attribution, layers, direction, time, &verdict);
    corr_attribute(attribution, layers, direction, time, &again);
    check_verdict(input, &verdict);
    size_t count =
        corr_candidates(attribution, layers, direction, time, processes, CORR_CANDIDATES_MAXIMUM);
    for (size_t i = 1; i < count; i++) {
        if (processes[i - 1] >= processes[i]) {
            abort();
        }
    }
    if (memcmp(&verdict, &again, sizeof(verdict)) != 0 ||
        (count > 0 && verdict.process != CORR_NO_ROW)) {
        abort();
    }
}

static bool input_has_stray_flow(const void *context, const struct corr_endpoint *remote)
{
    (void)context, (void)remote;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes b = bytes_of(data, size);
    uint8_t head = bytes_u8(&b);
    struct input input = {.count = head % (SOCKETS + 1),
                          .is_missing = (head & 0x20) != 0,
                          .has_flow = (head & 0x40) != 0,
                          .is_complete = (head & 0x80) != 0};
    for (size_t i = 0; i < input.count; i++) {
        input.rows[i] = read_socket(&b);
    }
    uint8_t tail = bytes_u8(&b);
    const struct attribution_view view = {
        .rows = input.rows,
        .count = input.count,
        .options = {.has_loss = (head & 0x10) != 0, .has_socket_events = true},
        .context = &input,
        .has_flow = input_has_flow,
        .has_stray_flow = input_has_stray_flow,
        .is_missing = input_is_missing,
        .is_local = input_is_local,
        .is_complete = input_is_complete,
    };
    struct corr_attribution *attribution = NULL;
    if (b.failed || attribution_new_of(&view, &attribution, NULL)) {
        return 0;
    }
    struct corr_layers layers;
    corr_layers_read(ETW_LINK_RAW_IP, b.data + b.position, bytes_left(&b), &layers);
    check_packet(&input, attribution, (enum etw_direction)(tail % 3), &layers);
    corr_attribution_free(attribution);
    return 0;
}
