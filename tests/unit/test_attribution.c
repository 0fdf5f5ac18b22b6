/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/random.h"
#include "tests/unit/attribution_world.h"

#define HERE  "192.0.2.1:36003"
#define THERE "198.51.100.97:2762"
#define COUNT 4

/* ---- which rules a packet has at all ---- */

static void without_socket_events_nothing_is_claimed(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_DATAGRAM, HERE, "", 3, OLDER, FOREVER);
    world.options.has_socket_events = false;
    expect_nobody(ask_for(&world, datagram(HERE, THERE, 8), OUT, 2), CORR_NO_EVENTS,
                  CORR_RULE_NONE);
    expect_nobody(ask_for(&world, (struct corr_layers){.network = CORR_NETWORK_ARP}, IN, 2),
                  CORR_NO_EVENTS, CORR_RULE_NONE);
    world_done(&world);
}

static void protocols_without_sockets_have_no_socket(void **state)
{
    (void)state;
    static const uint8_t protocols[] = {1, 2, 41, 47, 50, 51, 58, 89};
    struct world world = world_new();
    (void)add_socket(&world, CORR_DATAGRAM, HERE, "", 3, OLDER, FOREVER);
    for (size_t i = 0; i < sizeof(protocols); i++) {
        for (int direction = ETW_DIRECTION_UNKNOWN; direction <= ETW_DIRECTION_OUT; direction++) {
            expect_nobody(ask_for(&world, packet_between(protocols[i], HERE, THERE),
                                  (enum etw_direction)direction, 2),
                          CORR_NO_SOCKET, CORR_RULE_PROTOCOL);
        }
    }
    const struct corr_layers arp = {.network = CORR_NETWORK_ARP, .ether_type = 0x0806};
    const struct corr_layers lldp = {.ether_type = 0x88CC};
    const struct corr_layers cut = {.ether_type = 0x0800};
    expect_nobody(ask_for(&world, arp, IN, 2), CORR_NO_SOCKET, CORR_RULE_PROTOCOL);
    expect_nobody(ask_for(&world, lldp, OUT, 2), CORR_NO_SOCKET, CORR_RULE_PROTOCOL);
    expect_nobody(ask_for(&world, cut, OUT, 2), CORR_UNKNOWN, CORR_RULE_NONE);
    world_done(&world);
}

static void a_packet_that_is_cut_before_its_ports_is_not_known(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_DATAGRAM, HERE, "", 3, OLDER, FOREVER);
    struct corr_layers layers = datagram(HERE, THERE, 8);
    layers.has_ports = false;
    expect_nobody(ask_for(&world, layers, OUT, 2), CORR_UNKNOWN, CORR_RULE_NONE);
    layers.ip_protocol = PROTOCOL_TCP;
    expect_nobody(ask_for(&world, layers, OUT, 2), CORR_UNKNOWN, CORR_RULE_NONE);
    world_done(&world);
}

static void packets_between_others_are_not_local(void **state)
{
    (void)state;
    static const char other[] = "203.0.113.5:36003";
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, OLDER, FOREVER);
    (void)add_socket(&world, CORR_LISTENER, "0.0.0.0:36003", "", 3, OLDER, FOREVER);
    add_address(&world, "192.0.2.1:0");
    /* As long as the list may be short, the port counts. */
    expect_owner(ask_for(&world, datagram(THERE, other, 8), IN, 2), row, 3, CORR_STRONG,
                 CORR_RULE_LOCAL_PORT);
    world.is_complete = true;
    expect_nobody(ask_for(&world, datagram(THERE, other, 8), IN, 2), CORR_NOT_LOCAL,
                  CORR_RULE_FOREIGN);
    expect_nobody(ask_for(&world, datagram(other, THERE, 8), OUT, 2), CORR_NOT_LOCAL,
                  CORR_RULE_FOREIGN);
    expect_nobody(ask_for(&world, segment(THERE, other, SYN, 1, 0), IN, 2), CORR_NOT_LOCAL,
                  CORR_RULE_FOREIGN);
    expect_nobody(ask_for(&world, packet_between(1, THERE, other), IN, 2), CORR_NOT_LOCAL,
                  CORR_RULE_FOREIGN);
    struct corr_layers broadcast = datagram(THERE, "192.0.2.255:36003", 8);
    broadcast.cast = CORR_BROADCAST;
    expect_nobody(ask_for(&world, broadcast, IN, 2), CORR_UNKNOWN, CORR_RULE_NONE);
    add_flow(&world, row, THERE);
    expect_owner(ask_for(&world, broadcast, IN, 2), row, 3, CORR_LIKELY, CORR_RULE_ONLY_RECEIVER);
    expect_owner(ask_for(&world, datagram("0.0.0.0:36003", "203.0.113.1:67", 8), OUT, 2), row, 3,
                 CORR_STRONG, CORR_RULE_LOCAL_PORT);
    expect_owner(ask_for(&world, datagram(THERE, HERE, 8), IN, 2), row, 3, CORR_STRONG,
                 CORR_RULE_LOCAL_PORT);
    world_done(&world);
}

