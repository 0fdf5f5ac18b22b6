/* SPDX-License-Identifier: MIT */
#include "correlate/tcp_fit.h"

enum number_fit { NUMBER_NOT_KNOWN, NUMBER_OUTSIDE, NUMBER_FAR, NUMBER_NEAR, NUMBER_INSIDE };

/* Sequence numbers of one way: [first, next). */
struct range {
    uint32_t first, next;
    bool is_known;
    bool is_cut; /* there were numbers before the first */
};

static struct range range_of(const struct corr_socket *row, bool is_local)
{
    uint8_t flag = is_local ? CORR_SOCKET_LOCAL_SEQUENCE : CORR_SOCKET_REMOTE_SEQUENCE;
    return (struct range){
        .first = is_local ? row->local_first : row->remote_first,
        .next = is_local ? row->local_next : row->remote_next,
        .is_known = (row->flags & flag) != 0 && (row->flags & CORR_SOCKET_WRAPPED) == 0,
        .is_cut = (row->flags & CORR_SOCKET_OLDER) != 0,
    };
}

static enum number_fit fit_distance(uint32_t distance)
{
    if (distance <= TCP_NEAR_MAXIMUM) {
        return NUMBER_NEAR;
    }
    return distance <= TCP_FAR_MAXIMUM ? NUMBER_FAR : NUMBER_OUTSIDE;
}

/* The next number belongs to the range too: acknowledgements, FIN and what is sent next
 * have it. A keep-alive has the last number again, which may be the one before the first. */
static enum number_fit fit_number(const struct range *range, uint32_t number)
{
    uint32_t size = range->next - range->first;
    uint32_t from_first = number - range->first;
    uint32_t to_first = range->first - number;
    if (!range->is_known) {
        return NUMBER_NOT_KNOWN;
    }
    if (from_first <= size || to_first == 1) {
        return NUMBER_INSIDE;
    }
    enum number_fit behind = fit_distance(from_first - size);
    enum number_fit before = range->is_cut ? fit_distance(to_first) : NUMBER_OUTSIDE;
    return behind > before ? behind : before;
}

/* A SYN has the first number, which some events count from the one after it. */
static enum number_fit fit_first(const struct range *range, uint32_t number)
{
    if (!range->is_known) {
        return NUMBER_NOT_KNOWN;
    }
    bool is_first = number == range->first || number == range->first - 1;
    return is_first ? NUMBER_INSIDE : NUMBER_OUTSIDE;
}

static void count_number(struct tcp_fit *fit, enum number_fit number)
{
    static const uint8_t scores[] = {
        [NUMBER_NOT_KNOWN] = 0, [NUMBER_NEAR] = 1, [NUMBER_INSIDE] = 2};
    fit->is_contradiction = fit->is_contradiction || number == NUMBER_OUTSIDE;
    fit->is_proven = fit->is_proven || number == NUMBER_INSIDE;
    fit->is_far = fit->is_far || number == NUMBER_FAR;
    fit->score = (uint8_t)(fit->score + scores[number]);
}

/* A reset with ACK and sequence number 0 answers a segment that has no connection
 * (RFC 9293, 3.10.7.1). */
static bool is_answer_to_stranger(const struct question *question)
{
    const struct packet_facts *packet = question->packet;
    return !question->is_inbound && is_rst(packet) && packet->seq == 0 &&
           (packet->tcp_flags & CORR_TCP_ACK) != 0;
}

struct tcp_fit tcp_fit(const struct corr_socket *row, const struct question *question)
{
    const struct packet_facts *packet = question->packet;
    struct tcp_fit fit = {.is_contradiction = false};
    if (!packet->has_seq) {
        return fit;
    }
    if (is_answer_to_stranger(question)) {
        fit.is_contradiction = true;
        return fit;
    }
    const struct range sent = range_of(row, !question->is_inbound);
    const struct range acked = range_of(row, question->is_inbound);
    bool is_first = is_syn(packet) || is_syn_ack(packet);
    count_number(&fit, is_first ? fit_first(&sent, packet->seq) : fit_number(&sent, packet->seq));
    if (packet->has_flags && (packet->tcp_flags & CORR_TCP_ACK) != 0) {
        enum number_fit ack = fit_number(&acked, packet->ack);
        /* Who makes a reset may get its acknowledgement wrong; a receiver ignores it. */
        bool is_doubtful = ack == NUMBER_OUTSIDE && is_rst(packet);
        count_number(&fit, is_doubtful ? NUMBER_FAR : ack);
    }
    return fit;
}
