/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "etw/record.h"
#include "etw/schema/builtin_layouts.h"
#include "etw/schema/builtin_manifests.h"
#include "etw/schema/manifest_xml.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Events and versions as the tables of layouts have them. */
static const struct provider_case {
    const char *name, *guid;
    unsigned event_count;
} providers[] = {
    {"Microsoft-Windows-TCPIP", "2f07e2ee-15db-40f1-90ef-9d7ba282188a", 754},
    {"Microsoft-Windows-Winsock-AFD", "e53c6823-7bb8-44bb-90dc-3f86090d48a6", 96},
    {"Microsoft-Windows-SMBClient", "988c59c5-0a1c-45b6-a555-0c62276e327d", 197},
    {"Microsoft-Windows-SMBServer", "d48ce617-33a2-4bc3-a5c7-11aa4f29619e", 203},
    {"Microsoft-Windows-NDIS-PacketCapture", "2ed6006e-4729-4609-b423-3ee7bcd678ef", 20},
    {"Microsoft-Windows-PktMon", "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac", 32},
    {"Microsoft-Windows-Kernel-Process", "22fb2cd6-0e7b-422b-a0c7-2fad1fd0e716", 45},
    {"Microsoft-Windows-Kernel-Network", "7dd42a49-5329-4832-8dfd-43d979153a88", 22},
    {"Microsoft-Windows-DNS-Client", "1c95126e-7eea-49a9-a3fe-a378b03ddb4d", 149},
    {"Microsoft-Windows-Winsock-NameResolution", "55404e71-4db9-4deb-a5f5-8f86e46dde56", 16},
    {"Microsoft-Windows-WFP", "0c478c5b-0351-41b1-8c58-4a6737da32e3", 46},
    {"Microsoft-Windows-WinHttp", "7d44233d-3055-4b9c-ba64-0d47ca40a232", 74},
    {"Microsoft-Windows-WinINet", "43d1a55c-76d6-4f7e-995c-64c711e5cafe", 344},
    {"Microsoft-Windows-WebIO", "50b3e73c-9370-461d-bb9f-26f32d68887d", 168},
    {"Microsoft-Windows-HttpService", "dd5ef90a-6398-47a4-ad34-4dcecdef795f", 137},
    {"Microsoft-Windows-NDIS", "cdead503-17f5-4a3e-b7ae-df8cc2902eb9", 175},
    {"Microsoft-Windows-Dhcp-Client", "15a7a4f8-0072-4eab-abad-f98a4d666aed", 164},
    {"Schannel", "1f678132-5938-4686-9fdc-c8ff68f15c85", 31},
    {"Microsoft-Windows-Schannel-Events", "91cc1150-71aa-47e2-ae18-c96e61736b6f", 24},
    {"Microsoft-Windows-SMBDirect", "db66ea65-b7bb-4ca9-8748-334cb5c32400", 94},
    {"Microsoft-Windows-RPC", "6ad52b32-d609-4be9-ae07-ce8dae937e39", 17},
    {"Microsoft-Quic", "ff15e657-4f26-570e-88ab-0796b258d11c", 181},
    {"Microsoft-Windows-Kernel-EventTracing", "b675ec37-bdb6-4648-bc92-f3fdc74d3ca2", 52},
};

enum {
    TCPIP,
    AFD,
    SMB_CLIENT,
    SMB_SERVER,
    NDIS_CAPTURE,
    PKTMON,
    PROCESS,
    NETWORK,
    DNS_CLIENT,
    NAME_RESOLUTION,
    WFP,
    WIN_HTTP,
    WIN_INET,
    WEB_IO,
    HTTP_SERVICE,
    NDIS,
    DHCP_CLIENT,
    SCHANNEL
};

static struct guid guid_of(const char *text)
{
    struct guid guid;
    assert_true(guid_parse(text, &guid));
    return guid;
}

static struct schema_store *new_store(uint32_t build)
{
    struct schema_store *store = NULL;
    assert_int_equal(schema_store_new(&store, NULL), ETW_OK);
    schema_store_set_build(store, build);
    return store;
}

