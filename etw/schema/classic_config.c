/* SPDX-License-Identifier: MIT */
/*
 * classic_config.c - the machine a trace was recorded on: SystemConfig of the kernel
 * logger, SystemConfigEx and WinSAT that merging adds.
 */
#include "etw/schema/classic_tables.h"

/* clang-format off */

/* ---- SystemConfig ---- */

/* [documented] The domain name was shorter, and at first nothing followed it. */
static const struct schema_property cpu_v0[] = {
    U32("MHz"), U32("NumberOfProcessors"), U32("MemSize"), U32("PageSize"),
    U32("AllocationGranularity"), CHARS16("ComputerName", 256), CHARS16("DomainName", 132),
    OPTIONAL("HyperThreadingFlag", IN_POINTER, OUT_DEFAULT),
};

/* [documented; v3 measured, size of v2 measured] */
static const struct schema_property cpu_v3[] = {
    U32("MHz"), U32("NumberOfProcessors"), U32("MemSize"), U32("PageSize"),
    U32("AllocationGranularity"), CHARS16("ComputerName", 256), CHARS16("DomainName", 134),
    POINTER("HyperThreadingFlag"), POINTER("HighestUserAddress"), U16("ProcessorArchitecture"),
    U16("ProcessorLevel"), U16("ProcessorRevision"), U8("PaeEnabled"), U8("NxEnabled"),
    U32("MemorySpeed"),
};
#define CPU_V2_COUNT 8

/* [documented; measured] */
static const struct schema_property physical_disk[] = {
    U32("DiskNumber"), U32("BytesPerSector"), U32("SectorsPerTrack"), U32("TracksPerCylinder"),
    U64("Cylinders"), U32("SCSIPort"), U32("SCSIPath"), U32("SCSITarget"), U32("SCSILun"),
    CHARS16("Manufacturer", 256), U32("PartitionCount"), U8("WriteCacheEnabled"), U8("Pad"),
    CHARS16("BootDriveLetter", 3), CHARS16("Spare", 2),
};

/* [documented; measured] */
static const struct schema_property logical_disk[] = {
    U64("StartOffset"), U64("PartitionSize"), U32("DiskNumber"), U32("Size"), U32("DriveType"),
    CHARS16("DriveLetterString", 4), U32("Pad1"), U32("PartitionNumber"),
    U32("SectorsPerCluster"), U32("BytesPerSector"), U32("Pad2"), I64("NumberOfFreeClusters"),
    I64("TotalNumberOfClusters"), CHARS16("FileSystem", 16), U32("VolumeExt"), U32("Pad3"),
};

/* [documented] Offsets count from the beginning of Data. */
static const struct schema_property nic_v0[] = {
    CHARS16("NICName", 256), U32("Index"), U32("PhysicalAddrLen"), BYTES("PhysicalAddr", 16),
    U32("Size"), I32("IpAddress"), I32("SubnetMask"), I32("DhcpServer"), I32("Gateway"),
    I32("PrimaryWinsServer"), I32("SecondaryWinsServer"), I32("DnsServer1"), I32("DnsServer2"),
    I32("DnsServer3"), I32("DnsServer4"), U32("Data"),
};

/* [measured] The address in its first PhysicalAddrLen bytes. */
static const struct schema_property nic_v2[] = {
    BYTES("PhysicalAddr", 8), U32("PhysicalAddrLen"), U32("Ipv4Index"), U32("Ipv6Index"),
    TEXT16("NICDescription"), TEXT16("IpAddresses"), TEXT16("DnsServerAddresses"),
};

/* [documented; size measured] */
static const struct schema_property video[] = {
    U32("MemorySize"), U32("XResolution"), U32("YResolution"), U32("BitsPerPixel"),
    U32("VRefresh"), CHARS16("ChipType", 256), CHARS16("DACType", 256),
    CHARS16("AdapterString", 256), CHARS16("BiosString", 256), CHARS16("DeviceId", 256),
    HEX32("StateFlags"),
};

/* [documented: winsvc.h] */
static const struct etw_map_entry service_state_entries[] = {
    {1, "Stopped"}, {2, "StartPending"}, {3, "StopPending"}, {4, "Running"},
    {5, "ContinuePending"}, {6, "PausePending"}, {7, "Paused"},
};
static const struct etw_map service_states = {
    "ServiceState", false, service_state_entries, COUNT_OF(service_state_entries)};

/* [measured] */
static const struct schema_property service_v3[] = {
    PID("ProcessId"), MAPPED("ServiceState", IN_UINT32, service_states), U32("SubProcessTag"),
    TEXT16("ServiceName"), TEXT16("DisplayName"), TEXT16("ProcessName"),
    TEXT16("LoadOrderGroup"), TEXT16("SvchostGroup"),
};
#define SERVICE_V2_COUNT 6

