/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

#include <cmocka.h>

#include "correlate/smb_servers.h"

#define NAME(text) ((struct bytes){.data = (const uint8_t *)u##text, .size = sizeof(u##text) - 2})

static void learn(struct smb_store *servers, enum etw_layer layer, struct bytes name,
                  uint8_t last_byte)
{
    const struct etw_smb smb = {.socket = {.layer = layer,
                                           .has = ETW_HAS_REMOTE,
                                           .remote = {.size = 4,
                                                      .has_port = true,
                                                      .port = last_byte ? 445 : 0,
                                                      .bytes = {192, 0, 2, last_byte}}},
                                .server = name};
    assert_true(smb_servers_learn(servers, &smb));
}

static int last_byte_of(const struct smb_store *servers, struct bytes server, struct bytes share)
{
    const struct smb_naming naming = {.server = server, .share = share};
    const struct corr_endpoint *end = smb_servers_find(servers, &naming);
    return end ? end->bytes[3] : -1;
}

#define NOTHING ((struct bytes){.data = NULL})

static void a_name_leads_to_the_address_told_with_it(void **state)
{
    (void)state;
    struct smb_store *servers = smb_servers_new();
    assert_non_null(servers);
    assert_int_equal(last_byte_of(servers, NAME("\\fs"), NOTHING), -1);
    learn(servers, ETW_LAYER_SMB_CLIENT, NAME("\\FS"), 1);
    learn(servers, ETW_LAYER_SMB_CLIENT, NAME("\\other.example"), 2);
    assert_int_equal(last_byte_of(servers, NAME("\\fs"), NOTHING), 1);
    assert_int_equal(last_byte_of(servers, NOTHING, NAME("\\\\fs\\data")), 1);
    assert_int_equal(last_byte_of(servers, NAME("other.example"), NAME("\\\\fs\\data")), 2);
    assert_int_equal(last_byte_of(servers, NAME("\\f"), NOTHING), -1);
    assert_int_equal(last_byte_of(servers, NAME("\\fs.example"), NOTHING), -1);
    learn(servers, ETW_LAYER_SMB_CLIENT, NAME("\\fs"), 3);
    assert_int_equal(last_byte_of(servers, NAME("\\fs"), NOTHING), 3);
    smb_store_free(servers);
}

static void what_is_no_name_or_no_address_is_not_kept(void **state)
{
    (void)state;
    struct smb_store *servers = smb_servers_new();
    static const char16_t long_name[300] = {u'x', [1] = u'x', [299] = u'x'};
    struct bytes name = {.data = (const uint8_t *)long_name, .size = sizeof(long_name)};
    assert_non_null(servers);
    learn(servers, ETW_LAYER_SMB_SERVER, NAME("\\fs"), 1);
    learn(servers, ETW_LAYER_SMB_CLIENT, NAME("\\fs"), 0);
    learn(servers, ETW_LAYER_SMB_CLIENT, NAME("\\\\"), 1);
    learn(servers, ETW_LAYER_SMB_CLIENT, name, 1);
    assert_int_equal(last_byte_of(servers, NAME("\\fs"), NOTHING), -1);
    assert_int_equal(last_byte_of(servers, NOTHING, NOTHING), -1);
    assert_int_equal(last_byte_of(servers, name, NOTHING), -1);
    smb_store_free(servers);
}

/* Whether TCP or RDMA is meant, a name does not say. */
static void a_server_reached_by_rdma_has_no_address_by_name(void **state)
{
    (void)state;
    struct smb_store *servers = smb_servers_new();
    assert_non_null(servers);
    learn(servers, ETW_LAYER_SMB_CLIENT, NAME("\\fs"), 1);
    const struct etw_smb rdma = {
        .socket = {.layer = ETW_LAYER_SMB_CLIENT, .has = ETW_HAS_TRANSPORT},
        .server = NAME("\\fs"),
        .transport = ETW_SMB_OVER_RDMA,
    };
    assert_true(smb_servers_learn(servers, &rdma));
    assert_int_equal(last_byte_of(servers, NAME("\\fs"), NOTHING), -1);
    learn(servers, ETW_LAYER_SMB_CLIENT, NAME("\\fs"), 1);
    assert_int_equal(last_byte_of(servers, NAME("\\fs"), NOTHING), -1);
    smb_store_free(servers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_leads_to_the_address_told_with_it),
        cmocka_unit_test(what_is_no_name_or_no_address_is_not_kept),
        cmocka_unit_test(a_server_reached_by_rdma_has_no_address_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