/* The nearest version, when there is an event of this id. */
static const struct event_schema *find_any(struct schema_store *store, const struct guid *guid,
                                           uint16_t id, uint8_t version)
{
    const char *why = NULL;
    struct etw_record record = {.kind = RECORD_EVENT64,
                                .class_of = RECORD_IS_MANIFEST,
                                .pointer_size = 8,
                                .id = id,
                                .version = version,
                                .provider = guid->bytes};
    return schema_store_find(store, &record, &why);
}

/* Of this very version. */
static const struct event_schema *find_by_guid(struct schema_store *store, const struct guid *guid,
                                               uint16_t id, uint8_t version)
{
    const struct event_schema *schema = find_any(store, guid, id, version);
    return schema && schema->version == version ? schema : NULL;
}

static const struct event_schema *find(struct schema_store *store, int provider, uint16_t id,
                                       uint8_t version)
{
    struct guid guid = guid_of(providers[provider].guid);
    return find_by_guid(store, &guid, id, version);
}

/* "Status:NTSTATUS, Endpoint, ..." would need names for all types; numbers do. */
static const struct schema_property *property(const struct event_schema *schema, const char *name)
{
    for (uint16_t i = 0; schema && i < schema->property_count; i++) {
        if (strcmp(schema->properties[i].name, name) == 0) {
            return &schema->properties[i];
        }
    }
    fail_msg("no property %s", name);
    return NULL;
}

static const char *map_text(const struct schema_property *of, uint32_t value)
{
    for (size_t i = 0; of->map && i < of->map->entry_count; i++) {
        if (of->map->entries[i].value == value) {
            return of->map->entries[i].text;
        }
    }
    return "(none)";
}

static void every_manifest_is_read_without_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < builtin_manifest_count; i++) {
        const struct builtin_manifest *manifest = &builtin_manifests[i];
        struct schema_store *store = new_store(0);
        struct etw_error error = {.text = ""};
        if (manifest_xml_read(store, manifest->xml, manifest->size, ETW_SCHEMA_BUILT_IN,
                              manifest->name, &error) != ETW_OK) {
            fail_msg("%s", error.text);
        }
        schema_store_free(store);
    }
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same_map(const struct etw_map *a, const struct etw_map *b)
{
    if (!a || !b) {
        return a == b;
    }
    bool is_same = strcmp(a->name, b->name) == 0 && a->is_bitmap == b->is_bitmap &&
                   a->entry_count == b->entry_count;
    for (size_t i = 0; is_same && i < a->entry_count; i++) {
        is_same = a->entries[i].value == b->entries[i].value &&
                  strcmp(a->entries[i].text, b->entries[i].text) == 0;
    }
    return is_same;
}

static bool is_same_property(const struct schema_property *a, const struct schema_property *b)
{
    return strcmp(a->name, b->name) == 0 && a->in_type == b->in_type &&
           a->out_type == b->out_type && a->flags == b->flags && a->count == b->count &&
           a->length == b->length && a->first_member == b->first_member &&
           a->member_count == b->member_count && is_same_map(a->map, b->map);
}

static bool is_same_schema(const struct event_schema *a, const struct event_schema *b)
{
    bool is_same =
        a->id == b->id && a->version == b->version && is_same_text(a->origin, b->origin) &&
        is_same_text(a->provider_name, b->provider_name) &&
        is_same_text(a->event_name, b->event_name) && is_same_text(a->message, b->message) &&
        a->property_count == b->property_count && a->top_level_count == b->top_level_count;
    for (uint16_t i = 0; is_same && i < a->property_count; i++) {
        is_same = is_same_property(&a->properties[i], &b->properties[i]);
    }
    return is_same;
}

static void compare_alone(const struct builtin_manifest *manifest, struct schema_store *whole)
{
    struct builtin_generations alone = {manifest, 1};
    for (size_t i = 0; i < manifest->event_count; i++) {
        bool found = false;
        uint16_t id = manifest->events[i].id;
        struct schema_store *store = new_store(0);
        assert_true(builtin_generations_load(store, &alone, id, 0, &found));
        assert_true(found);
        for (uint8_t version = 0; version < 12; version++) {
            const struct event_schema *expected = find_by_guid(whole, &manifest->guid, id, version);
            const struct event_schema *read = find_by_guid(store, &manifest->guid, id, version);
            if (!read != !expected || (read && !is_same_schema(read, expected))) {
                fail_msg("%s: event %u.%u alone is not as in the manifest", manifest->name, id,
                         version);
            }
        }
        schema_store_free(store);
    }
}

