/* SPDX-License-Identifier: MIT */
/*
 * attribution_other.c - rules for protocols without ports: raw sockets, or none.
 */
#include "correlate/attribution_rules.h"

/* ICMP messages that the stack itself makes or takes, so that a raw socket at most gets
 * a copy. [documented: RFC 792, 1256, 4443, 4861, 2710, 3810] */
static const struct stack_message {
    uint8_t protocol, first_type, last_type;
    bool is_made, is_taken; /* by the stack: outbound, inbound */
} stack_messages[] = {
    {PROTOCOL_ICMP, 0, 0, true, false}, /* echo reply */
    {PROTOCOL_ICMP, 3, 5, true, true},  /* errors, redirect */
    {PROTOCOL_ICMP, 8, 8, false, true}, /* echo request */
    {PROTOCOL_ICMP, 9, 12, true, true}, /* routers, errors */
    {PROTOCOL_ICMP, 13, 13, false, true},
    {PROTOCOL_ICMP, 14, 14, true, false}, /* time stamps */
    {PROTOCOL_ICMPV6, 1, 4, true, true},  /* errors */
    {PROTOCOL_ICMPV6, 128, 128, false, true},
    {PROTOCOL_ICMPV6, 129, 129, true, false}, /* echo */
    {PROTOCOL_ICMPV6, 130, 137, true, true},  /* groups, neighbours */
    {PROTOCOL_ICMPV6, 143, 143, true, true},  /* groups */
};

static bool is_stack_message(const struct question *question)
{
    const struct packet_facts *packet = question->packet;
    for (size_t i = 0; i < sizeof(stack_messages) / sizeof(stack_messages[0]); i++) {
        const struct stack_message *message = &stack_messages[i];
        if (packet->has_icmp && message->protocol == packet->protocol &&
            packet->icmp_type >= message->first_type && packet->icmp_type <= message->last_type) {
            return question->is_inbound ? message->is_taken : message->is_made;
        }
    }
    return false;
}

static bool rule_raw(const struct question *question, struct answer *answer)
{
    struct contenders contenders;
    if (is_stack_message(question)) {
        return false;
    }
    contenders_of_span(question, socket_index_raw(question->index, question->packet->protocol),
                       SLACK, SLACK, &contenders);
    return answer_rows(question, answer, &contenders, CORR_RULE_RAW_PROTOCOL,
                       question->is_inbound ? CORR_SHARED : CORR_AMBIGUOUS);
}

static bool rule_protocol(const struct question *question, struct answer *answer)
{
    return answer_nobody(question, answer, CORR_RULE_PROTOCOL, CORR_NO_SOCKET);
}

static attribution_rule *const rules[] = {rule_raw, rule_protocol};

const struct attribution_rules other_rules = {rules, sizeof(rules) / sizeof(rules[0])};
