/* SPDX-License-Identifier: MIT */
/*
 * The events without which connections, names and processes cannot be told, in all
 * Windows versions: each that a built-in schema describes has a row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "etw/providers/binding.h"
#include "etw/schema/schema_store.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

struct range {
    uint16_t first, last;
};

/* clang-format off */
static const struct range tcpip[] = {
    {1001, 1024}, {1027, 1027}, {1029, 1051}, {1064, 1066}, {1069, 1082}, {1087, 1088},
    {1091, 1098}, {1102, 1103}, {1106, 1106}, {1114, 1124}, {1127, 1128}, {1130, 1130},
    {1144, 1149}, {1156, 1161}, {1166, 1176}, {1178, 1178}, {1180, 1206}, {1214, 1215},
    {1223, 1224}, {1300, 1300}, {1321, 1321}, {1324, 1325}, {1330, 1330}, {1332, 1332},
    {1341, 1341}, {1343, 1343}, {1345, 1352}, {1354, 1354}, {1357, 1357}, {1361, 1361},
    {1364, 1366}, {1370, 1370}, {1381, 1382}, {1385, 1401}, {1411, 1415}, {1418, 1424},
    {1426, 1426}, {1429, 1430}, {1449, 1449}, {1452, 1452}, {1454, 1454}, {1468, 1468},
    {1470, 1471}, {1476, 1483}, {1527, 1535}, {1542, 1542}, {1545, 1545}, {1548, 1548},
    {1555, 1555}, {1562, 1565}, {1601, 1603}, {1637, 1637}};
static const struct range all[] = {{0, UINT16_MAX}};
static const struct range smb_client[] = {
    {2000, 2000}, {30203, 30208}, {30406, 30409}, {30600, 30603}, {30702, 30705},
    {30800, 30809}, {30822, 30836}, {30906, 30906}, {31010, 31010}, {31013, 31013},
    {40000, 40000}};
static const struct range smb_server[] = {
    {1, 21}, {101, 122}, {500, 502}, {550, 555}, {600, 605}, {650, 658}, {1006, 1020},
    {2000, 2000}, {40000, 40000}};
static const struct range processes[] = {{1, 2}, {15, 15}};
static const struct range names[] = {{3000, 3020}};
/* clang-format on */

#define LIST(ranges) ranges, COUNT_OF(ranges)

static const struct {
    const struct provider_binding *provider;
    const struct range *ranges;
    size_t count;
    size_t least; /* events that there are at least */
} lists[] = {
    {&tcpip_provider, LIST(tcpip), 200},
    {&winsock_afd_provider, LIST(all), 96},
    {&smb_client_provider, LIST(smb_client), 40},
    {&smb_server_provider, LIST(smb_server), 70},
    {&kernel_process_provider, LIST(processes), 3},
    {&kernel_network_provider, LIST(all), 22},
    {&dns_client_provider, LIST(names), 19},
};

static bool has_row(const struct provider_binding *provider, uint32_t id)
{
    for (size_t i = 0; i < provider->event_count; i++) {
        if (provider->events[i].id == id) {
            return true;
        }
    }
    return false;
}

/* How many events of the range are described; those without a row are printed. */
static size_t check_range(struct schema_store *schemas, const struct provider_binding *provider,
                          const struct range *range, size_t *missing)
{
    size_t described = 0;
    struct etw_record record = {.kind = RECORD_EVENT64,
                                .class_of = RECORD_IS_MANIFEST,
                                .provider = provider->guid.bytes,
                                .pointer_size = 8};
    for (uint32_t id = range->first; id <= range->last; id++) {
        const char *why = NULL;
        record.id = (uint16_t)id;
        if (!schema_store_find(schemas, &record, &why)) {
            continue;
        }
        described++;
        if (!has_row(provider, id)) {
            print_message("event %u has no row\n", (unsigned)id);
            *missing += 1;
        }
    }
    return described;
}

static void every_event_of_the_minimal_list_has_a_row(void **state)
{
    (void)state;
    struct schema_store *schemas = NULL;
    size_t missing = 0;
    assert_int_equal(schema_store_new(&schemas, NULL), ETW_OK);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        size_t described = 0;
        for (size_t k = 0; k < lists[i].count; k++) {
            described += check_range(schemas, lists[i].provider, &lists[i].ranges[k], &missing);
        }
        print_message("list %zu: %zu events\n", i, described);
        assert_true(described >= lists[i].least);
    }
    schema_store_free(schemas);
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_of_the_minimal_list_has_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