static void an_event_alone_reads_as_in_its_whole_manifest(void **state)
{
    (void)state;
    for (size_t i = 0; i < builtin_manifest_count; i++) {
        const struct builtin_manifest *manifest = &builtin_manifests[i];
        struct schema_store *whole = new_store(0);
        assert_int_equal(manifest_xml_read(whole, manifest->xml, manifest->size,
                                           ETW_SCHEMA_BUILT_IN, manifest->name, NULL),
                         ETW_OK);
        compare_alone(manifest, whole);
        schema_store_free(whole);
    }
}

static void generations_of_a_provider_stand_together(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < builtin_manifest_count; i += count) {
        const struct builtin_manifest *first = &builtin_manifests[i];
        struct builtin_generations found = builtin_generations_find(&first->guid);
        count = found.count;
        assert_ptr_equal(found.first, first);
        assert_int_equal(first->build, 0);
        for (size_t n = 1; n < count; n++) {
            assert_true(guid_equal(&first[n].guid, &first->guid));
            assert_true(first[n].build > first[n - 1].build);
        }
    }
}

static void every_event_and_version_of_the_tables_is_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(providers); i++) {
        struct schema_store *store = new_store(0);
        struct guid guid = guid_of(providers[i].guid);
        unsigned count = 0;
        for (uint32_t id = 0; id <= UINT16_MAX; id++) {
            for (uint8_t version = 0; version < 12 && find_any(store, &guid, (uint16_t)id, 0);
                 version++) {
                const struct event_schema *schema =
                    find_by_guid(store, &guid, (uint16_t)id, version);
                if (!schema) {
                    continue;
                }
                count++;
                assert_int_equal(schema->source, ETW_SCHEMA_BUILT_IN);
                assert_string_equal(schema->provider_name, providers[i].name);
                assert_memory_equal(schema->origin, providers[i].name, strlen(providers[i].name));
            }
        }
        if (count != providers[i].event_count) {
            fail_msg("%s: %u events and versions", providers[i].name, count);
        }
        schema_store_free(store);
    }
}