/* ---- raw sockets ---- */

static uint32_t add_raw(struct world *world, uint8_t protocol, uint32_t process)
{
    uint32_t row = add_socket(world, CORR_RAW, "", "", process, 1, 9);
    world->rows[row].protocol = protocol;
    return row;
}

static struct corr_layers icmp(const char *from, const char *to, uint8_t type, uint8_t code)
{
    struct corr_layers layers = packet_between(PROTOCOL_ICMP, from, to);
    layers.has_icmp = true;
    layers.icmp_type = type;
    layers.icmp_code = code;
    return layers;
}

static void a_raw_socket_has_its_protocol_but_not_what_the_stack_does(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t ping = add_raw(&world, PROTOCOL_ICMP, 3);
    (void)add_raw(&world, 89, 4);
    (void)add_raw(&world, 89, 5);
    expect_owner(ask_for(&world, icmp(HERE, THERE, 8, 0), OUT, 2), ping, 3, CORR_LIKELY,
                 CORR_RULE_RAW_PROTOCOL);
    expect_owner(ask_for(&world, icmp(THERE, HERE, 0, 0), IN, 2), ping, 3, CORR_LIKELY,
                 CORR_RULE_RAW_PROTOCOL);
    expect_nobody(ask_for(&world, icmp(THERE, HERE, 8, 0), IN, 2), CORR_NO_SOCKET,
                  CORR_RULE_PROTOCOL);
    expect_nobody(ask_for(&world, icmp(HERE, THERE, 0, 0), OUT, 2), CORR_NO_SOCKET,
                  CORR_RULE_PROTOCOL);
    expect_nobody(ask_for(&world, icmp(HERE, THERE, 8, 0), OUT, 10), CORR_NO_SOCKET,
                  CORR_RULE_PROTOCOL);
    expect_nobody(ask_for(&world, packet_between(89, THERE, HERE), IN, 2), CORR_SHARED,
                  CORR_RULE_SEVERAL);
    expect_nobody(ask_for(&world, packet_between(89, HERE, THERE), OUT, 2), CORR_AMBIGUOUS,
                  CORR_RULE_SEVERAL);
    world_done(&world);
}

/* ---- ICMP errors ---- */

static struct corr_layers icmp_error(const char *from, const char *to, uint8_t code,
                                     const struct corr_layers *about)
{
    struct corr_layers layers = icmp(from, to, 3, code);
    layers.has_quoted = true;
    layers.quoted = (struct corr_flow){
        .source = about->source,
        .destination = about->destination,
        .source_port = about->source_port,
        .destination_port = about->destination_port,
        .ip_protocol = about->ip_protocol,
        .has_ports = about->has_ports,
        .has_tcp_seq = about->has_tcp,
        .tcp_seq = about->tcp_seq,
    };
    return layers;
}

static void an_error_is_the_owners_of_what_it_quotes(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t udp = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, OLDER, FOREVER);
    uint32_t tcp = add_socket(&world, CORR_CLIENT, "192.0.2.1:50000", THERE, 4, 1, FOREVER);
    set_local_range(&world, tcp, 100, 200);
    struct corr_layers sent = datagram(HERE, THERE, 8);
    struct corr_verdict verdict =
        ask_for(&world, icmp_error("203.0.113.1:0", HERE, 1, &sent), IN, 2);
    expect_owner(verdict, udp, 3, CORR_STRONG, CORR_RULE_QUOTED);
    assert_int_equal(verdict.is_inbound, 1);
    verdict =
        ask_for(&world, icmp_error("203.0.113.1:0", HERE, 1, &sent), ETW_DIRECTION_UNKNOWN, 2);
    expect_owner(verdict, udp, 3, CORR_STRONG, CORR_RULE_QUOTED);
    struct corr_layers syn = segment("192.0.2.1:50000", THERE, SYN, 150, 0);
    expect_owner(ask_for(&world, icmp_error(THERE, HERE, 4, &syn), IN, 2), tcp, 4, CORR_STRONG,
                 CORR_RULE_QUOTED);
    syn.tcp_seq = 0x80000000;
    expect_nobody(ask_for(&world, icmp_error(THERE, HERE, 4, &syn), IN, 2), CORR_NO_SOCKET,
                  CORR_RULE_PROTOCOL);
    /* We refuse to forward or to join again what a socket of ours would get. */
    struct corr_layers received = datagram(THERE, HERE, 8);
    verdict = ask_for(&world, icmp_error(HERE, THERE, 1, &received), OUT, 2);
    expect_owner(verdict, udp, 3, CORR_STRONG, CORR_RULE_QUOTED);
    assert_int_equal(verdict.is_inbound, 0);
    world_done(&world);
}

