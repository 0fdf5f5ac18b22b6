/* SPDX-License-Identifier: MIT */
/*
 * builtin_layouts.c - layouts of packet capture and configuration events.
 *
 * Names are the manifests' own. [measured] means: equal to the schemas that
 * Windows 10 19042, 19044, Server 2022 20348, Windows 11 22621 or 26200 put into
 * traces; the others are as the manifests of Windows 10 1809 to 11 26H1 have them.
 */
#include "etw/schema/builtin_layouts.h"

#define LAYOUT(rows)                                                                               \
    {                                                                                              \
        rows, (uint16_t)(sizeof(rows) / sizeof((rows)[0])), 0, false                               \
    }
#define LAYOUT_OPTIONAL(rows, end)                                                                 \
    {                                                                                              \
        rows, (uint16_t)(sizeof(rows) / sizeof((rows)[0])), end, false                             \
    }
#define LAYOUT_BEGIN(rows)                                                                         \
    {                                                                                              \
        rows, (uint16_t)(sizeof(rows) / sizeof((rows)[0])), 0, true                                \
    }
#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- Microsoft-Windows-NDIS-PacketCapture ---- */

/* [measured] The last two since Windows 10 1809; the event version stayed 0. */
static const struct layout_field ndis_fragment[] = {
    {"MiniportIfIndex", FIELD_U32, 0}, {"LowerIfIndex", FIELD_U32, 0},
    {"FragmentSize", FIELD_U32, 0},    {"Fragment", FIELD_BYTES_COUNTED, 2},
    {"GftFlowEntryId", FIELD_U64, 0},  {"GftOffloadInformation", FIELD_U64, 0},
};

static const struct layout_field ndis_metadata[] = {
    {"MiniportIfIndex", FIELD_U32, 0},
    {"LowerIfIndex", FIELD_U32, 0},
    {"MetadataSize", FIELD_U32, 0},
    {"Metadata", FIELD_BYTES_COUNTED, 2},
};

/* What follows are structures, which the provider's code takes apart. */
static const struct layout_field ndis_switched[] = {
    {"MiniportIfIndex", FIELD_U32, 0},
    {"LowerIfIndex", FIELD_U32, 0},
    {"SourcePortId", FIELD_U32, 0},
};

static const struct builtin_event ndis_capture_events[] = {
    {1001, 0, LAYOUT_OPTIONAL(ndis_fragment, 2)},
    {1002, 0, LAYOUT(ndis_metadata)},
    {1003, 0, LAYOUT_BEGIN(ndis_switched)},
};

/* ---- Microsoft-Windows-Ras-NdisWanPacketCapture ---- */

static const struct layout_field ras_fragment[] = {
    {"RoutingDomainID", FIELD_UTF16_NUL, 0},
    {"RRASUserName", FIELD_UTF16_NUL, 0},
    {"FragmentSize", FIELD_U32, 0},
    {"Fragment", FIELD_BYTES_COUNTED, 2},
};

static const struct builtin_event ras_capture_events[] = {
    {5001, 0, LAYOUT(ras_fragment)},
    {5002, 0, LAYOUT(ras_fragment)},
};

/* ---- Microsoft-Windows-PktMon ---- */

/* [measured] */
static const struct layout_field pktmon_component[] = {
    {"Id", FIELD_U16, 0},
    {"Type", FIELD_U16, 0},
    {"Name", FIELD_UTF16_NUL, 0},
    {"Description", FIELD_UTF16_NUL, 0},
};

