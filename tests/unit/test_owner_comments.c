/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "correlate/http.h"
#include "pcapout/owner_comments.h"
#include "tests/unit/owner_ledger.h"

struct fixture {
    struct owner_ledger owners;
    struct owner_comments *comments;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    owner_ledger_open(&fixture.owners);
    assert_int_equal(owner_comments_new(fixture.owners.ledger, &fixture.comments, NULL), ETW_OK);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    owner_comments_free(fixture->comments);
    owner_ledger_close(&fixture->owners);
    return 0;
}

static void check(struct fixture *fixture, const struct corr_packet *packet, const char *expected)
{
    struct bytes text = owner_comments_get(fixture->comments, packet);
    assert_int_equal(text.size, strlen(expected));
    assert_memory_equal(text.data, expected, text.size);
    assert_false(owner_comments_failed(fixture->comments));
}

static void keys_stand_in_their_fixed_order(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    struct corr_packet packet = owned_packet(o, o->first, CORR_RULE_SEQUENCE, CORR_CERTAIN);
    packet.time = SAMPLE_TIME - 10 * SECOND + 4 * MILLISECOND; /* before it closed */
    check(fixture, &packet,
          " pid=900 proc=httpd.exe conf=certain via=\"tcb 0x1000 <- pid 900\" "
          "state=Established conn=1");
}