/* [documented; measured] Sleep states that the machine supports. */
static const struct schema_property power[] = {
    U8("s1"), U8("s2"), U8("s3"), U8("s4"), U8("s5"), U8("Pad1"), U8("Pad2"), U8("Pad3"),
};

/* [documented; measured] */
static const struct schema_property network[] = {
    U32("TcbTablePartitions"), U32("MaxHashTableSize"), U32("MaxUserPort"),
    U32("TcpTimedWaitDelay"),
};

/* [measured] */
static const struct schema_property optical_media[] = {
    U16("DiskNumber"), U16("BusType"), U16("DeviceType"), U16("MediaType"),
    U64("StartingOffset"), U64("Size"), U64("NumberOfFreeBlocks"), U64("TotalNumberOfBlocks"),
    U64("NextWritableAddress"), U32("NumberOfSessions"), U32("NumberOfTracks"),
    U32("BytesPerSector"), U16("DiscStatus"), U16("LastSessionStatus"), TEXT16("DriveLetter"),
    TEXT16("FileSystemName"), TEXT8("DeviceName"), TEXT8("ManufacturerName"),
};

/* [measured] */
static const struct schema_property plug_and_play_v4[] = {
    GUID("ClassGuid"), U32("UpperFiltersCount"), U32("LowerFiltersCount"), TEXT16("DeviceID"),
    TEXT16("DeviceDescription"), TEXT16("FriendlyName"), TEXT16("PdoName"),
    TEXT16("ServiceName"), COUNTED("UpperFilters", IN_UNICODE_STRING, 1),
    COUNTED("LowerFilters", IN_UNICODE_STRING, 2),
};

/* [guessed] It has two more numbers, somewhere before the texts. */
static const struct schema_property plug_and_play_v5[] = {
    GUID("ClassGuid"), BYTES_REST("Data"),
};

/* [documented; measured] */
static const struct schema_property ide_channel[] = {
    U32("TargetId"), HEX32("DeviceType"), HEX32("DeviceTimingMode"),
    U32("LocationInformationLen"), TEXT16("LocationInformation"),
};

/* [measured] */
static const struct schema_property platform[] = {
    TEXT16("SystemManufacturer"), TEXT16("SystemProductName"), TEXT16("BiosDate"),
    TEXT16("BiosVersion"),
};

/* [measured] */
static const struct schema_property dots_per_inch[] = {U32("MachineDPI"), U32("UserDPI")};

#define CONFIG_GUID                                                                                \
    GUID_OF(0x01853a65, 0x418f, 0x4f36, 0xae, 0xfc, 0xdc, 0x0f, 0x1d, 0x2f, 0xd2, 0x35)
#define CONFIG(...) {.provider = CONFIG_GUID, CLASSIC_EVENT("SystemConfig", __VA_ARGS__)}

static const struct event_schema config_events[] = {
    CONFIG(10, 0, "CPU", ALL_OF(cpu_v0)),
    CONFIG(10, 1, "CPU", ALL_OF(cpu_v0)),
    CONFIG(10, 2, "CPU", FIRST_OF(cpu_v3, CPU_V2_COUNT)),
    CONFIG(10, 3, "CPU", ALL_OF(cpu_v3)),
    CONFIG(11, 2, "PhyDisk", ALL_OF(physical_disk)),
    CONFIG(12, 2, "LogDisk", ALL_OF(logical_disk)),
    CONFIG(13, 0, "NIC", ALL_OF(nic_v0)),
    CONFIG(13, 1, "NIC", ALL_OF(nic_v0)),
    CONFIG(13, 2, "NIC", ALL_OF(nic_v2)),
    CONFIG(14, 2, "Video", ALL_OF(video)),
    CONFIG(15, 2, "Services", FIRST_OF(service_v3, SERVICE_V2_COUNT)),
    CONFIG(15, 3, "Services", ALL_OF(service_v3)),
    CONFIG(16, 2, "Power", ALL_OF(power)),
    CONFIG(17, 2, "Network", ALL_OF(network)),
    CONFIG(18, 2, "OpticalMedia", ALL_OF(optical_media)),
    CONFIG(22, 4, "PnP", ALL_OF(plug_and_play_v4)),
    CONFIG(22, 5, "PnP", ALL_OF(plug_and_play_v5)),
    CONFIG(23, 2, "IDEChannel", ALL_OF(ide_channel)),
    CONFIG(25, 2, "Platform", ALL_OF(platform)),
    CONFIG(28, 2, "DPI", ALL_OF(dots_per_inch)),
};

const struct classic_class classic_system_config = {CONFIG_GUID, config_events,
                                                    COUNT_OF(config_events)};

/* ---- SystemConfigEx: added when a trace is merged ---- */