static void the_build_chooses_the_generation(void **state)
{
    (void)state;
    static const struct {
        int provider;
        uint32_t build;
        uint16_t id;
        uint8_t version;
        uint16_t property_count;
        const char *origin;
    } cases[] = {
        {TCPIP, 10586, 1326, 0, 6, "Microsoft-Windows-TCPIP"},
        {TCPIP, 14393, 1326, 0, 8, "Microsoft-Windows-TCPIP@14393"},
        {TCPIP, 28000, 1326, 0, 8, "Microsoft-Windows-TCPIP@14393"},
        {TCPIP, 0, 1326, 0, 8, "Microsoft-Windows-TCPIP@14393"},
        {TCPIP, 0, 1002, 0, 7, "Microsoft-Windows-TCPIP"},
        {SMB_SERVER, 22631, 106, 2, 24, "Microsoft-Windows-SMBServer"},
        {SMB_SERVER, 26100, 106, 2, 26, "Microsoft-Windows-SMBServer@26100"},
        {SMB_SERVER, 0, 106, 2, 26, "Microsoft-Windows-SMBServer@26100"},
        {SMB_CLIENT, 14393, 31019, 0, 10, "Microsoft-Windows-SMBClient"},
        {SMB_CLIENT, 16299, 31019, 0, 13, "Microsoft-Windows-SMBClient@16299"},
        {PROCESS, 10586, 13, 0, 3, "Microsoft-Windows-Kernel-Process"},
        {PROCESS, 14393, 13, 0, 3, "Microsoft-Windows-Kernel-Process@14393"},
        {WFP, 7601, 1005, 0, 24, "Microsoft-Windows-WFP"},
        {WFP, 10240, 1005, 0, 26, "Microsoft-Windows-WFP@10240"},
        {DHCP_CLIENT, 7601, 50022, 0, 2, "Microsoft-Windows-Dhcp-Client"},
        {DHCP_CLIENT, 19045, 50022, 0, 3, "Microsoft-Windows-Dhcp-Client@10240"},
        {SCHANNEL, 19045, 36870, 0, 3, "Schannel"},
        {SCHANNEL, 22000, 36870, 0, 5, "Schannel@22000"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct schema_store *store = new_store(cases[i].build);
        const struct event_schema *schema =
            find(store, cases[i].provider, cases[i].id, cases[i].version);
        assert_non_null(schema);
        assert_string_equal(schema->origin, cases[i].origin);
        assert_int_equal(schema->property_count, cases[i].property_count);
        schema_store_free(store);
    }
}

static void numbers_of_a_map_change_with_the_build(void **state)
{
    (void)state;
    static const struct {
        uint32_t build;
        const char *text;
    } cases[] = {{7601, "DisconnectTimer"}, {14393, "DisconnectTimer"}, {17134, "PacingTimer"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct schema_store *store = new_store(cases[i].build);
        const struct event_schema *schema = find(store, TCPIP, 1064, 0);
        assert_string_equal(map_text(property(schema, "TimerType"), 5), cases[i].text);
        schema_store_free(store);
    }
}

static void appended_fields_are_optional(void **state)
{
    (void)state;
    static const struct {
        int provider;
        uint16_t id;
        unsigned all, required;
    } cases[] = {
        {TCPIP, 1223, 11, 9},       {TCPIP, 1226, 6, 5},        {NDIS_CAPTURE, 1001, 6, 4},
        {SMB_CLIENT, 30203, 5, 4},  {SMB_CLIENT, 30809, 11, 7}, {SMB_CLIENT, 30906, 10, 7},
        {SMB_CLIENT, 31013, 11, 7}, {SMB_SERVER, 500, 5, 3},    {SMB_SERVER, 501, 6, 2},
        {TCPIP, 1002, 7, 7},        {PKTMON, 180, 22, 22},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct schema_store *store = new_store(0);
        const struct event_schema *schema = find(store, cases[i].provider, cases[i].id, 0);
        assert_non_null(schema);
        assert_int_equal(schema->property_count, cases[i].all);
        for (uint16_t n = 0; n < schema->property_count; n++) {
            bool is_optional = (schema->properties[n].flags & PROPERTY_IS_OPTIONAL) != 0;
            if (is_optional != (n >= cases[i].required)) {
                fail_msg("%u, %s", cases[i].id, schema->properties[n].name);
            }
        }
        schema_store_free(store);
    }
}

static void renamed_fields_have_their_newer_name(void **state)
{
    (void)state;
    struct schema_store *store = new_store(18990);
    (void)property(find(store, TCPIP, 1013, 1), "ProcessStartKey");
    (void)property(find(store, TCPIP, 1220, 0), "TcbKillRate");
    schema_store_free(store);
    store = new_store(17763);
    (void)property(find(store, PKTMON, 180, 0), "PktCount");
    schema_store_free(store);
}

/* What the tables do not say, or say only by the names of fields. */
static const struct restored_case {
    int provider;
    uint16_t id;
    uint8_t version;
    const char *name;
    uint16_t in_type, out_type;
    const char *length; /* "": none; a number; a field */
    const char *map;    /* "": none */
} restored_cases[] = {
    {TCPIP, 1001, 0, "Status", IN_UINT32, OUT_NTSTATUS, "", ""},
    {TCPIP, 1001, 0, "Endpoint", IN_POINTER, 0, "", ""},
    {TCPIP, 1001, 0, "AddressFamily", IN_UINT32, 0, "", "TCPIP_ADDRESS_FAMILY_TYPE"},
    {TCPIP, 1001, 0, "Pid", IN_UINT32, OUT_PID, "", ""},
    {TCPIP, 1002, 0, "LocalAddress", IN_BINARY, OUT_SOCKETADDRESS, "LocalAddressLength", ""},
    {TCPIP, 1002, 0, "RemoteAddress", IN_BINARY, OUT_SOCKETADDRESS, "RemoteAddressLength", ""},
    {TCPIP, 1002, 0, "NewState", IN_UINT32, 0, "", "TCP_CONNECTION_STATE"},
    {TCPIP, 1051, 0, "OldState", IN_UINT32, 0, "", "TCP_CONNECTION_STATE"},
    {TCPIP, 1300, 3, "State", IN_UINT32, 0, "", "TCP_CONNECTION_STATE"},
    {TCPIP, 1202, 0, "IPv4Address", IN_UINT32, OUT_IPV4, "", ""},
    {TCPIP, 1202, 4, "IPv6Address", IN_BINARY, OUT_IPV6, "IpAddrLength", ""},
    {TCPIP, 1127, 2, "DLAddress", IN_BINARY, 0, "DlAddrLength", ""},
    {TCPIP, 1214, 0, "Reason", IN_UINT32, 0, "", "TCPIP_TRANSPORT_PACKET_DROP_REASON"},
    {NAME_RESOLUTION, 1001, 0, "Status", IN_UINT32, OUT_WIN32ERROR, "", ""},
    {WFP, 1009, 0, "EndCertHash", IN_BINARY, 0, "20", ""},
    {WIN_HTTP, 803, 0, "Interface", IN_ANSI_STRING, 0, "_InterfaceLength", ""},
    {WIN_INET, 1046, 1, "LocalAddress", IN_BINARY, OUT_SOCKETADDRESS, "LocalAddressLength", ""},
    {WEB_IO, 204, 1, "Reason", IN_UINT32, 0, "", "TCPCloseReasonType"},
    {HTTP_SERVICE, 1, 0, "RemoteAddr", IN_BINARY, OUT_SOCKETADDRESS, "RemoteAddrLength", ""},
    {HTTP_SERVICE, 2, 0, "HttpVerb", IN_UINT32, 0, "", "HttpVerb"},
    {HTTP_SERVICE, 48, 0, "Group", IN_UINT32, 0, "", "HTTP_TEMPLATE_LOGGING_LogGroup"},
    {NDIS, 10503, 0, "DriverServiceName", IN_MANIFEST_COUNTED_STRING, 0, "", ""},
    {NDIS, 10045, 0, "MacAddress", IN_BINARY, 0, "6", ""},
    {NDIS, 60102, 0, "SourceAddress", IN_BINARY, OUT_IPV6, "16", ""},
    {DHCP_CLIENT, 1000, 0, "Address", IN_UINT32, OUT_IPV4, "", ""},
    {DHCP_CLIENT, 1000, 0, "HWAddress", IN_BINARY, 0, "HWLength", ""},
    {TCPIP, 1052, 0, "StartPort", IN_UINT16, 0, "", ""},
    {TCPIP, 1553, 0, "RedirectSockAddr", IN_BINARY, OUT_SOCKETADDRESS, "SockAddrLength", ""},
    {TCPIP, 1599, 0, "DestinationPrefix", IN_BINARY, OUT_IPV6, "DestinationPrefixAddressLength",
     ""},
    {AFD, 2, 0, "Address", IN_UINT32, OUT_IPV4, "", ""},
    {AFD, 3, 0, "Address", IN_BINARY, OUT_IPV6, "16", ""},
    {AFD, 3, 0, "Port", IN_UINT16, 0, "", ""},
    {AFD, 1000, 0, "ProcessId", IN_POINTER, OUT_PID, "", ""},
    {AFD, 1030, 0, "Address", IN_BINARY, OUT_SOCKETADDRESS, "AddressLen", ""},
    {AFD, 1032, 0, "Reason", IN_UINT32, 0, "", "AFD_ABORT"},
    {SMB_CLIENT, 30803, 2, "LocalAddress", IN_BINARY, OUT_SOCKETADDRESS, "AddressLength", ""},
    {SMB_CLIENT, 30803, 3, "LocalAddress", IN_BINARY, OUT_SOCKETADDRESS, "AddressLength", ""},
    {SMB_CLIENT, 30600, 0, "ObjectName", IN_UNICODE_STRING, 0, "NameLength", ""},
    {SMB_CLIENT, 30830, 0, "Status", IN_HEXINT32, OUT_NTSTATUS, "", ""},
    {SMB_SERVER, 500, 0, "Address", IN_BINARY, OUT_SOCKETADDRESS, "AddressLength", ""},
    {SMB_SERVER, 1, 2, "Dialects", IN_UINT16, 0, "", ""},
    {NETWORK, 10, 0, "connid", IN_POINTER, 0, "", ""},
    {NETWORK, 10, 0, "daddr", IN_UINT32, OUT_IPV4, "", ""},
    {NETWORK, 10, 0, "dport", IN_UINT16, OUT_PORT, "", ""},
    {NETWORK, 10, 0, "PID", IN_UINT32, OUT_PID, "", ""},
    {NETWORK, 26, 0, "saddr", IN_BINARY, OUT_IPV6, "16", ""},
    {PROCESS, 3, 1, "ThreadID", IN_UINT32, OUT_TID, "", ""},
    {PROCESS, 1, 3, "MandatoryLabel", IN_SID, 0, "", ""},
    {PKTMON, 100, 0, "MacAddress1", IN_BINARY, 0, "6", ""},
    {PKTMON, 230, 0, "Payload", IN_BINARY, 0, "LoggedPayloadSize", ""},
    {NDIS_CAPTURE, 3002, 0, "NextState", IN_UINT8, 0, "", "OpcodeMap"},
};

static void types_lengths_and_maps_are_restored(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(restored_cases); i++) {
        const struct restored_case *test = &restored_cases[i];
        struct schema_store *store = new_store(0);
        const struct event_schema *schema = find(store, test->provider, test->id, test->version);
        const struct schema_property *found = property(schema, test->name);
        char length[80] = "";
        if (found->flags & PROPERTY_FIXED_LENGTH) {
            (void)snprintf(length, sizeof(length), "%u", found->length);
        } else if (found->flags & PROPERTY_LENGTH_FROM) {
            (void)snprintf(length, sizeof(length), "%s", schema->properties[found->length].name);
        }
        if (found->in_type != test->in_type || found->out_type != test->out_type ||
            strcmp(length, test->length) != 0 ||
            strcmp(found->map ? found->map->name : "", test->map) != 0) {
            fail_msg("%s %u.%u %s: in %u, out %u, length %s, map %s",
                     providers[test->provider].name, test->id, test->version, test->name,
                     found->in_type, found->out_type, length, found->map ? found->map->name : "");
        }
        schema_store_free(store);
    }
}

static void destinations_of_a_switch_are_structs(void **state)
{
    (void)state;
    struct schema_store *store = new_store(0);
    const struct event_schema *schema = find(store, NDIS_CAPTURE, 1003, 0);
    const struct schema_property *destination = property(schema, "Destination");
    assert_int_equal(schema->top_level_count, 12);
    assert_int_equal(destination->flags, PROPERTY_IS_STRUCT | PROPERTY_COUNT_FROM);
    assert_string_equal(schema->properties[destination->count].name, "DestinationCount");
    assert_int_equal(destination->member_count, 4);
    assert_string_equal(schema->properties[destination->first_member].name, "PortId");
    assert_string_equal(schema->event_name, "VMSwitchPacketFragment");
    schema_store_free(store);
}

static void events_have_names_without_traces_of_the_tables(void **state)
{
    (void)state;
    static const struct {
        int provider;
        uint16_t id;
        uint8_t version;
        const char *name;
    } cases[] = {
        {TCPIP, 1033, 1, "TcpConnectTcbComplete"},
        {TCPIP, 1332, 3, "TcpDataTransferSend"},
        {AFD, 1030, 0, "AfdBindWithAddress"},
        {SMB_CLIENT, 30600, 0, "SessionStateTransition"},
        {SMB_CLIENT, 30701, 0, "ServerNetworkInterfaceInvalid"},
        {SMB_SERVER, 101, 2, "Smb2ResponseNegotiate"},
        {PROCESS, 1, 2, "ProcessStart"},
        {NETWORK, 26, 0, "TcpSendIPv6"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct schema_store *store = new_store(0);
        const struct event_schema *schema =
            find(store, cases[i].provider, cases[i].id, cases[i].version);
        assert_non_null(schema);
        assert_string_equal(schema->event_name, cases[i].name);
        schema_store_free(store);
    }
}

static void other_providers_are_not_known(void **state)
{
    (void)state;
    const struct guid other = {{1, 2, 3}};
    assert_int_equal(builtin_generations_find(&other).count, 0);
    struct schema_store *store = new_store(0);
    assert_null(find_any(store, &other, 1, 0));
    schema_store_free(store);
}

/* ---- the same as the layouts of the packet providers ---- */

static bool is_same_type(const struct layout_field *field, const struct schema_property *other)
{
    static const uint16_t numbers[FIELD_TYPE_COUNT] = {[FIELD_U8] = IN_UINT8,
                                                       [FIELD_U16] = IN_UINT16,
                                                       [FIELD_U32] = IN_UINT32,
                                                       [FIELD_U64] = IN_UINT64,
                                                       [FIELD_POINTER] = IN_POINTER,
                                                       [FIELD_GUID] = IN_GUID,
                                                       [FIELD_IPV4] = IN_UINT32,
                                                       [FIELD_IPV6] = IN_BINARY,
                                                       [FIELD_BYTES] = IN_BINARY,
                                                       [FIELD_BYTES_COUNTED] = IN_BINARY,
                                                       [FIELD_UTF16_NUL] = IN_UNICODE_STRING};
    unsigned lengths = other->flags & (PROPERTY_FIXED_LENGTH | PROPERTY_LENGTH_FROM);
    if (other->in_type != numbers[field->type]) {
        return false;
    }
    switch (field->type) {
    case FIELD_IPV4:
        return other->out_type == OUT_IPV4;
    case FIELD_IPV6:
        return other->out_type == OUT_IPV6 && lengths == PROPERTY_FIXED_LENGTH &&
               other->length == 16;
    case FIELD_BYTES:
        return lengths == PROPERTY_FIXED_LENGTH && other->length == field->size;
    case FIELD_BYTES_COUNTED:
        return lengths == PROPERTY_LENGTH_FROM && other->length == field->size;
    default:
        return lengths == 0;
    }
}

static void compare_layout(const struct builtin_event *event, const struct event_schema *schema)
{
    const struct layout *layout = &event->layout;
    assert_non_null(schema);
    assert_true(layout->has_more ? schema->property_count > layout->field_count
                                 : schema->property_count == layout->field_count);
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const struct layout_field *field = &layout->fields[i];
        const struct schema_property *other = &schema->properties[i];
        bool is_optional = i >= layout->field_count - layout->optional_count;
        if (strcmp(field->name, other->name) != 0 || !is_same_type(field, other) ||
            is_optional != ((other->flags & PROPERTY_IS_OPTIONAL) != 0)) {
            fail_msg("event %u: %s is not %s", event->id, field->name, other->name);
        }
    }
}

static void packet_providers_equal_their_layouts(void **state)
{
    (void)state;
    unsigned compared = 0;
    for (size_t i = 0; i < builtin_provider_count; i++) {
        const struct builtin_provider *provider = &builtin_providers[i];
        struct schema_store *store = new_store(0);
        bool is_there = builtin_generations_find(&provider->guid).count > 0;
        for (size_t n = 0; is_there && n < provider->event_count; n++) {
            const struct builtin_event *event = &provider->events[n];
            compare_layout(event, find_by_guid(store, &provider->guid, event->id, event->version));
            compared++;
        }
        schema_store_free(store);
    }
    assert_true(compared >= 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_manifest_is_read_without_an_error),
        cmocka_unit_test(an_event_alone_reads_as_in_its_whole_manifest),
        cmocka_unit_test(generations_of_a_provider_stand_together),
        cmocka_unit_test(every_event_and_version_of_the_tables_is_there),
        cmocka_unit_test(the_build_chooses_the_generation),
        cmocka_unit_test(numbers_of_a_map_change_with_the_build),
        cmocka_unit_test(appended_fields_are_optional),
        cmocka_unit_test(renamed_fields_have_their_newer_name),
        cmocka_unit_test(types_lengths_and_maps_are_restored),
        cmocka_unit_test(destinations_of_a_switch_are_structs),
        cmocka_unit_test(events_have_names_without_traces_of_the_tables),
        cmocka_unit_test(other_providers_are_not_known),
        cmocka_unit_test(packet_providers_equal_their_layouts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
