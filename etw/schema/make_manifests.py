#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make_manifests.py TABLES NAMES OUT: the built-in manifests, made from tables of layouts.

TABLES is a folder with PROVIDER.tsv (one line per event, version and layout: id, version, name, task,
opcode, level, keywords, first and last Windows build, number of builds, conflict, fields) and
PROVIDER.maps.txt (name, kind, since, values). NAMES is a text file that has names of events without a
task, as table rows "| 30600.0 | Name |" or lists "30604 Name; 30701 Name", below a heading "## ...
PROVIDER". OUT is the folder for PROVIDER.xml and PROVIDER@BUILD.xml.

One file per generation of layouts: PROVIDER.xml has every event and version; PROVIDER@BUILD.xml has
those whose fields another build put in another order, or in other numbers of a map, under the same
version. Fields that newer builds append under the same version are marked optional="true" (an attribute
of our own); a field that was renamed has its newer name.
"""
import pathlib
import re
import sys
from xml.sax.saxutils import quoteattr

PROVIDERS = {
    "Microsoft-Windows-TCPIP": "2f07e2ee-15db-40f1-90ef-9d7ba282188a",
    "Microsoft-Windows-Winsock-AFD": "e53c6823-7bb8-44bb-90dc-3f86090d48a6",
    "Microsoft-Windows-SMBClient": "988c59c5-0a1c-45b6-a555-0c62276e327d",
    "Microsoft-Windows-SMBServer": "d48ce617-33a2-4bc3-a5c7-11aa4f29619e",
    "Microsoft-Windows-NDIS-PacketCapture": "2ed6006e-4729-4609-b423-3ee7bcd678ef",
    "Microsoft-Windows-Ras-NdisWanPacketCapture": "d84521f7-2235-4237-a7c0-14e3a9676286",
    "Microsoft-Windows-PktMon": "4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac",
    "Microsoft-Windows-Kernel-Process": "22fb2cd6-0e7b-422b-a0c7-2fad1fd0e716",
    "Microsoft-Windows-Kernel-Network": "7dd42a49-5329-4832-8dfd-43d979153a88",
    "Microsoft-Windows-DNS-Client": "1c95126e-7eea-49a9-a3fe-a378b03ddb4d",
    "Microsoft-Pef-WFP-MessageProvider": "c22d1b14-c242-49de-9f17-1d76b8b9c458",
    "Microsoft-Windows-Winsock-NameResolution": "55404e71-4db9-4deb-a5f5-8f86e46dde56",
    "Microsoft-Windows-WFP": "0c478c5b-0351-41b1-8c58-4a6737da32e3",
    "Microsoft-Windows-WinHttp": "7d44233d-3055-4b9c-ba64-0d47ca40a232",
    "Microsoft-Windows-WinINet": "43d1a55c-76d6-4f7e-995c-64c711e5cafe",
    "Microsoft-Windows-WebIO": "50b3e73c-9370-461d-bb9f-26f32d68887d",
    "Microsoft-Windows-HttpService": "dd5ef90a-6398-47a4-ad34-4dcecdef795f",
    "Microsoft-Windows-NDIS": "cdead503-17f5-4a3e-b7ae-df8cc2902eb9",
    "Microsoft-Windows-Dhcp-Client": "15a7a4f8-0072-4eab-abad-f98a4d666aed",
    "Schannel": "1f678132-5938-4686-9fdc-c8ff68f15c85",
    "Microsoft-Windows-Schannel-Events": "91cc1150-71aa-47e2-ae18-c96e61736b6f",
    "Microsoft-Windows-SMBDirect": "db66ea65-b7bb-4ca9-8748-334cb5c32400",
    "Microsoft-Windows-RPC": "6ad52b32-d609-4be9-ae07-ce8dae937e39",
    "Microsoft-Quic": "ff15e657-4f26-570e-88ab-0796b258d11c",
    "Microsoft-Windows-Kernel-EventTracing": "b675ec37-bdb6-4648-bc92-f3fdc74d3ca2",
}
# Their events are named by the task alone; those of the others by task and opcode.
NAMED_BY_TASK = set(list(PROVIDERS)[:11])

# Providers whose errors are Win32 errors: the fields that have them.
WIN32_ERRORS = {
    "Microsoft-Windows-DNS-Client": "\\w*Status|ErrorCode",
    "Microsoft-Windows-Winsock-NameResolution": "Status|Error",
    "Microsoft-Windows-WinHttp": "[Ee]rror|Result",
    "Microsoft-Windows-WinINet": "[Ee]rror|Status",
    "Microsoft-Windows-WebIO": "Error|Result",
    "Microsoft-Windows-Dhcp-Client": "StatusCode|ErrorCode",
    "Microsoft-Windows-RPC": "Status|RPCStatus",
    "Microsoft-Windows-WFP": "FailureErrorCode",
}

# Maps whose numbers changed before the first build that the tables name.
MAP_BUILDS = {("TCP_TIMER_TYPE", 17134): 15063}  # pacing came with 1703

# Names of our own for events that have neither a task nor a name in the tables.
OWN_NAMES = {
    "Microsoft-Windows-NDIS-PacketCapture": {
        1001: "PacketFragment", 1002: "PacketMetadata", 1003: "VMSwitchPacketFragment",
        1011: "RulesCount", 1012: "DriverLoad", 1013: "DriverUnload", 1014: "LayerAttach",
        1015: "LayerDetach", 1016: "Rule", 2001: "DriverLoadError", 2002: "LayerLoadError",
        2003: "RuleRejected", 3001: "DriverState", 3002: "LayerState", 5000: "ReceiveStart",
        5001: "ReceiveStop", 5002: "SendStart", 5003: "SendStop", 5100: "Rundown",
        5101: "CaptureSource"},
    "Microsoft-Windows-Ras-NdisWanPacketCapture": {
        5001: "PacketSent", 5002: "PacketReceived", 5003: "Text"},
    "Microsoft-Windows-PktMon": {
        10: "Status", 20: "Component", 30: "ComponentProperty", 40: "ComponentPropertyGuid",
        50: "ComponentPropertyHex", 60: "ComponentPropertyMedium", 65: "ComponentPropertyIPv4",
        66: "ComponentPropertyIPv6", 70: "ComponentPropertyBinary", 73: "ComponentPropertyText",
        75: "ComponentPropertyEtherType", 80: "DropCounters", 90: "FlowCounters",
        100: "FilterIPv4", 110: "FilterIPv6", 120: "HeadersIPv4", 130: "HeadersIPv6",
        140: "DropHeadersIPv4", 150: "DropHeadersIPv6", 160: "Packet", 170: "Drop",
        180: "PacketOutOfBand", 190: "DropOutOfBand", 200: "PacketIPv4", 210: "DropIPv4",
        220: "PacketIPv6", 230: "DropIPv6", 240: "DuplicateDrop", 250: "PacketContext",
        260: "DropContext", 270: "ComponentAdded", 280: "ComponentRemoved"},
    "Microsoft-Windows-SMBServer": {2000: "PacketFragment", 40000: "Packet"},
    "Microsoft-Pef-WFP-MessageProvider": {
        2000: "MessageFragment", 10001: "DriverLoad", 10002: "DriverUnload",
        10003: "CalloutRegister", 10004: "CalloutUnregister", 10005: "FilterAdd",
        10006: "FilterDelete", 20001: "DriverLoadError", 20002: "DriverUnloadError",
        20003: "CalloutRegisterError", 20004: "CalloutUnregisterError",
        20005: "CalloutClassifyError", 60011: "TransportMessageIPv4",
        60012: "TransportMessageIPv4OfFlow", 60021: "TransportMessageIPv6",
        60022: "TransportMessageIPv6OfFlow", 60031: "AuthorizationIPv4",
        60041: "AuthorizationIPv6", 60050: "Discard"},
    "Microsoft-Windows-WFP": {
        1001: "ClassifyDrop", 1003: "IpsecKernelDrop", 1005: "IkeMainModeFailure",
        1007: "IkeQuickModeFailure", 1009: "IkeExtendedModeFailure", 1011: "IpsecDospDrop",
        1029: "ClassifyDropMac"},
    "Microsoft-Windows-Kernel-Network": {
        10: "TcpSend", 11: "TcpReceive", 12: "TcpConnect", 13: "TcpDisconnect",
        14: "TcpRetransmit", 15: "TcpAccept", 16: "TcpReconnect", 17: "TcpFail", 18: "TcpCopy",
        26: "TcpSendIPv6", 27: "TcpReceiveIPv6", 28: "TcpConnectIPv6", 29: "TcpDisconnectIPv6",
        30: "TcpRetransmitIPv6", 31: "TcpAcceptIPv6", 32: "TcpReconnectIPv6", 34: "TcpCopyIPv6",
        42: "UdpSend", 43: "UdpReceive", 49: "UdpFail", 58: "UdpSendIPv6",
        59: "UdpReceiveIPv6"},
    "Microsoft-Windows-DNS-Client": {
        3006: "Query", 3008: "QueryComplete", 3009: "NetworkQuery", 3010: "ServerQuery",
        3011: "ServerResponse", 3012: "NetbiosQuery", 3013: "NetbiosQueryComplete",
        3014: "NetbiosQueryPending", 3016: "CacheLookup", 3018: "CacheLookupComplete",
        3019: "WireQuery", 3020: "WireQueryComplete"},
}

# Structures that the tables show flattened. The members of 1003 and 5101 are not verified.
STRUCTS = {
    ("Microsoft-Windows-NDIS-PacketCapture", 1003, "Destination"): (
        "DestinationCount", (("PortId", "UInt32"), ("PortName", "UnicodeString"),
                             ("NicName", "UnicodeString"), ("NicType", "UnicodeString"))),
    ("Microsoft-Windows-NDIS-PacketCapture", 5101, "LayerInfo"): (
        "LayerCount", (("LayerId", "UInt16"), ("LayerName", "UnicodeString"))),
}
# Arrays of structures whose members nobody knows; what follows them is left out. (The type that the tables give
# them is the number of their first member.)
UNKNOWN_STRUCTS = {("Microsoft-Windows-SMBServer", 16, "Locks"),
                   ("Microsoft-Windows-SMBClient", 30906, "HistoryEntry"),
                   ("Microsoft-Windows-NDIS", 10600, "EventLog")}

# Which fields have which map, beyond what the tables say: (name of the field, events or None).
STATE_EVENTS = {1002, 1015, 1030, 1051, *range(1182, 1188), 1364, 1365}
MAP_USES = {
    "Microsoft-Windows-TCPIP": {
        "TCP_CONNECTION_STATE": (("NewState", STATE_EVENTS), ("OldState", {1051}),
                                 ("TcbState", {1099}), ("TcpState", None),
                                 ("State", {1300, *range(1305, 1311), 1555, 1603})),
        "TCP_TIMER_TYPE": (("TimerType", {1064, 1065, 1066}),),
        "TCPIP_TRANSPORT_PACKET_DROP_REASON": (("Reason", {1214}),),
        "TCPIP_NETWORK_PACKET_DROP_REASON": (("Reason", {1215}),),
        "TCPIP_SLOW_PATH_REASON": (("Reason", {1205, 1206}),),
        "TCPIP_Transport_Protocol": (("IPTransportProtocol", None),),
        "TCPIP_ADDRESS_FAMILY_TYPE": (("AddressFamily", None),),
        "TCPIP_TCP_DELIVERY_STATE": (("OldDeliveryState", {1189}), ("NewDeliveryState", {1189})),
        "TCPIP_IP_DAD_STATE": (("DadState", None),),
        "TCPIP_NEIGHBOR_STATE": (("OldNeighborState", None), ("NewNeighborState", None),
                                 ("NeighborState", None)),
        "TCPIP_NEIGHBOR_EVENT": (("NeighborEvent", None),),
        "TCPIP_BOOLEAN": (("IsSack", None), ("WeakReference", None)),
        "TCPIP_PROPERTY": (("StateV4", {1226}), ("StateV6", {1226})),
        "TCPIP_OFFLOAD_FAILURE_REASON": (("FailureReasonV4", {1226}),
                                         ("FailureReasonV6", {1226})),
        "TCP_CONGESTION_ALGORITHM": (("CongestionAlgorithm", None),),
        "TCPIP_TEMPLATE_TYPE": (("TemplateType", None),),
        "TCPIP_Path_Direction": (("PathDirection", None),),
        "TCP_OPTION_TYPE": (("OptionType", {1104, 1105}),),
        "TCP_SO_OPTION_TYPE": (("SoOptionType", {1104, 1105}),),
    },
    "Microsoft-Windows-SMBClient": {
        "Smb2CommandMap": (("Smb2Command", None),),
        "ConnectionTypeMap": (("ConnectionType", None),),
        "Smb2ObjectStateMap": (("OldState", None), ("NewState", None)),
        "Smb2DiagReasonMap": (("Reason", set(range(30600, 32000))), ("PreviousReason", None)),
    },
    "Microsoft-Windows-SMBServer": {
        "ConnectionTypeMap": (("ConnectionType", None),),
        "Smb2CommandMap": (("Command", {*range(1, 23), *range(101, 123)}),),
    },
    "Microsoft-Windows-NDIS-PacketCapture": {
        "RuleIdMap": (("RuleId", None),), "DirectiveMap": (("Directive", None),),
        "OpcodeMap": (("PreviousState", None), ("NextState", None)),
        "mapCaptureSource": (("SourceId", None),),
    },
    "Microsoft-Windows-Kernel-Process": {"ProcessFlags": (("Flags", {1, 15}),)},
    "Microsoft-Windows-HttpService": {
        "HTTP_TEMPLATE_LOGGING_LogType": (("Type", set(range(47, 52))),),
        "HTTP_TEMPLATE_LOGGING_LogGroup": (("Group", set(range(47, 52))),),
        "HTTP_TEMPLATE_LOGGING_LogFormat": (("Format", set(range(47, 52))),),
        "HttpVerb": (("HttpVerb", {2}), ("Verb", {97, 99})),
    },
    "Microsoft-Windows-WebIO": {
        "TCPCloseReasonType": (("Reason", {204}),),
        "mapVerifiyCertFailureReason": (("Reason", {712, 713}),),
        "mapSChannelProtocolIdentifiers": (("EnabledProtocols", None),),
        "mapQueueActionType": (("EtwQueueActionType", None),),
    },
    "Microsoft-Windows-WinHttp": {"mapQueueActionType": (("EtwQueueActionType", None),)},
    "Microsoft-Windows-RPC": {
        "ProtocolSequences": (("Protocol", {5, 6}),),
        "AuthenticationLevels": (("AuthenticationLevel", None),),
        "AuthenticationServices": (("AuthenticationService", None),),
        "RpcHttp2Operations": (("Operation", None),),
    },
    # Names and values from schemas in traces of several builds.
    "Microsoft-Windows-PktMon": {
        "PacketDirectionTag": (("DirTag", None), ("DirTagIn", None), ("DirTagOut", None)),
        "PacketType": (("PacketType", None),),
        "ComponentType": (("Type", {20, 270, 280}),),
        "PropertyType": (("Type", {30, 40, 50, 60, 65, 66, 70, 73, 75}),),
        "NdisMedium": (("Value", {60}),),
        "EtherType": (("EtherType", None),),
        "IPProtocol": (("Protocol", None),),
        "TCPFlags": (("TCPFlags", None),),
        "DropReason": (("DropReason", None),),
    },
}
OWN_MAPS = {
    "Microsoft-Windows-TCPIP": {"TCPIP_Protocol": {4: "IPv4", 6: "IPv6"}},
    # The command of the SMB2 header, with the words of the client's map.
    "Microsoft-Windows-SMBServer": {"Smb2CommandMap": dict(enumerate((
        "Negotiate", "Session setup", "Logoff", "Tree connect", "Tree disconnect", "Create",
        "Close", "Flush", "Read", "Write", "Lock", "Ioctl", "Cancel", "Echo", "Query directory",
        "Change notify", "Query info", "Set info", "Oplock break")))},
    # HTTP_VERB of http.h.
    "Microsoft-Windows-HttpService": {"HttpVerb": dict(enumerate(
        "Unparsed Unknown Invalid OPTIONS GET HEAD POST PUT DELETE TRACE CONNECT TRACK MOVE COPY "
        "PROPFIND PROPPATCH MKCOL LOCK UNLOCK SEARCH".split()))},
    "Microsoft-Windows-PktMon": {
        "PacketDirectionTag": dict(enumerate("None In Out Rx Tx Ingress Egress".split())),
        "PacketType": dict(enumerate("Unknown Ethernet WiFi IP HTTP".split())),
        "ComponentType": {
            1: "NDIS", 2: "Miniport", 3: "Filter", 4: "Protocol", 5: "VmsVmNic",
            6: "VmsMiniport", 7: "VmsExtMiniport", 8: "VmsProtocolNic", 9: "NetVsc Miniport",
            10: "HTTP Protocol", 12: "Slbmux", 13: "IPSec", 14: "NetCx", 15: "HTTP Message"},
        "PropertyType": {
            1: "IfIndex", 2: "MiniportIfIndex", 3: "LowerIfIndex", 4: "IfGuid", 5: "NdisMedium",
            6: "PhysAddress", 7: "EtherType", 8: "OptDataPath", 9: "NdisObject",
            10: "VMSwitchName", 11: "VmsExtIfIndex", 12: "LowestIfIndex", 13: "IP Address",
            14: "IpIfIndex", 15: "VSID", 16: "VLAN", 17: "Compartment ID"},
        "NdisMedium": {0: "Ethernet", 16: "WiFi", 19: "MBB"},
        "EtherType": {0x800: "IPv4", 0x806: "ARP", 0x8100: "VLAN", 0x86dd: "IPv6",
                      0x88cc: "LLDP", 0x88d9: "LLTD"},
        "IPProtocol": {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"},
        "TCPFlags": {1 << n: name for n, name in enumerate(
            "FIN SYN RST PSH ACK URG ECE CWR".split())},
    },
}


OWN_BIT_MAPS = {"TCPFlags"}


class Field:
    """One field of a layout."""

    def __init__(self, text):
        self.name, kind = text.split(":", 1)
        self.map = self.out = self.length = self.count = None
        self.optional = False
        found = re.fullmatch(r"(\w+)((?:\[[^]]*\])?)((?:<[^>]*>)?)((?:[*x×]\w+)?)", kind)
        if not found:
            raise SystemExit(f"what is {text!r}?")
        self.type, length, extra, count = found.groups()
        self.type = {"CountedUtf16String": "CountedUnicodeString"}.get(self.type, self.type)
        if length:
            self.length = length[1:-1].lstrip("?").replace(" ", "")
        if extra.startswith("<outType:"):
            self.out = extra[9:-1]
        elif extra:
            self.map = map_name(extra[1:-1])
        if count:
            self.count = count[1:]
        self.members = ()

    def shape(self, names):
        """What decides where later fields stand; references by number."""
        refer = [names.index(x) if x in names else x for x in (self.length, self.count)]
        return (self.type, *refer, self.members)


def map_name(name):
    return name.removeprefix("ut:").removesuffix("_ValueMap")


def build_of(dump):
    return 14393 if dump == "dissect-win10" else int(dump.rsplit("-", 1)[1])


def shapes(fields):
    names = [field.name for field in fields]
    return [field.shape(names) for field in fields]


# ---- what the tables lost ----

def restore_length(fields, number):
    """A binary without a length takes that of an earlier field, or a size by its meaning."""
    field = fields[number]
    earlier = [f.name for f in fields[:number]]
    for name in (field.name + "Length", field.name + "Size"):
        if name in earlier:
            return name
    if field.name == "Payload" and "LoggedPayloadSize" in earlier:
        return "LoggedPayloadSize"
    if "MAC" in field.name or field.name.startswith("MacAddress"):
        return "6"
    if field.name == "EndCertHash":
        return "20"
    lengths = [n for n in earlier if re.search("(Length|Size)$", n) and n != "PacketSize"]
    if field.name == "Value" and earlier[-1] in ("Size", "Length"):
        return earlier[-1]
    if field.name in ("daddr", "saddr") or not lengths or re.search("IP$|IpAddress", field.name):
        if not re.fullmatch("Address|[ds]addr|(Source|Destination)IP|IpAddress[12]?", field.name):
            return lengths[-1] if lengths else None
        return "16"
    if field.name == "Address" and "Port" in [f.name for f in fields]:
        return "16"
    return lengths[-1]


def is_raw_address(field):
    """IP addresses as they are, 4 or 16 bytes, not a SOCKADDR."""
    return bool(re.fullmatch("16|(\\w*Ip|IP)\\w*Addr\\d?Length|DnsAddrLength|RouterAddrLength|"
                             "PrefixAddrLength|(Policy|Constrain)\\w*Length|"
                             "\\w*(NextHop|Prefix)Address(Length)?|Source(Addr)Length|"
                             "Destination(Addr|Address)Length", field.length)
                or re.search("IPv6|IPAddress|Prefix|NextHop|IpAddress", field.name))


def binary_out_type(field):
    if field.length is None:
        return None
    if field.length in ("DlAddrLength", "HWLength", "6") or re.search("D[Ll](Source|Target)?Address", field.name):
        return None
    if not re.search("Addr|addr|IP$|Prefix|NextHop", field.name):
        return None
    return "win:IPv6" if is_raw_address(field) else "win:SocketAddress"


def integer_out_type(provider, event, field):
    name, kind = field.name, field.type
    smb = "SMB" in provider
    if kind == "UInt32" and re.fullmatch(WIN32_ERRORS.get(provider, "-"), name):
        return "win:Win32Error"
    if kind == "UInt32" and event == 60101 and re.fullmatch("(Source|Destination)Address", name):
        return "win:IPv4"
    if kind == "UInt32":
        if re.search("IPv4|^[ds]addr$|^(Ip)?Address[1-4]?$|^(Source|Destination)IP$", name) or name in (
                "SrcAddress", "DestAddress", "IpSourceAddress", "IpTargetAddress"):
            return "win:IPv4"
        if re.fullmatch("Status|(Nt|Request|Translated|Previous|Wait|Ndis|Exchange)Status", name):
            return "win:NTSTATUS"
        if re.fullmatch("(Parent|Client)?(ProcessI[dD]|P[iI][dD])", name) and "SMBServer" not in provider:
            return "win:PID"
        if name in ("ThreadID", "ThreadId"):
            return "win:TID"
        if name in ("SecurityStatus", "ImageChecksum", "TimeDateStamp", "ImageCheckSum"):
            return "win:HexInt32"
    if kind == "HexInt32" and re.search("Status$", name):
        return "win:NTSTATUS"
    if kind in ("Int32", "UInt32") and name in ("HResult", "HRESULT"):
        return "win:HResult"
    if kind == "Pointer" and name in ("ProcessId", "UserModePid"):
        return "win:PID"
    if kind == "UInt16" and name in ("dport", "sport"):
        return "win:Port"
    bits = re.fullmatch(r"UInt(8|16|32|64)", kind)
    if bits and (re.search("Flags$|Mask$|Capabilities$|^DropLocation$|^GftOffloadInfo", name)
                 or smb and kind == "UInt64" and name.lower() == "sessionid"):
        return f"win:HexInt{bits.group(1)}"
    return None


def restore(provider, event, fields):
    """Lengths, structures, out-types and maps of one layout."""
    for number, field in enumerate(fields):
        key = (provider, event, field.name)
        if key in STRUCTS:
            field.count, field.members = STRUCTS[key]
            field.type = "struct"
            continue
        if key in UNKNOWN_STRUCTS:
            field.type, field.count = "Binary", None
            continue
        if field.count and field.count.endswith("GroupSidLength") and field.count not in [
                earlier.name for earlier in fields[:number]]:
            field.count = field.count.replace("Length", "Count")
        if field.name == "DestinationPrefix" and field.length == "DestinationPrefixLength":
            field.length = "DestinationPrefixAddressLength"  # the other one counts bits
        if field.type == "Binary" and event == 60102:
            field.length, field.out = "16", "win:IPv6"
        if field.type == "Binary":
            field.length = field.length or restore_length(fields, number)
            field.out = field.out or binary_out_type(field)
        earlier = {f.name for f in fields[:number]}
        if field.count and field.count.endswith("Length") and field.count not in earlier:
            field.count = field.count.removesuffix("Length") + "Count"  # as WFP has it
        if field.name == "NTSTATUS":
            field.out = "win:NTSTATUS"
        if "Pef-WFP" in provider and re.fullmatch("(Source|Destination)Address", field.name):
            field.length, field.out = ("16", "win:IPv6") if field.type == "Binary" else (
                None, "win:IPv4")
        if field.name == "connid":
            field.type = "Pointer"  # so logged, whatever the manifest says
        for name, uses in MAP_USES.get(provider, {}).items():
            for of, events in uses:
                if field.name == of and (events is None or event in events):
                    field.map = name
        if field.out and not field.out.startswith(("win:", "xs:")):
            field.out = "win:" + field.out
        if not field.map:
            field.out = field.out or integer_out_type(provider, event, field)


# ---- generations ----

class Event:
    """All layouts of one id and version: [(first build, fields)], ascending."""

    def __init__(self, name):
        self.name = name
        self.layouts = []

    def add(self, build, fields):
        """Appended and renamed fields join the latest layout; other changes begin a new one, also
        fewer fields of other names."""
        if self.layouts:
            first, older = self.layouts[-1]
            common = min(len(older), len(fields))
            where = {f.name: n for n, f in enumerate(older)}
            moved = any(where.get(f.name, n) != n for n, f in enumerate(fields))
            replaced = len(fields) < len(older) and any(f.name not in where for f in fields)
            if shapes(older)[:common] == shapes(fields)[:common] and not moved and not replaced:
                longest = fields if len(fields) >= len(older) else older
                required = min(common, *(n for n, f in enumerate(older + [None])
                                         if f is None or f.optional))
                for number, field in enumerate(longest):
                    field.optional = number >= required
                    if number < common:
                        field.map = field.map or older[number].map
                self.layouts[-1] = (first, longest)
                return
        self.layouts.append((build, fields))


def name_of_row(number, name):
    """Task and opcode without what the tables add to tell rows apart."""
    name = re.sub(r"(_V\d+)+$|_\d_\d+$", "", name.removeprefix("task_0"))
    return name.removesuffix(str(number))


def read_events(provider, tables, names):
    events = {}
    for line in (tables / f"{provider}.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        column = line.split("\t")
        number, version, task = int(column[0]), int(column[1]), column[3]
        fields = [Field(text) for text in column[11].split(", ") if text]
        unknown = [n + 1 for n, f in enumerate(fields)
                   if (provider, number, f.name) in UNKNOWN_STRUCTS]
        fields = fields[:unknown[0]] if unknown else fields
        restore(provider, number, fields)
        name = OWN_NAMES.get(provider, {}).get(number) or names.get((provider, number))
        if not name:
            name = task if provider in NAMED_BY_TASK else name_of_row(number, column[2])
            name = None if name in ("", "task_0") else name
        event = events.setdefault((number, version), Event(name))
        event.add(build_of(column[7]), fields)
    return events


def read_maps(provider, tables):
    """{name: (is bitmap, [(first build, {value: text})])}; a variant that gives an old text
    another number begins a new one."""
    maps = {}
    path = tables / f"{provider}.maps.txt"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        name, kind, since, values = (line + "\t").split("\t")[:4]
        build = build_of(since.removeprefix("since "))
        build = MAP_BUILDS.get((map_name(name), build), build)
        entries = {}
        for value, text in re.findall(r"(0x[0-9a-f]+)=(.*?)(?:; (?=0x[0-9a-f]+=)|$)", values):
            entries[int(value, 16)] = text.strip()
        variants = maps.setdefault(map_name(name), (kind == "bitMap", []))[1]
        if variants:
            older = variants[-1][1]
            where = {text: value for value, text in older.items()}
            if not any(where.get(t, v) != v for v, t in entries.items() if older.get(v) != t):
                variants[-1] = (variants[-1][0], {**older, **entries})
                continue
        variants.append((build, entries))
    for name, entries in OWN_MAPS.get(provider, {}).items():
        maps[name] = (name in OWN_BIT_MAPS, [(0, entries)])
    if provider == "Microsoft-Windows-PktMon":
        maps["DropReason"] = (False, [(0, read_drop_reasons())])
    return maps


def read_drop_reasons():
    """The names that the packet decoder uses."""
    path = pathlib.Path(__file__).parent.parent / "providers" / "pktmon_names_table.c"
    table = path.read_text(encoding="utf-8").split("pktmon_drop_locations", 1)[0]
    return {int(value): name for value, name in re.findall(r'\{(\d+), "(\w+)"\}', table)}


def read_names(path):
    names, provider = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        heading = re.match(r"##+ .*?(Microsoft-Windows-[\w-]+)", line)
        if heading:
            provider = heading.group(1)
        row = re.match(r"\| (\d+)\.\d+ \| (\w+)", line)
        if provider == "Microsoft-Windows-SMBClient":
            found = [row.groups()] if row else re.findall(r"\b(\d+) ([A-Z]\w+)(?=;|\.|$)", line)
            for number, name in found:
                names.setdefault((provider, int(number)), name)
    return names


# ---- XML ----

def data_line(field):
    if field.type == "struct":
        inner = "".join(f'<data name="{n}" inType="win:{t}"/>' for n, t in field.members)
        return f'<struct name="{field.name}" count="{field.count}">{inner}</struct>'
    parts = [f'name="{field.name}" inType="win:{field.type}"']
    for attribute, value in (("outType", field.out), ("map", field.map),
                             ("length", field.length), ("count", field.count),
                             ("optional", "true" if field.optional else None)):
        if value:
            parts.append(f'{attribute}="{value}"')
    return f"<data {' '.join(parts)}/>"


def write_file(path, provider, note, events, maps):
    templates, event_lines, used = {}, [], {}
    for (number, version), (name, fields) in sorted(events.items()):
        text = "".join(data_line(field) for field in fields)
        parts = [f'value="{number}"']
        if version:
            parts.append(f'version="{version}"')
        if name:
            parts.append(f'symbol="{name}"')
        if text:
            parts.append(f'template="{templates.setdefault(text, len(templates) + 1)}"')
        event_lines.append(f"<event {' '.join(parts)}/>")
        used.update({field.map: True for field in fields if field.map})
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<!-- {note} -->",
             '<instrumentationManifest xmlns="http://schemas.microsoft.com/win/2004/08/events">',
             "<instrumentation>", "<events>",
             f'<provider name="{provider}" guid="{{{PROVIDERS[provider]}}}" symbol="P" '
             'resourceFileName="" messageFileName="">', "<maps>"]
    for name in sorted(used):
        is_bitmap, entries = maps[name]
        kind = "bitMap" if is_bitmap else "valueMap"
        inner = "".join(f"<map value=\"{value}\" message={quoteattr(text)}/>"
                        for value, text in sorted(entries.items()))
        lines.append(f'<{kind} name="{name}">{inner}</{kind}>')
    lines += ["</maps>", "<templates>"]
    lines += [f'<template tid="{tid}">{text}</template>' for text, tid in templates.items()]
    lines += ["</templates>", "<events>", *event_lines, "</events>", "</provider>", "</events>",
              "</instrumentation>", "</instrumentationManifest>", ""]
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")


def map_at(maps, name, build):
    is_bitmap, variants = maps[name]
    entries = variants[0][1]
    for first, others in variants:
        if first <= build:
            entries = others
    return is_bitmap, entries


def write_provider(provider, tables, names, out):
    events, maps = read_events(provider, tables, names), read_maps(provider, tables)
    generations = {0}
    for event in events.values():
        generations.update(build for build, _ in event.layouts[1:])
    for name, (_, variants) in maps.items():
        if any(f.map == name for e in events.values() for _, fields in e.layouts for f in fields):
            generations.update(build for build, _ in variants[1:])
    for build in sorted(generations):
        chosen = {}
        for key, event in events.items():
            starts = [first for first, _ in event.layouts[1:]]
            at = max([n + 1 for n, first in enumerate(starts) if first <= build], default=0)
            fields = event.layouts[at][1]
            remapped = any(build in [b for b, _ in maps[f.map][1][1:]] for f in fields if f.map)
            if build == 0 or build in starts or remapped:
                chosen[key] = (event.name, fields)
        note = "Made by make_manifests.py. " + (
            f"What Windows build {build} changed under the same event version." if build else
            "Layouts of Windows builds 7600 to 28000.")
        stem = f"{provider}@{build}" if build else provider
        write_file(out / f"{stem}.xml", provider, note, chosen,
                   {name: map_at(maps, name, build) for name in maps})
        print(f"{stem}: {len(chosen)} events")


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__.splitlines()[0])
    tables, names, out = (pathlib.Path(argument) for argument in sys.argv[1:])
    event_names = read_names(names)
    for provider in PROVIDERS:
        write_provider(provider, tables, event_names, out)


if __name__ == "__main__":
    main()
