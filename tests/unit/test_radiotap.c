/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "pcapout/radiotap.h"
#include "tests/unit/frame_text.h"

#define ALL (ETW_HAS_FREQUENCY | ETW_HAS_RATE | ETW_HAS_SIGNAL | ETW_HAS_RADIO_CLOCK)

static void fields_stand_at_multiples_of_their_sizes(void **state)
{
    (void)state;
    static const struct {
        struct etw_reception reception;
        const char *header;
    } cases[] = {
        {{.has = 0}, "0000 0800 00000000"},
        {{.has = ETW_HAS_RATE, .rate = 108}, "0000 0900 04000000 6c"},
        {{.has = ETW_HAS_SIGNAL, .signal = -48}, "0000 0900 20000000 d0"},
        {{.has = ETW_HAS_FREQUENCY, .frequency = 2412}, "0000 0c00 08000000 6c09 8000"},
        {{.has = ETW_HAS_FREQUENCY | ETW_HAS_RATE | ETW_HAS_SIGNAL,
          .frequency = 5180,
          .rate = 12,
          .signal = -91},
         "0000 0f00 2c000000 0c 00 3c14 0001 a5"},
        {{.has = ALL,
          .frequency = 5955, /* no flag for 6 GHz */
          .rate = 255,
          .signal = 127,
          .is_damaged = true,
          .radio_time = UINT64_C(0x0102030405060708)},
         "0000 1700 2f000000 0807060504030201 40 ff 4317 0000 7f"},
        {{.has = ETW_HAS_RADIO_CLOCK | ETW_HAS_SIGNAL, .signal = -1, .radio_time = 1},
         "0000 1100 21000000 0100000000000000 ff"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t header[RADIOTAP_MAXIMUM_SIZE];
        struct frame expected = frame_of(cases[i].header);
        memset(header, 0xEE, sizeof(header));
        assert_int_equal(radiotap_write(&cases[i].reception, header), expected.size);
        assert_memory_equal(header, expected.bytes, expected.size);
    }
}

static void of_a_frame_that_nobody_spoke_of_the_header_is_empty(void **state)
{
    (void)state;
    uint8_t header[RADIOTAP_MAXIMUM_SIZE];
    assert_int_equal(radiotap_write(NULL, header), RADIOTAP_EMPTY_SIZE);
    assert_memory_equal(header, "\0\0\x08\0\0\0\0\0", RADIOTAP_EMPTY_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_stand_at_multiples_of_their_sizes),
        cmocka_unit_test(of_a_frame_that_nobody_spoke_of_the_header_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