/* [measured] Properties of a component: the event id says the type of the value. */
static const struct layout_field pktmon_property_u32[] = {
    {"ComponentId", FIELD_U16, 0},
    {"Type", FIELD_U16, 0},
    {"Value", FIELD_U32, 0},
};
static const struct layout_field pktmon_property_guid[] = {
    {"ComponentId", FIELD_U16, 0},
    {"Type", FIELD_U16, 0},
    {"Value", FIELD_GUID, 0},
};
static const struct layout_field pktmon_property_medium[] = {
    {"ComponentId", FIELD_U16, 0},
    {"Type", FIELD_U16, 0},
    {"Value", FIELD_U16, 0},
};
static const struct layout_field pktmon_property_ipv4[] = {
    {"ComponentId", FIELD_U16, 0},
    {"Type", FIELD_U16, 0},
    {"IpAddress", FIELD_IPV4, 0},
};
static const struct layout_field pktmon_property_ipv6[] = {
    {"ComponentId", FIELD_U16, 0},
    {"Type", FIELD_U16, 0},
    {"IpAddress", FIELD_IPV6, 0},
};
static const struct layout_field pktmon_property_bytes[] = {
    {"ComponentId", FIELD_U16, 0},
    {"Type", FIELD_U16, 0},
    {"Size", FIELD_U32, 0},
    {"Value", FIELD_BYTES_COUNTED, 2},
};
static const struct layout_field pktmon_property_text[] = {
    {"ComponentId", FIELD_U16, 0},
    {"Type", FIELD_U16, 0},
    {"Value", FIELD_UTF16_NUL, 0},
};
static const struct layout_field pktmon_property_ethertype[] = {
    {"ComponentId", FIELD_U16, 0},
    {"Type", FIELD_U16, 0},
    {"EtherType", FIELD_U16, 0},
};

/* [measured] Packets the component dropped. */
static const struct layout_field pktmon_drop_counters[] = {
    {"ComponentId", FIELD_U16, 0}, {"DirTagIn", FIELD_U16, 0},  {"PacketsIn", FIELD_U64, 0},
    {"BytesIn", FIELD_U64, 0},     {"DirTagOut", FIELD_U16, 0}, {"PacketsOut", FIELD_U64, 0},
    {"BytesOut", FIELD_U64, 0},
};

/* [measured] Packets that passed one edge of the component. */
static const struct layout_field pktmon_flow_counters[] = {
    {"ComponentId", FIELD_U16, 0}, {"EdgeName", FIELD_UTF16_NUL, 0}, {"EdgeId", FIELD_U16, 0},
    {"DirTagIn", FIELD_U16, 0},    {"PacketsIn", FIELD_U64, 0},      {"BytesIn", FIELD_U64, 0},
    {"DirTagOut", FIELD_U16, 0},   {"PacketsOut", FIELD_U64, 0},     {"BytesOut", FIELD_U64, 0},
};

/* [measured] */
static const struct layout_field pktmon_filter_ipv4[] = {
    {"FilterId", FIELD_U16, 0},      {"FilterName", FIELD_UTF16_NUL, 0},
    {"MacAddress1", FIELD_BYTES, 6}, {"MacAddress2", FIELD_BYTES, 6},
    {"EtherType", FIELD_U16, 0},     {"VlanId", FIELD_U16, 0},
    {"IpAddress1", FIELD_IPV4, 0},   {"IpAddress2", FIELD_IPV4, 0},
    {"Protocol", FIELD_U8, 0},       {"Port1", FIELD_U16, 0},
    {"Port2", FIELD_U16, 0},         {"TCPFlags", FIELD_U8, 0},
};
static const struct layout_field pktmon_filter_ipv6[] = {
    {"FilterId", FIELD_U16, 0},      {"FilterName", FIELD_UTF16_NUL, 0},
    {"MacAddress1", FIELD_BYTES, 6}, {"MacAddress2", FIELD_BYTES, 6},
    {"EtherType", FIELD_U16, 0},     {"VlanId", FIELD_U16, 0},
    {"IpAddress1", FIELD_IPV6, 0},   {"IpAddress2", FIELD_IPV6, 0},
    {"Protocol", FIELD_U8, 0},       {"Port1", FIELD_U16, 0},
    {"Port2", FIELD_U16, 0},         {"TCPFlags", FIELD_U8, 0},
};

