/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcapout/offload_text.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
    struct etw_offload offload;
    const char *comment, *words;
    uint32_t flags;
} cases[] = {
    {{0}, "", "", 0},
    {{.flags = ETW_OFFLOAD_CHECKSUM},
     " offload=checksum",
     "the checksum in the frame is not the one on the wire",
     0x200},
    {{.flags = ETW_OFFLOAD_CHECKSUM | ETW_OFFLOAD_SEGMENTS, .segment_size = 1460},
     " offload=checksum,lso segment_size=1460",
     "the checksum in the frame is not the one on the wire; the adapter cuts it into segments of "
     "1460 bytes",
     0xA00},
    {{.flags = ETW_OFFLOAD_COALESCED | ETW_OFFLOAD_VERIFIED, .coalesced = 3},
     " offload=rsc segments=3 checksum=verified",
     "the adapter joined it from segments, 3 of them; the adapter found the checksum right",
     0x400},
    {{.flags = ETW_OFFLOAD_VERIFIED | ETW_OFFLOAD_FAILED},
     " checksum=failed",
     "the adapter found the checksum wrong",
     0},
    {{.has_vlan = true, .vlan = 0, .priority = 5}, " vlan=0 priority=5", "VLAN 0, priority 5", 0},
    {{.has_hash = true, .hash = 0xAB, .virtual_subnet = 5001},
     " hash=0xab virtual_subnet=5001",
     "hash 0xab; virtual subnet 5001",
     0},
};

static void what_is_known_has_its_words_and_flags(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = {0};
        assert_int_equal(out_offload_is_empty(&cases[i].offload), i == 0);
        out_offload_add_comment(&text, &cases[i].offload);
        assert_string_equal(text_get(&text), cases[i].comment);
        text_clear(&text);
        text_add(&text, "x: ");
        out_offload_add_words(&text, &cases[i].offload);
        assert_string_equal(text_get(&text) + 3, cases[i].words);
        assert_int_equal(out_offload_flags(&cases[i].offload), cases[i].flags);
        text_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_known_has_its_words_and_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
