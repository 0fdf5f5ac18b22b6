/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/providers/pktmon_names.h"
#include "etw/trace.h"

static void check_table(const struct pktmon_name *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || names[i - 1].value < names[i].value);
        assert_true(strlen(names[i].name) > 0);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(names[k].name, names[i].name);
        }
    }
}

static void reasons_ascend_without_duplicates(void **state)
{
    (void)state;
    assert_int_equal(pktmon_drop_reason_count, 262);
    check_table(pktmon_drop_reasons, pktmon_drop_reason_count);
}

static void locations_ascend_without_duplicates(void **state)
{
    (void)state;
    assert_int_equal(pktmon_drop_location_count, 612);
    check_table(pktmon_drop_locations, pktmon_drop_location_count);
    for (size_t i = 0; i < pktmon_drop_location_count; i++) {
        assert_int_equal(pktmon_drop_locations[i].value >> 16, 0xE000);
    }
}

static void reasons_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(etw_drop_reason_name(0), "Unknown");
    assert_string_equal(etw_drop_reason_name(38), "LowPower");
    assert_string_equal(etw_drop_reason_name(909), "NL_InspectionDrop");
    assert_string_equal(etw_drop_reason_name(1204), "INET_EndpointNotFound");
    assert_string_equal(etw_drop_reason_name(1507), "NetCx_BufferBounceFailureAndPacketIgnore");
    assert_null(etw_drop_reason_name(39));
    assert_null(etw_drop_reason_name(UINT32_MAX));
}

static void locations_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(etw_drop_location_name(0xE0001001), "NDIS_FAKE_FILTER_SEND");
    assert_string_equal(etw_drop_location_name(0xE0004601), "TCPIP_TL_RCV_UDP_DELIVER1");
    assert_string_equal(etw_drop_location_name(0xE0006095),
                        "VFP_PKTMON_SWITCH_CONTEXT_REG_DISABLED");
    assert_string_equal(etw_drop_location_name(0xE0009007), "NETCX_BUFFER_BOUNCE_FAILURE");
    assert_null(etw_drop_location_name(0));
    assert_null(etw_drop_location_name(0x1001));
}

static void direction_tags_and_component_types_have_their_names(void **state)
{
    (void)state;
    static const char *const tags[] = {NULL, "In", "Out", "Rx", "Tx", "Ingress", "Egress", NULL};
    for (unsigned i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        if (tags[i]) {
            assert_string_equal(etw_direction_tag_name((uint16_t)i), tags[i]);
        } else {
            assert_null(etw_direction_tag_name((uint16_t)i));
        }
    }
    assert_null(etw_direction_tag_name(UINT16_MAX));
    assert_string_equal(etw_component_type_name(2), "Miniport");
    assert_string_equal(etw_component_type_name(15), "HTTP Message");
    assert_null(etw_component_type_name(0));
    assert_null(etw_component_type_name(11));
    assert_null(etw_component_type_name(16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_ascend_without_duplicates),
        cmocka_unit_test(locations_ascend_without_duplicates),
        cmocka_unit_test(reasons_have_their_names),
        cmocka_unit_test(locations_have_their_names),
        cmocka_unit_test(direction_tags_and_component_types_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