/* [measured] A sighting of a packet: passing, dropped, dropped again. */
static const struct layout_field pktmon_packet[] = {
    {"PktGroupId", FIELD_U64, 0},
    {"PktNumber", FIELD_U16, 0},
    {"AppearanceCount", FIELD_U16, 0},
    {"DirTag", FIELD_U16, 0},
    {"PacketType", FIELD_U16, 0},
    {"ComponentId", FIELD_U16, 0},
    {"EdgeId", FIELD_U16, 0},
    {"FilterId", FIELD_U16, 0},
    {"DropReason", FIELD_U32, 0},
    {"DropLocation", FIELD_U32, 0},
    {"OriginalPayloadSize", FIELD_U16, 0},
    {"LoggedPayloadSize", FIELD_U16, 0},
    {"Payload", FIELD_BYTES_COUNTED, 11},
};

/* Out-of-band data of a packet. Its second field was called PktNumber before
 * Windows 10 2004. */
static const struct layout_field pktmon_out_of_band[] = {
    {"PktGroupId", FIELD_U64, 0},
    {"PktCount", FIELD_U16, 0},
    {"AppearanceCount", FIELD_U16, 0},
    {"DirTag", FIELD_U16, 0},
    {"PacketType", FIELD_U16, 0},
    {"ComponentId", FIELD_U16, 0},
    {"EdgeId", FIELD_U16, 0},
    {"FilterId", FIELD_U16, 0},
    {"DropReason", FIELD_U32, 0},
    {"DropLocation", FIELD_U32, 0},
    {"TcpIpChecksum", FIELD_POINTER, 0},
    {"TcpLargeSend", FIELD_POINTER, 0},
    {"Ieee8021Q", FIELD_POINTER, 0},
    {"HashInfo", FIELD_POINTER, 0},
    {"HashValue", FIELD_POINTER, 0},
    {"VirtualSubnetInfo", FIELD_POINTER, 0},
    {"TcpRecvSegCoalesceInfo", FIELD_POINTER, 0},
    {"NrtNameResolutionId", FIELD_POINTER, 0},
    {"TcpSendOffloadsSupplementalInfo", FIELD_POINTER, 0},
    {"SwitchForwardingDetail", FIELD_U64, 0},
    {"GftOffloadInfo", FIELD_U64, 0},
    {"GftFlowEntryId", FIELD_U64, 0},
};

static const struct builtin_event pktmon_events[] = {
    {20, 0, LAYOUT(pktmon_component)},       {30, 0, LAYOUT(pktmon_property_u32)},
    {40, 0, LAYOUT(pktmon_property_guid)},   {50, 0, LAYOUT(pktmon_property_u32)},
    {60, 0, LAYOUT(pktmon_property_medium)}, {65, 0, LAYOUT(pktmon_property_ipv4)},
    {66, 0, LAYOUT(pktmon_property_ipv6)},   {70, 0, LAYOUT(pktmon_property_bytes)},
    {73, 0, LAYOUT(pktmon_property_text)},   {75, 0, LAYOUT(pktmon_property_ethertype)},
    {80, 0, LAYOUT(pktmon_drop_counters)},   {90, 0, LAYOUT(pktmon_flow_counters)},
    {100, 0, LAYOUT(pktmon_filter_ipv4)},    {110, 0, LAYOUT(pktmon_filter_ipv6)},
    {160, 0, LAYOUT(pktmon_packet)},         {170, 0, LAYOUT(pktmon_packet)},
    {180, 0, LAYOUT(pktmon_out_of_band)},    {190, 0, LAYOUT(pktmon_out_of_band)},
    {240, 0, LAYOUT(pktmon_packet)},
};

/* ---- SystemConfigEx: added when a trace is merged ---- */

/* [measured] The time is that of the installation. */
static const struct layout_field system_build[] = {
    {"InstallDate", FIELD_U64, 0},
    {"BuildLab", FIELD_UTF16_NUL, 0},
    {"ProductName", FIELD_UTF16_NUL, 0},
};

/*
 * MIB_IF_ROW2 with the padding of 64-bit compilers: 1,352 bytes.
 * [documented: netioapi.h; size, names and MAC measured]
 */