/* [measured] The time is that of the installation. */
static const struct schema_property build_info[] = {
    FILETIME("InstallDate"), TEXT16("BuildLab"), TEXT16("ProductName"),
};
static const struct schema_property system_paths[] = {
    TEXT16("SystemDirectory"), TEXT16("SystemWindowsDirectory"),
};
static const struct schema_property unknown_volume[] = {TEXT16("Value")};
static const struct schema_property volume_mapping[] = {TEXT16("NtPath"), TEXT16("DosPath")};

/*
 * MIB_IF_ROW2 with the padding of 64-bit compilers: 1,352 bytes.
 * [documented: netioapi.h; size, names and MAC measured]
 */
static const struct schema_property network_interface[] = {
    HEX64("InterfaceLuid"), U32("InterfaceIndex"), GUID("InterfaceGuid"), CHARS16("Alias", 257),
    CHARS16("Description", 257), U32("PhysicalAddressLength"), /* at 1056 */
    BYTES("PhysicalAddress", 32), BYTES("PermanentPhysicalAddress", 32), U32("Mtu"),
    U32("Type"), /* at 1128 */
    U32("TunnelType"), U32("MediaType"), U32("PhysicalMediumType"), U32("AccessType"),
    U32("DirectionType"), HEX8("InterfaceAndOperStatusFlags"), /* at 1152 */
    BYTES("Padding1", 3), U32("OperStatus"), U32("AdminStatus"), U32("MediaConnectState"),
    GUID("NetworkGuid"), /* at 1168 */
    U32("ConnectionType"), BYTES("Padding2", 4), U64("TransmitLinkSpeed"), /* at 1192 */
    U64("ReceiveLinkSpeed"), U64("InOctets"), U64("InUcastPkts"), U64("InNUcastPkts"),
    U64("InDiscards"), U64("InErrors"), U64("InUnknownProtos"), U64("InUcastOctets"),
    U64("InMulticastOctets"), U64("InBroadcastOctets"), U64("OutOctets"), U64("OutUcastPkts"),
    U64("OutNUcastPkts"), U64("OutDiscards"), U64("OutErrors"), U64("OutUcastOctets"),
    U64("OutMulticastOctets"), U64("OutBroadcastOctets"), U64("OutQLen"),
};

/* [measured] The four parts of the version of Windows, the last one first; zeros
 * before Windows 10. What follows is not known. */
static const struct schema_property os_version[] = {
    U16("Revision"), U16("Build"), U16("Minor"), U16("Major"), HEX64("Reserved"),
};

#define CONFIG_EX_GUID                                                                             \
    GUID_OF(0x9b79ee91, 0xb5fd, 0x41c0, 0xa2, 0x43, 0x42, 0x48, 0xe2, 0x66, 0xe9, 0xd0)
#define CONFIG_EX(...) {.provider = CONFIG_EX_GUID, CLASSIC_EVENT("SystemConfigEx", __VA_ARGS__)}

static const struct event_schema config_ex_events[] = {
    CONFIG_EX(32, 0, "BuildInfo", ALL_OF(build_info)),
    CONFIG_EX(33, 0, "SystemPaths", ALL_OF(system_paths)),
    CONFIG_EX(34, 0, "UnknownVolume", ALL_OF(unknown_volume)),
    CONFIG_EX(35, 0, "VolumeMapping", ALL_OF(volume_mapping)),
    CONFIG_EX(36, 0, "NetworkInterface", ALL_OF(network_interface)),
    CONFIG_EX(37, 0, "OSVersion", ALL_OF(os_version)),
};

const struct classic_class classic_system_config_ex = {CONFIG_EX_GUID, config_ex_events,
                                                       COUNT_OF(config_ex_events)};

/* ---- WinSAT: the assessment of the machine, XML packed as LZNT1 [measured] ---- */

static const struct schema_property assessment[] = {
    U32("Format"), U32("UnpackedSize"), PACKED_TEXT16_REST("Xml"),
};

#define WINSAT_GUID                                                                                \
    GUID_OF(0xed54dff8, 0xc409, 0x4cf6, 0xbf, 0x83, 0x05, 0xe1, 0xe6, 0x1a, 0x09, 0xc4)
#define WINSAT(...) {.provider = WINSAT_GUID, CLASSIC_EVENT("WinSAT", __VA_ARGS__)}

static const struct event_schema winsat_events[] = {
    WINSAT(33, 0, "WinSPR", ALL_OF(assessment)),
    WINSAT(35, 0, "Metrics", ALL_OF(assessment)),
    WINSAT(37, 0, "SystemConfig", ALL_OF(assessment)),
};

const struct classic_class classic_winsat = {WINSAT_GUID, winsat_events,
                                             COUNT_OF(winsat_events)};
/* clang-format on */