static void an_error_about_nobodys_packet_is_nobodys(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_DATAGRAM, "192.0.2.1:7", "", 3, 0, FOREVER);
    (void)add_socket(&world, CORR_DATAGRAM, "192.0.2.1:7", "", 4, 0, FOREVER);
    add_missing(&world, PROTOCOL_UDP, "192.0.2.1:36004", THERE, 2);
    struct corr_layers unknown = datagram(HERE, THERE, 8);
    struct corr_layers missing = datagram(THERE, "192.0.2.1:36004", 8);
    struct corr_layers closed = datagram(THERE, "192.0.2.1:36005", 8);
    struct corr_layers tied = datagram("192.0.2.1:7", THERE, 8);
    struct corr_layers ping = icmp(HERE, THERE, 8, 0);
    expect_nobody(ask_for(&world, icmp_error(THERE, HERE, 1, &unknown), IN, 2), CORR_NO_SOCKET,
                  CORR_RULE_PROTOCOL);
    expect_nobody(ask_for(&world, icmp_error(THERE, HERE, 1, &ping), IN, 2), CORR_NO_SOCKET,
                  CORR_RULE_PROTOCOL);
    expect_nobody(ask_for(&world, icmp_error(HERE, THERE, 3, &missing), OUT, 2), CORR_NO_ENDPOINT,
                  CORR_RULE_ENDPOINT_MISSING);
    /* The message itself says so, from our own stack. */
    expect_nobody(ask_for(&world, icmp_error(HERE, THERE, 3, &closed), OUT, 2), CORR_NO_ENDPOINT,
                  CORR_RULE_ENDPOINT_MISSING);
    expect_nobody(ask_for(&world, icmp_error(HERE, THERE, 2, &closed), OUT, 2), CORR_NO_SOCKET,
                  CORR_RULE_PROTOCOL);
    struct corr_layers error = icmp_error(THERE, HERE, 3, &tied);
    expect_nobody(ask_for(&world, error, IN, 2), CORR_AMBIGUOUS, CORR_RULE_SEVERAL);
    uint32_t processes[2];
    assert_int_equal(corr_candidates(world.attribution, &error, IN, at(2), processes, 2), 2);
    world_done(&world);
}

/* ---- fragments ---- */

static struct corr_layers fragment(const char *from, const char *to, uint32_t id)
{
    struct corr_layers layers = datagram(from, to, 0);
    layers.is_fragment = true;
    layers.has_ports = false;
    layers.source_port = layers.destination_port = 0;
    layers.fragment_id = id;
    return layers;
}

static struct corr_layers first_fragment(const char *from, const char *to, uint32_t id)
{
    struct corr_layers layers = datagram(from, to, 8192);
    layers.is_first_fragment = true;
    layers.fragment_id = id;
    return layers;
}