static const struct layout_field network_interface[] = {
    {"InterfaceLuid", FIELD_U64, 0},
    {"InterfaceIndex", FIELD_U32, 0},
    {"InterfaceGuid", FIELD_GUID, 0},
    {"Alias", FIELD_UTF16, 514},
    {"Description", FIELD_UTF16, 514},
    {"PhysicalAddressLength", FIELD_U32, 0}, /* at 1056 */
    {"PhysicalAddress", FIELD_BYTES, 32},
    {"PermanentPhysicalAddress", FIELD_BYTES, 32},
    {"Mtu", FIELD_U32, 0},
    {"Type", FIELD_U32, 0}, /* at 1128 */
    {"TunnelType", FIELD_U32, 0},
    {"MediaType", FIELD_U32, 0},
    {"PhysicalMediumType", FIELD_U32, 0},
    {"AccessType", FIELD_U32, 0},
    {"DirectionType", FIELD_U32, 0},
    {"InterfaceAndOperStatusFlags", FIELD_U8, 0}, /* at 1152 */
    {"", FIELD_BYTES, 3},
    {"OperStatus", FIELD_U32, 0},
    {"AdminStatus", FIELD_U32, 0},
    {"MediaConnectState", FIELD_U32, 0},
    {"NetworkGuid", FIELD_GUID, 0}, /* at 1168 */
    {"ConnectionType", FIELD_U32, 0},
    {"", FIELD_BYTES, 4},
    {"TransmitLinkSpeed", FIELD_U64, 0}, /* at 1192 */
    {"ReceiveLinkSpeed", FIELD_U64, 0},
    {"InOctets", FIELD_U64, 0},
    {"InUcastPkts", FIELD_U64, 0},
    {"InNUcastPkts", FIELD_U64, 0},
    {"InDiscards", FIELD_U64, 0},
    {"InErrors", FIELD_U64, 0},
    {"InUnknownProtos", FIELD_U64, 0},
    {"InUcastOctets", FIELD_U64, 0},
    {"InMulticastOctets", FIELD_U64, 0},
    {"InBroadcastOctets", FIELD_U64, 0},
    {"OutOctets", FIELD_U64, 0},
    {"OutUcastPkts", FIELD_U64, 0},
    {"OutNUcastPkts", FIELD_U64, 0},
    {"OutDiscards", FIELD_U64, 0},
    {"OutErrors", FIELD_U64, 0},
    {"OutUcastOctets", FIELD_U64, 0},
    {"OutMulticastOctets", FIELD_U64, 0},
    {"OutBroadcastOctets", FIELD_U64, 0},
    {"OutQLen", FIELD_U64, 0},
};

static const struct builtin_event system_config_events[] = {
    {32, 0, LAYOUT(system_build)},
    {36, 0, LAYOUT(network_interface)},
};

/* ---- all of them ---- */

const struct builtin_provider builtin_providers[] = {
    {GUID_OF(0x2ed6006e, 0x4729, 0x4609, 0xb4, 0x23, 0x3e, 0xe7, 0xbc, 0xd6, 0x78, 0xef),
     ndis_capture_events, COUNT_OF(ndis_capture_events)},
    {GUID_OF(0xd84521f7, 0x2235, 0x4237, 0xa7, 0xc0, 0x14, 0xe3, 0xa9, 0x67, 0x62, 0x86),
     ras_capture_events, COUNT_OF(ras_capture_events)},
    {GUID_OF(0x4d4f80d9, 0xc8bd, 0x4d73, 0xbb, 0x5b, 0x19, 0xc9, 0x04, 0x02, 0xc5, 0xac),
     pktmon_events, COUNT_OF(pktmon_events)},
    {GUID_OF(0x9b79ee91, 0xb5fd, 0x41c0, 0xa2, 0x43, 0x42, 0x48, 0xe2, 0x66, 0xe9, 0xd0),
     system_config_events, COUNT_OF(system_config_events)},
};

const size_t builtin_provider_count = COUNT_OF(builtin_providers);
