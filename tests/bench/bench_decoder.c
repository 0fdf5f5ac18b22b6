/* SPDX-License-Identifier: MIT */
/*
 * bench_decoder.c - nanoseconds per record in the decoder, by kind of record.
 *
 *     bench_decoder [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "etw/providers/decoder.h"

#define TCPIP "2f07e2ee-15db-40f1-90ef-9d7ba282188a"

static const struct bench_case {
    const char *what;
    const char *provider;
    enum record_class class_of;
    uint16_t id; /* opcode of classic events */
    size_t size;
    int addresses_at; /* -1: none */
} cases[] = {
    {"nothing known about the provider", "11111111-2222-3333-4444-555555555555", RECORD_IS_MANIFEST,
     160, 64, -1},
    {"no row for the event", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac", RECORD_IS_MANIFEST, 161, 64,
     -1},
    {"pktmon packet", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac", RECORD_IS_MANIFEST, 160, 162, -1},
    {"pktmon packet, cut in its header", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac", RECORD_IS_MANIFEST,
     160, 30, -1},
    {"pktmon flow counters", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac", RECORD_IS_MANIFEST, 90, 64,
     -1},
    {"pktmon drop counters: 7 fixed numbers", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac",
     RECORD_IS_MANIFEST, 80, 40, -1},
    {"NDIS fragment", "2ed6006e-4729-4609-b423-3ee7bcd678ef", RECORD_IS_MANIFEST, 1001, 1542, -1},
    {"TCPIP state change", TCPIP, RECORD_IS_MANIFEST, 1051, 20, -1},
    {"TCPIP connect request: two addresses", TCPIP, RECORD_IS_MANIFEST, 1002, 56, 8},
    {"TCPIP connect complete: two addresses", TCPIP, RECORD_IS_MANIFEST, 1033, 60, 0},
    {"TCPIP send posted: a text in the middle", TCPIP, RECORD_IS_MANIFEST, 1159, 40, -1},
    {"TCPIP segment sent", TCPIP, RECORD_IS_MANIFEST, 1332, 36, -1},
    {"TCPIP event without a row", TCPIP, RECORD_IS_MANIFEST, 1110, 40, -1},
    {"AFD send", "e53c6823-7bb8-44bb-90dc-3f86090d48a6", RECORD_IS_MANIFEST, 1003, 44, -1},
    {"AFD bind", "e53c6823-7bb8-44bb-90dc-3f86090d48a6", RECORD_IS_MANIFEST, 1030, 48, -1},
    {"Kernel-Network data", "7dd42a49-5329-4832-8dfd-43d979153a88", RECORD_IS_MANIFEST, 10, 40, -1},
    {"interface row", "9b79ee91-b5fd-41c0-a243-4248e266e9d0", RECORD_IS_CLASSIC, 36, 1352, -1},
};

/* A pair of IPv4 addresses, each behind its size, as TCPIP has them. */
static void put_addresses(uint8_t *payload, int at)
{
    for (int i = 0; at >= 0 && i < 2; i++, at += 20) {
        memcpy(payload + at, "\x10\0\0\0\2\0", 6);
    }
}

#define PAYLOADS 64 /* different ones in turn, so that no load is predicted */

static void run(const struct bench_case *bench, unsigned long rounds)
{
    static uint8_t payloads[PAYLOADS][2048];
    struct schema_store *schemas = NULL;
    struct etw_decoder *decoder = NULL;
    struct etw_event event;
    struct guid guid;
    uint64_t sum = 0; /* keeps the compiler from leaving the work out */
    if (schema_store_new(&schemas, NULL) != ETW_OK ||
        etw_decoder_new(schemas, &decoder, NULL) != ETW_OK || !guid_parse(bench->provider, &guid)) {
        exit(EXIT_FAILURE);
    }
    struct etw_record record = {.class_of = bench->class_of,
                                .provider = guid.bytes,
                                .id = bench->id,
                                .opcode = (uint8_t)bench->id,
                                .pointer_size = 8};
    for (size_t i = 0; i < PAYLOADS; i++) {
        memset(payloads[i], (int)i, sizeof(payloads[i]));
        payloads[i][9] = payloads[i][10] = payloads[i][11] = 0; /* size of an NDIS fragment */
        payloads[i][33] = 0;                                    /* size of a pktmon packet */
        put_addresses(payloads[i], bench->addresses_at);
    }
    clock_t begin = clock();
    for (unsigned long i = 0; i < rounds; i++) {
        record.payload = bytes_of(payloads[i % PAYLOADS], bench->size);
        etw_decoder_read(decoder, &record, &event);
        sum += (uint64_t)event.kind + event.is_incomplete;
    }
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    printf("%7.1f ns  %s (%llu)\n", seconds * 1e9 / (double)rounds, bench->what,
           (unsigned long long)sum);
    etw_decoder_free(decoder);
    schema_store_free(schemas);
}

int main(int argc, char **argv)
{
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000000;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        run(&cases[i], rounds);
    }
    return EXIT_SUCCESS;
}