static void later_fragments_are_the_first_ones(void **state)
{
    (void)state;
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, OLDER, FOREVER);
    expect_nobody(ask_for(&world, fragment(HERE, THERE, 814), OUT, 1), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    expect_owner(ask_for(&world, first_fragment(HERE, THERE, 814), OUT, 2), row, 3, CORR_STRONG,
                 CORR_RULE_LOCAL_PORT);
    expect_owner(ask_for(&world, fragment(HERE, THERE, 814), OUT, 2), row, 3, CORR_STRONG,
                 CORR_RULE_FRAGMENT);
    struct corr_layers other = fragment(HERE, THERE, 814);
    other.ip_protocol = PROTOCOL_ICMP;
    expect_nobody(ask_for(&world, other, OUT, 2), CORR_UNKNOWN, CORR_RULE_NONE);
    expect_nobody(ask_for(&world, fragment(HERE, THERE, 815), OUT, 2), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    expect_nobody(ask_for(&world, fragment(THERE, HERE, 814), IN, 2), CORR_UNKNOWN, CORR_RULE_NONE);
    expect_owner(ask_for(&world, fragment(HERE, THERE, 814), OUT, 31), row, 3, CORR_STRONG,
                 CORR_RULE_FRAGMENT);
    expect_nobody(ask_for(&world, fragment(HERE, THERE, 814), OUT, 33), CORR_UNKNOWN,
                  CORR_RULE_NONE);
    world_done(&world);
}

static void fragments_of_ipv6_are_told_by_addresses_and_number_alone(void **state)
{
    (void)state;
    static const char here[] = "[2001:db8::1]:36003";
    static const char there[] = "[2001:db8::2]:53";
    struct world world = world_new();
    uint32_t row = add_socket(&world, CORR_DATAGRAM, "[::]:36003", "", 3, OLDER, FOREVER);
    (void)ask_for(&world, first_fragment(here, there, 7), OUT, 2);
    struct corr_layers later = fragment(here, there, 7);
    later.ip_protocol = 60; /* an extension header stands first */
    expect_owner(ask_for(&world, later, OUT, 2), row, 3, CORR_STRONG, CORR_RULE_FRAGMENT);
    world_done(&world);
}

static void fragments_of_a_shared_packet_have_its_candidates(void **state)
{
    (void)state;
    struct world world = world_new();
    (void)add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 7, OLDER, FOREVER);
    (void)add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 3, OLDER, FOREVER);
    (void)add_socket(&world, CORR_DATAGRAM, "0.0.0.0:36003", "", 7, OLDER, FOREVER);
    for (uint32_t row = 0; row < 3; row++) {
        add_flow(&world, row, THERE);
    }
    struct corr_layers first = first_fragment(THERE, HERE, 9);
    first.cast = CORR_MULTICAST;
    expect_nobody(ask_for(&world, first, IN, 2), CORR_SHARED, CORR_RULE_SEVERAL);
    struct corr_layers later = fragment(THERE, HERE, 9);
    later.cast = CORR_MULTICAST;
    expect_nobody(ask_for(&world, later, IN, 2), CORR_SHARED, CORR_RULE_SEVERAL);
    uint32_t processes[CORR_CANDIDATES_MAXIMUM];
    assert_int_equal(corr_candidates(world.attribution, &later, IN, at(2), processes, 8), 2);
    assert_int_equal(processes[0], 3);
    assert_int_equal(processes[1], 7);
    world_done(&world);
}

/* ---- whatever the packet and the ledger ---- */

static const char *const ends[COUNT] = {"192.0.2.1:80", "192.0.2.1:81", "198.51.100.1:80",
                                        "198.51.100.1:90"};
static const char *const bound[COUNT] = {"0.0.0.0:80", "192.0.2.1:80", "0.0.0.0:81", "[::]:81"};

static void add_any_socket(struct world *world, uint64_t *seed)
{
    enum corr_role role = (enum corr_role)random_below(seed, CORR_RAW + 1);
    bool is_connection = role == CORR_CLIENT || role == CORR_SERVER;
    double opened = (double)random_below(seed, 20);
    double closed = random_below(seed, 3) ? opened + (double)random_below(seed, 9) : FOREVER;
    uint32_t row = add_socket(world, role,
                              is_connection ? ends[random_below(seed, COUNT)]
                                            : bound[random_below(seed, COUNT)],
                              is_connection ? ends[random_below(seed, COUNT)] : "",
                              (uint32_t)random_below(seed, 4), opened, closed);
    struct corr_socket *socket = &world->rows[row];
    uint32_t first = (uint32_t)random_below(seed, 4) * 0x30000000u;
    set_local_range(world, row, first, first + (uint32_t)random_below(seed, 1u << 20));
    set_remote_range(world, row, first, first + (uint32_t)random_below(seed, 1u << 20));
    socket->flags = (uint8_t)random_below(seed, CORR_SOCKET_HIDDEN << 1);
    socket->local.is_dual = random_below(seed, 2) == 0;
    socket->process = random_below(seed, 8) ? socket->process : CORR_NO_ROW;
}

