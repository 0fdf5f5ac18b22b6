/* SPDX-License-Identifier: MIT */
/*
 * bench_payload.c - nanoseconds per field and per event when a payload is read by its
 * schema, and with its values as text.
 *
 *     bench_payload [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "etw/schema/payload.h"

#define FIELDS_MOST 24
#define PAYLOADS    64 /* different ones in turn, so that no load is predicted */

#define P(of_name, ...)                                                                            \
    {                                                                                              \
        .name = (of_name), .in_type = __VA_ARGS__                                                  \
    }

static const struct etw_map_entry states[] = {{0, "ClosedState"}, {1, "ListenState"}};
static const struct etw_map state_map = {"States", false, states, 2};

/* Shaped like what the TCP/IP provider and its neighbours log. */
static const struct bench_case {
    const char *what;
    struct schema_property properties[FIELDS_MOST];
} cases[] = {
    {"20 numbers and pointers",
     {P("a", IN_POINTER),
      P("b", IN_UINT32),
      P("c", IN_UINT32),
      P("d", IN_UINT32),
      P("e", IN_UINT32),
      P("f", IN_UINT32),
      P("g", IN_UINT32),
      P("h", IN_UINT32),
      P("i", IN_UINT32),
      P("j", IN_UINT32),
      P("k", IN_POINTER),
      P("l", IN_UINT32),
      P("m", IN_UINT32, OUT_NTSTATUS),
      P("n", IN_UINT32),
      P("o", IN_UINT32),
      P("p", IN_UINT32),
      P("q", IN_UINT64),
      P("r", IN_UINT32, .map = &state_map),
      P("s", IN_UINT16),
      P("t", IN_UINT8)}},
    {"connection: 2 addresses of 16 bytes, 6 numbers",
     {P("ll", IN_UINT32), P("l", IN_BINARY, OUT_SOCKETADDRESS, PROPERTY_LENGTH_FROM, .length = 0),
      P("rl", IN_UINT32), P("r", IN_BINARY, OUT_SOCKETADDRESS, PROPERTY_LENGTH_FROM, .length = 2),
      P("status", IN_UINT32, OUT_NTSTATUS), P("pid", IN_UINT32, OUT_PID),
      P("compartment", IN_UINT32), P("tcb", IN_POINTER)}},
    {"texts: 2 of 20 characters", {P("w", IN_UNICODE_STRING), P("a", IN_ANSI_STRING)}},
    {"one number", {P("a", IN_UINT32)}},
};

struct sum {
    uint64_t number;
    struct text text;
};

static void add_value(void *context, const struct etw_field *field)
{
    struct sum *sum = context;
    sum->number += field->number + (uint64_t)field->kind;
}

static void format_value(void *context, const struct etw_field *field)
{
    struct sum *sum = context;
    text_clear(&sum->text);
    etw_field_format(field, &sum->text);
    sum->number += sum->text.size;
}

static void fill(uint8_t payloads[PAYLOADS][256], size_t bench)
{
    for (size_t i = 0; i < PAYLOADS; i++) {
        memset(payloads[i], (int)i + 1, 256);
        if (bench == 1) { /* lengths and families */
            static const uint8_t head[] = {16, 0, 0, 0, 2, 0};
            memcpy(payloads[i], head, sizeof(head));
            memcpy(payloads[i] + 20, head, sizeof(head));
        } else if (bench == 2) { /* ends of texts */
            memset(payloads[i] + 40, 0, 2);
            payloads[i][62] = 0;
        }
    }
}

static double run(const struct event_schema *schema, unsigned long rounds,
                  uint8_t payloads[PAYLOADS][256], const struct etw_fields_visitor *visitor)
{
    size_t unread = 0;
    clock_t begin = clock();
    for (unsigned long i = 0; i < rounds; i++) {
        struct bytes payload = bytes_of(payloads[i % PAYLOADS], 256);
        unread += payload_read(schema, &payload, 8, visitor).unread;
    }
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    return unread == 1 ? 0 : seconds * 1e9 / (double)rounds;
}

int main(int argc, char **argv)
{
    static uint8_t payloads[PAYLOADS][256];
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000000;
    struct sum sum = {0};
    struct etw_fields_visitor reader = {.context = &sum, .value = add_value};
    struct etw_fields_visitor writer = {.context = &sum, .value = format_value};
    printf("   event    field   with text\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint16_t count = 0;
        while (count < FIELDS_MOST && cases[i].properties[count].name) {
            count++;
        }
        struct event_schema schema = {.properties = cases[i].properties,
                                      .property_count = count,
                                      .top_level_count = count,
                                      .source = ETW_SCHEMA_BUILT_IN};
        fill(payloads, i);
        double read_ns = run(&schema, rounds, payloads, &reader);
        double write_ns = run(&schema, rounds / 4, payloads, &writer);
        printf("%5.1f ns %5.1f ns %8.1f ns  %s (%llu)\n", read_ns, read_ns / count, write_ns,
               cases[i].what, (unsigned long long)sum.number);
    }
    text_done(&sum.text);
    return EXIT_SUCCESS;
}