static void the_state_is_that_of_the_packets_time(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    static const struct {
        int64_t after;
        const char *state;
    } cases[] = {{0, "Listen"},
                 {2 * MILLISECOND, "SynRcvd"},
                 {3 * MILLISECOND, "Established"},
                 {20 * MILLISECOND, "Closed"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char expected[128];
        struct corr_packet packet = owned_packet(o, o->first, CORR_RULE_TUPLE, CORR_STRONG);
        packet.time = SAMPLE_TIME - 10 * SECOND + cases[i].after;
        (void)snprintf(expected, sizeof(expected),
                       " pid=900 proc=httpd.exe conf=strong via=\"tcb 0x1000 <- pid 900\" "
                       "state=%s conn=1",
                       cases[i].state);
        check(fixture, &packet, expected);
    }
}

static void a_process_without_name_has_no_proc(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    struct corr_packet packet = owned_packet(o, o->datagram, CORR_RULE_LOCAL_PORT, CORR_STRONG);
    check(fixture, &packet, " pid=901 conf=strong via=\"endpoint 0x2000 <- pid 901\" conn=2");
}

static void hostile_names_cannot_make_keys(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    struct corr_packet packet = owned_packet(o, o->second, CORR_RULE_TUPLE, CORR_LIKELY);
    struct bytes text = owner_comments_get(fixture->comments, &packet);
    const char *expected =
        " pid=900 proc=\"a b=\\\"c\\\"\\u001b.exe\" conf=likely via=\"tcb 0x1000 <- pid 900\" ";
    assert_true(text.size > strlen(expected));
    assert_memory_equal(text.data, expected, strlen(expected));
}

static void a_packet_without_owner_has_its_reason_last(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    struct corr_packet packet = ownerless_packet(CORR_NO_SOCKET, CORR_RULE_PROTOCOL);
    check(fixture, &packet, " reason=no-socket");
    packet = ownerless_packet(CORR_AMBIGUOUS, CORR_RULE_CONTRADICTION);
    packet.verdict.socket = o->datagram;
    check(fixture, &packet, " conn=2 reason=ambiguous");
}

static void what_ties_a_packet_to_its_socket_leads_the_chain(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    static const struct {
        enum corr_rule rule;
        const char *link;
    } cases[] = {{CORR_RULE_FRAGMENT, "first fragment <- "},
                 {CORR_RULE_QUOTED, "quoted packet <- "},
                 {CORR_RULE_LISTENER_PORT, "attempt <- "},
                 {CORR_RULE_TUPLE, ""}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char expected[128];
        struct corr_packet packet = owned_packet(o, o->datagram, cases[i].rule, CORR_STRONG);
        (void)snprintf(expected, sizeof(expected),
                       " pid=901 conf=strong via=\"%sendpoint 0x2000 <- pid 901\" conn=2",
                       cases[i].link);
        check(fixture, &packet, expected);
    }
}

/* The text of a packet says what its verdict says. */
static void check_text_of(struct fixture *fixture, const struct corr_packet *packet)
{
    const struct corr_verdict *verdict = &packet->verdict;
    bool is_datagram = verdict->socket == fixture->owners.datagram;
    const char *confidence = corr_confidence_name((enum corr_confidence)verdict->confidence);
    const char *reason = corr_no_owner_name((enum corr_no_owner)verdict->reason);
    char text[512];
    char wanted[64];
    struct bytes found = owner_comments_get(fixture->comments, packet);
    assert_true(found.size < sizeof(text));
    memcpy(text, found.data, found.size);
    text[found.size] = '\0';
    assert_non_null(strstr(text, is_datagram ? " pid=901 " : " pid=900 "));
    (void)snprintf(wanted, sizeof(wanted), " conf=%s ", confidence);
    assert_non_null(strstr(text, wanted));
    (void)snprintf(wanted, sizeof(wanted), " reason=%s", reason);
    const char *last = strrchr(text, ' ');
    assert_int_equal(strcmp(last, wanted) == 0, reason[0] != '\0');
}

/* Every combination of the key in turn, more than there are places, and once more: a text that
 * another key displaced is made anew. */
static void keys_that_share_a_place_do_not_share_a_text(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    const uint32_t rows[] = {o->first, o->datagram, o->second};
    const unsigned count = CORR_RULE_COUNT * 3 * CORR_CERTAIN * CORR_NO_OWNER_COUNT;
    assert_true(count > 1024);
    for (unsigned i = 0; i < 2 * count; i++) {
        unsigned rest = i % count;
        enum corr_rule rule = (enum corr_rule)(rest % CORR_RULE_COUNT);
        rest /= CORR_RULE_COUNT;
        uint32_t row = rows[rest % 3];
        rest /= 3;
        enum corr_confidence confidence = (enum corr_confidence)(1 + rest % CORR_CERTAIN);
        struct corr_packet packet = owned_packet(o, row, rule, confidence);
        packet.verdict.reason = (rest / CORR_CERTAIN) & 15u;
        check_text_of(fixture, &packet);
    }
}

/* Packets of one connection may be for several processes, or for none. */
static void a_packet_names_the_process_it_is_for(void **state)
{
    struct fixture *fixture = *state;
    const struct owner_ledger *o = &fixture->owners;
    const struct corr_behalf first = {.process = o->httpd}, second = {.process = o->nameless};
    struct corr_packet packet = owned_packet(o, o->datagram, CORR_RULE_TUPLE, CORR_STRONG);
    const char *alone = " pid=901 conf=strong via=\"endpoint 0x2000 <- pid 901\" conn=2";
    char expected[128];
    (void)snprintf(expected, sizeof(expected), "%s for_pid=900 for_proc=httpd.exe", alone);
    packet.behalf = &first;
    check(fixture, &packet, expected);
    (void)snprintf(expected, sizeof(expected), "%s for_pid=901", alone);
    packet.behalf = &second;
    check(fixture, &packet, expected);
    packet.behalf = NULL;
    check(fixture, &packet, alone);
}

static void without_a_ledger_only_the_reason_is_said(void **state)
{
    (void)state;
    struct owner_comments *comments = NULL;
    assert_int_equal(owner_comments_new(NULL, &comments, NULL), ETW_OK);
    struct corr_packet packet = sample_packet(sample_syn, sizeof(sample_syn));
    struct bytes text = owner_comments_get(comments, &packet);
    assert_int_equal(text.size, strlen(" reason=no-events"));
    assert_memory_equal(text.data, " reason=no-events", text.size);
    owner_comments_free(comments);
    owner_comments_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_stand_in_their_fixed_order),
        cmocka_unit_test(the_state_is_that_of_the_packets_time),
        cmocka_unit_test(a_process_without_name_has_no_proc),
        cmocka_unit_test(hostile_names_cannot_make_keys),
        cmocka_unit_test(a_packet_without_owner_has_its_reason_last),
        cmocka_unit_test(what_ties_a_packet_to_its_socket_leads_the_chain),
        cmocka_unit_test(keys_that_share_a_place_do_not_share_a_text),
        cmocka_unit_test(a_packet_names_the_process_it_is_for),
        cmocka_unit_test(without_a_ledger_only_the_reason_is_said),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
