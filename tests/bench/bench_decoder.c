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

static const struct bench_case {
    const char *what;
    const char *provider;
    enum record_class class_of;
    uint16_t id; /* opcode of classic events */
    size_t size;
} cases[] = {
    {"nothing known about the provider", "11111111-2222-3333-4444-555555555555", RECORD_IS_MANIFEST,
     160, 64},
    {"no row for the event", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac", RECORD_IS_MANIFEST, 161, 64},
    {"pktmon packet", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac", RECORD_IS_MANIFEST, 160, 162},
    {"pktmon packet, cut in its header", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac", RECORD_IS_MANIFEST,
     160, 30},
    {"pktmon flow counters", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac", RECORD_IS_MANIFEST, 90, 64},
    {"pktmon drop counters: 7 fixed numbers", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac",
     RECORD_IS_MANIFEST, 80, 40},
    {"NDIS fragment", "2ed6006e-4729-4609-b423-3ee7bcd678ef", RECORD_IS_MANIFEST, 1001, 1542},
    {"interface row", "9b79ee91-b5fd-41c0-a243-4248e266e9d0", RECORD_IS_CLASSIC, 36, 1352},
};

#define PAYLOADS 64 /* different ones in turn, so that no load is predicted */

static void run(const struct bench_case *bench, unsigned long rounds)
{
    static uint8_t payloads[PAYLOADS][2048];
    struct etw_decoder *decoder = NULL;
    struct etw_event event;
    struct guid guid;
    uint64_t sum = 0; /* keeps the compiler from leaving the work out */
    if (etw_decoder_new(&decoder, NULL) != ETW_OK || !guid_parse(bench->provider, &guid)) {
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
}

int main(int argc, char **argv)
{
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000000;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        run(&cases[i], rounds);
    }
    return EXIT_SUCCESS;
}