static struct corr_layers any_packet(const struct world *world, uint64_t *seed)
{
    const char *from = ends[random_below(seed, COUNT)];
    const char *to = ends[random_below(seed, COUNT)];
    const struct corr_socket *near = &world->rows[random_below(seed, world->count)];
    struct corr_layers layers;
    if (random_below(seed, 2)) {
        layers = segment(from, to, (int)random_below(seed, 32),
                         near->local_first + (uint32_t)random_below(seed, 2000),
                         near->remote_first + (uint32_t)random_below(seed, 2000));
    } else {
        layers = datagram(from, to, 10);
    }
    layers.cast = (enum corr_cast)random_below(seed, CORR_MULTICAST + 1);
    return layers;
}

static bool has_address(const struct corr_endpoint *end, const struct corr_address *address)
{
    return end->size == address->size && memcmp(end->bytes, address->bytes, end->size) == 0;
}

/* The row must be one that could have sent or got the packet, and it must have the owner. */
static void check_claim(const struct world *world, const struct corr_layers *layers,
                        const struct corr_verdict *verdict)
{
    const struct corr_socket *row = &world->rows[verdict->socket];
    bool in = verdict->is_inbound;
    const struct corr_address *local = in ? &layers->destination : &layers->source;
    const struct corr_address *remote = in ? &layers->source : &layers->destination;
    uint16_t local_port = in ? layers->destination_port : layers->source_port;
    uint16_t remote_port = in ? layers->source_port : layers->destination_port;
    bool is_connection = row->role == CORR_CLIENT || row->role == CORR_SERVER;
    bool is_bound_to_any =
        is_any_endpoint(&row->local) && (row->local.size == local->size || row->local.is_dual);
    bool is_for_many = in && layers->cast != CORR_UNICAST && row->local.size == local->size;
    assert_int_equal(row->flags & (CORR_SOCKET_HIDDEN | CORR_SOCKET_CONTRADICTED), 0);
    assert_int_equal(row->process, verdict->process);
    assert_int_equal(row->protocol, layers->ip_protocol);
    assert_int_equal(row->local.port, local_port);
    assert_true(has_address(&row->local, local) || is_bound_to_any || is_for_many);
    if (is_connection) {
        assert_int_equal(row->remote.port, remote_port);
        assert_true(has_address(&row->remote, remote));
    }
}

static void a_claimed_socket_always_has_the_packets_ends(void **state)
{
    (void)state;
    uint64_t seed = 20130108;
    size_t claims = 0;
    size_t certain = 0;
    for (int i = 0; i < 400; i++) {
        struct world world = world_new();
        for (size_t k = 1 + random_below(&seed, 24); k > 0; k--) {
            add_any_socket(&world, &seed);
        }
        world.options.has_loss = random_below(&seed, 4) == 0;
        for (int k = 0; k < 200; k++) {
            struct corr_layers layers = any_packet(&world, &seed);
            struct corr_verdict verdict =
                ask_for(&world, layers, (enum etw_direction)random_below(&seed, 3),
                        (double)random_below(&seed, 30));
            bool has_owner = verdict.process != CORR_NO_ROW;
            assert_int_equal(has_owner, verdict.reason == CORR_OWNED);
            assert_int_equal(has_owner, verdict.confidence != CORR_NO_CONFIDENCE);
            assert_true(verdict.confidence <=
                        (uint8_t)corr_rule_worth((enum corr_rule)verdict.rule));
            assert_false(world.options.has_loss && verdict.confidence == CORR_CERTAIN);
            if (has_owner && verdict.socket != CORR_NO_ROW) {
                check_claim(&world, &layers, &verdict);
                claims++;
                certain += verdict.confidence == CORR_CERTAIN;
            }
        }
        world_done(&world);
    }
    assert_true(claims > 1000); /* else it tried nothing */
    assert_true(certain > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_socket_events_nothing_is_claimed),
        cmocka_unit_test(protocols_without_sockets_have_no_socket),
        cmocka_unit_test(a_packet_that_is_cut_before_its_ports_is_not_known),
        cmocka_unit_test(packets_between_others_are_not_local),
        cmocka_unit_test(a_raw_socket_has_its_protocol_but_not_what_the_stack_does),
        cmocka_unit_test(an_error_is_the_owners_of_what_it_quotes),
        cmocka_unit_test(an_error_about_nobodys_packet_is_nobodys),
        cmocka_unit_test(later_fragments_are_the_first_ones),
        cmocka_unit_test(fragments_of_ipv6_are_told_by_addresses_and_number_alone),
        cmocka_unit_test(fragments_of_a_shared_packet_have_its_candidates),
        cmocka_unit_test(a_claimed_socket_always_has_the_packets_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
