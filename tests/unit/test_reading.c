/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/reading.h"
#include "tests/support/etl_builder.h"

/* Of the notices that Windows gives of losses, as a record stores it. */
static const uint8_t lost_event[16] = {0xe0, 0x9a, 0x39, 0x6a, 0xc6, 0x4b, 0xe9, 0x4d,
                                       0x87, 0x0b, 0x36, 0x57, 0xf8, 0x94, 0x7e, 0x7e};

/* A trace with one record of this opcode; reads it up to the ledger. */
static void read_notice(uint8_t opcode, struct cli_facts *facts, bool *has_loss)
{
    struct etl_builder b = {.buffer_size = 1024};
    struct etw_trace *trace = NULL;
    struct cli_reading reading;
    struct etw_error error;
    etl_add_header(&b);
    etl_open_buffer(&b, 0);
    size_t at = etl_add_record(&b, RECORD_FULL64, 0x30);
    b.data[at + 4] = opcode;
    put_le64(b.data + at + 0x10, 100);
    memcpy(b.data + at + 0x18, lost_event, sizeof(lost_event));
    etl_close_buffer(&b);
    assert_int_equal(etw_trace_open_memory(b.data, b.size, NULL, &trace, &error), ETW_OK);
    assert_int_equal(cli_reading_init(&reading, trace, &error), ETW_OK);
    assert_int_equal(cli_reading_learn(&reading, &error), ETW_OK);
    *facts = reading.facts;
    *has_loss = corr_ledger_get_options(reading.ledger)->has_loss;
    cli_reading_done(&reading);
    etw_trace_close(trace);
    etl_done(&b);
}

static void notices_of_losses_make_owners_less_certain(void **state)
{
    (void)state;
    for (uint8_t opcode = 31; opcode <= 35; opcode++) {
        bool is_notice = opcode >= 32 && opcode <= 34;
        struct cli_facts facts;
        bool has_loss = false;
        read_notice(opcode, &facts, &has_loss);
        assert_int_equal(facts.lost_notices, is_notice);
        assert_int_equal(has_loss, is_notice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notices_of_losses_make_owners_less_certain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
