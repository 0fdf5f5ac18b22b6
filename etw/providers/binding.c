/* SPDX-License-Identifier: MIT */
#include "etw/providers/binding.h"

#include <stddef.h>
#include <string.h>

enum target_type {
    TARGET_NUMBER,
    TARGET_GUID,
    TARGET_BYTES,    /* also a part of them */
    TARGET_REST,     /* and all that follows them in the payload */
    TARGET_WHOLE,    /* bytes or text, all of it or nothing */
    TARGET_UTF16,    /* the same of UTF-16LE text alone */
    TARGET_IMAGE,    /* all of a text or nothing, and which kind of text it is */
    TARGET_SOCKADDR, /* struct etw_socket_address of a SOCKADDR */
    TARGET_IP,       /* its address */
    TARGET_PORT,     /* its port */
    TARGET_FAMILY,   /* 4 or 6 of an address family of Windows */
    TARGET_HANDLE    /* `to`: enum etw_handle_space */
};

struct role_target {
    enum target_type type;
    uint8_t width;
    bool is_raw;
    uint16_t to;
    uint32_t has; /* what it sets in etw_socket.has, or one of HAS_RAW_ */
};

/* Behind enum etw_socket_member. */
#define HAS_RAW_ENTER_EXIT     0x40000000u
#define HAS_RAW_PATH_DIRECTION 0x80000000u
#define HAS_RAW                (HAS_RAW_ENTER_EXIT | HAS_RAW_PATH_DIRECTION)

#define MEMBER(structure, member)                                                                  \
    sizeof(((struct structure *)0)->member), false, offsetof(struct structure, member)
/* clang-format off */
#define NUMBER(member) {TARGET_NUMBER, MEMBER(etw_event, u.member), 0}
#define BYTES(member)  {TARGET_BYTES, MEMBER(etw_event, u.member), 0}
#define WHOLE(member)  {TARGET_WHOLE, MEMBER(etw_event, u.member), 0}
#define GUID(member)   {TARGET_GUID, MEMBER(etw_event, u.member), 0}
#define SOCKET(type, member, has) {type, MEMBER(etw_event, u.socket.member), has}
#define SMB(member, has) {TARGET_NUMBER, MEMBER(etw_event, u.smb.member), has}
#define SMB_TEXT(member) {TARGET_UTF16, MEMBER(etw_event, u.smb.member), 0}
#define HANDLE(space)  {TARGET_HANDLE, 0, false, space, 0}
#define RAW(member, has)                                                                           \
    {TARGET_NUMBER, sizeof(((struct binding_raw *)0)->member), true,                               \
     offsetof(struct binding_raw, member), has}
/* clang-format on */

static const struct role_target targets[ROLE_COUNT] = {
    [ROLE_PACKET_DATA] = BYTES(packet.data),
    [ROLE_PACKET_ORIGINAL_SIZE] = NUMBER(packet.original_size),
    [ROLE_PACKET_INTERFACE] = NUMBER(packet.interface_index),
    [ROLE_PACKET_LOWER] = NUMBER(packet.lower_index),
    [ROLE_PACKET_GROUP] = NUMBER(packet.group),
    [ROLE_PACKET_NUMBER] = NUMBER(packet.number),
    [ROLE_PACKET_COUNT] = NUMBER(packet.count),
    [ROLE_PACKET_APPEARANCE] = NUMBER(packet.appearance),
    [ROLE_PACKET_DIRECTION_TAG] = NUMBER(packet.direction_tag),
    [ROLE_PACKET_COMPONENT] = NUMBER(packet.component),
    [ROLE_PACKET_EDGE] = NUMBER(packet.edge),
    [ROLE_PACKET_FILTER] = NUMBER(packet.filter),
    [ROLE_PACKET_DROP_REASON] = NUMBER(packet.drop_reason),
    [ROLE_PACKET_DROP_LOCATION] = NUMBER(packet.drop_location),

    [ROLE_RECEPTION_INTERFACE] = NUMBER(reception.interface_index),
    [ROLE_RECEPTION_LOWER] = NUMBER(reception.lower_index),

    [ROLE_INTERFACE_INDEX] = NUMBER(interface.index),
    [ROLE_INTERFACE_TYPE] = NUMBER(interface.type),
    [ROLE_INTERFACE_GUID] = GUID(interface.guid),
    [ROLE_INTERFACE_ALIAS] = BYTES(interface.alias),
    [ROLE_INTERFACE_DESCRIPTION] = BYTES(interface.description),
    [ROLE_INTERFACE_MAC] = BYTES(interface.mac),
    [ROLE_INTERFACE_SPEED] = NUMBER(interface.speed),

    [ROLE_COMPONENT_ID] = NUMBER(component.id),
    [ROLE_COMPONENT_TYPE] = NUMBER(component.type),
    [ROLE_COMPONENT_NAME] = BYTES(component.name),
    [ROLE_COMPONENT_DESCRIPTION] = BYTES(component.description),

    [ROLE_FACT_COMPONENT] = NUMBER(fact.component),
    [ROLE_FACT_NUMBER] = NUMBER(fact.number),
    [ROLE_FACT_BYTES] = BYTES(fact.bytes),

    [ROLE_COUNTERS_COMPONENT] = NUMBER(counters.component),
    [ROLE_COUNTERS_EDGE] = NUMBER(counters.edge),
    [ROLE_COUNTERS_EDGE_NAME] = BYTES(counters.edge_name),
    [ROLE_COUNTERS_IN_TAG] = NUMBER(counters.in.direction_tag),
    [ROLE_COUNTERS_IN_PACKETS] = NUMBER(counters.in.packets),
    [ROLE_COUNTERS_IN_BYTES] = NUMBER(counters.in.bytes),
    [ROLE_COUNTERS_OUT_TAG] = NUMBER(counters.out.direction_tag),
    [ROLE_COUNTERS_OUT_PACKETS] = NUMBER(counters.out.packets),
    [ROLE_COUNTERS_OUT_BYTES] = NUMBER(counters.out.bytes),

    [ROLE_BUILD_LAB] = BYTES(build.build_lab),
    [ROLE_BUILD_PRODUCT] = BYTES(build.product),
    [ROLE_BUILD_COMPUTER] = BYTES(build.computer),
    [ROLE_BUILD_DOMAIN] = BYTES(build.domain),

    [ROLE_SOCKET_LOCAL] = SOCKET(TARGET_SOCKADDR, local, ETW_HAS_LOCAL),
    [ROLE_SOCKET_REMOTE] = SOCKET(TARGET_SOCKADDR, remote, ETW_HAS_REMOTE),
    [ROLE_SOCKET_LOCAL_IP] = SOCKET(TARGET_IP, local, ETW_HAS_LOCAL),
    [ROLE_SOCKET_REMOTE_IP] = SOCKET(TARGET_IP, remote, ETW_HAS_REMOTE),
    [ROLE_SOCKET_LOCAL_PORT] = SOCKET(TARGET_PORT, local, ETW_HAS_LOCAL),
    [ROLE_SOCKET_REMOTE_PORT] = SOCKET(TARGET_PORT, remote, ETW_HAS_REMOTE),
    [ROLE_SOCKET_PID] = SOCKET(TARGET_NUMBER, pid, ETW_HAS_PID),
    [ROLE_SOCKET_START_KEY] = SOCKET(TARGET_NUMBER, start_key, ETW_HAS_START_KEY),
    [ROLE_SOCKET_SEQUENCE] = SOCKET(TARGET_NUMBER, sequence, ETW_HAS_SEQUENCE),
    [ROLE_SOCKET_BYTES] = SOCKET(TARGET_NUMBER, bytes, ETW_HAS_BYTES),
    [ROLE_SOCKET_STATUS] = SOCKET(TARGET_NUMBER, status, ETW_HAS_STATUS),
    [ROLE_SOCKET_FROM] = SOCKET(TARGET_NUMBER, from, ETW_HAS_FROM),
    [ROLE_SOCKET_TO] = SOCKET(TARGET_NUMBER, to, ETW_HAS_TO),
    [ROLE_SOCKET_PROTOCOL] = SOCKET(TARGET_NUMBER, protocol, ETW_HAS_PROTOCOL),
    [ROLE_SOCKET_COUNT] = SOCKET(TARGET_NUMBER, count, ETW_HAS_COUNT),
    [ROLE_SOCKET_LOCATION] = SOCKET(TARGET_NUMBER, location, ETW_HAS_LOCATION),
    [ROLE_SOCKET_MESSAGE] = SOCKET(TARGET_NUMBER, message_id, ETW_HAS_MESSAGE),

    [ROLE_SOCKET_FAMILY] = SOCKET(TARGET_FAMILY, family, 0),
    [ROLE_SOCKET_REASON] = SOCKET(TARGET_NUMBER, reason, ETW_HAS_REASON),
    [ROLE_SOCKET_OPTION] = SOCKET(TARGET_NUMBER, option, ETW_HAS_OPTION),
    [ROLE_SOCKET_OPTION_VALUE] = SOCKET(TARGET_NUMBER, option_value, 0),
    [ROLE_SOCKET_SESSION] = SOCKET(TARGET_NUMBER, session_id, ETW_HAS_SESSION),
    [ROLE_SOCKET_TREE] = SOCKET(TARGET_NUMBER, tree_id, ETW_HAS_TREE),
    [ROLE_SOCKET_COMMAND] = SOCKET(TARGET_NUMBER, command, ETW_HAS_COMMAND),
    [ROLE_SOCKET_IMAGE] = SOCKET(TARGET_WHOLE, image, 0),

    [ROLE_SMB_FLAGS] = SMB(flags, 0),
    [ROLE_SMB_ASYNC] = SMB(async_id, 0),
    [ROLE_SMB_PERSISTENT_ID] = SMB(persistent_id, 0),
    [ROLE_SMB_FILE_ID] = SMB(file_id, ETW_HAS_FILE_ID),
    [ROLE_SMB_OBJECT] = SMB(object, 0),
    [ROLE_SMB_OFFSET] = SMB(data_offset, ETW_HAS_OFFSET),
    [ROLE_SMB_LENGTH] = SMB(length, ETW_HAS_LENGTH),
    [ROLE_SMB_CREDITS] = SMB(credits, ETW_HAS_CREDITS),
    [ROLE_SMB_CREDIT_CHARGE] = SMB(credit_charge, 0),
    [ROLE_SMB_DIALECT] = SMB(dialect, ETW_HAS_DIALECT),
    [ROLE_SMB_OLD_STATE] = SMB(old_state, 0),
    [ROLE_SMB_NEW_STATE] = SMB(new_state, 0),
    [ROLE_SMB_RETRIES] = SMB(retries, 0),
    [ROLE_SMB_FUNCTION] = SMB(function, 0),
    [ROLE_SMB_WINDOW] = SMB(window, 0),
    [ROLE_SMB_WINDOW_SIZE] = SMB(window_size, 0),
    [ROLE_SMB_WINDOW_LIMIT] = SMB(window_limit, 0),
    [ROLE_SMB_MILLISECONDS] = SMB(duration, ETW_HAS_DURATION),
    [ROLE_SMB_DURATION] = SMB(duration, 0),
    [ROLE_SMB_THRESHOLD] = SMB(threshold, 0),
    [ROLE_SMB_CONNECTION_GUID] = GUID(smb.connection_guid),
    [ROLE_SMB_SESSION_GUID] = GUID(smb.session_guid),
    [ROLE_SMB_TREE_GUID] = GUID(smb.tree_guid),
    [ROLE_SMB_FILE_GUID] = GUID(smb.file_guid),
    [ROLE_SMB_SERVER] = SMB_TEXT(server),
    [ROLE_SMB_SCOPE] = SMB_TEXT(scope),
    [ROLE_SMB_SHARE] = SMB_TEXT(share),
    [ROLE_SMB_FILE] = SMB_TEXT(file),
    [ROLE_SMB_USER] = SMB_TEXT(user),
    [ROLE_SMB_DOMAIN] = SMB_TEXT(domain),
    [ROLE_SMB_CLIENT] = SMB_TEXT(client),
    [ROLE_SMB_COMMAND_TEXT] = WHOLE(smb.command_text),
    [ROLE_SMB_DATA] = BYTES(smb.data),
    [ROLE_SMB_QUEUE] = SMB(times.queue, 0),
    [ROLE_SMB_PROCESS] = SMB(times.process, ETW_HAS_TIMES),
    [ROLE_SMB_PROCESS_CYCLES] = SMB(times.process, ETW_HAS_TIMES | ETW_HAS_CYCLES),
    [ROLE_SMB_SECURITY] = SMB(times.security, 0),
    [ROLE_SMB_FILE_SYSTEM_FAST] = SMB(times.file_system_fast, 0),
    [ROLE_SMB_FILE_SYSTEM_SLOW] = SMB(times.file_system_slow, 0),
    [ROLE_SMB_TRANSPORT_FAST] = SMB(times.transport_fast, 0),
    [ROLE_SMB_TRANSPORT_SLOW] = SMB(times.transport_slow, 0),
    [ROLE_SMB_TOTAL] = SMB(times.total, 0),

    [ROLE_HANDLE_AFD_ENDPOINT] = HANDLE(ETW_HANDLE_AFD_ENDPOINT),
    [ROLE_HANDLE_AFD_ACCEPT_ENDPOINT] = HANDLE(ETW_HANDLE_AFD_ACCEPT_ENDPOINT),
    [ROLE_HANDLE_EPROCESS] = HANDLE(ETW_HANDLE_EPROCESS),
    [ROLE_HANDLE_TCP_ENDPOINT] = HANDLE(ETW_HANDLE_TCP_ENDPOINT),
    [ROLE_HANDLE_LISTENER] = HANDLE(ETW_HANDLE_LISTENER),
    [ROLE_HANDLE_TCB] = HANDLE(ETW_HANDLE_TCB),
    [ROLE_HANDLE_UDP_ENDPOINT] = HANDLE(ETW_HANDLE_UDP_ENDPOINT),
    [ROLE_HANDLE_RAW_ENDPOINT] = HANDLE(ETW_HANDLE_RAW_ENDPOINT),
    [ROLE_HANDLE_PORT_ACQUIRER] = HANDLE(ETW_HANDLE_PORT_ACQUIRER),
    [ROLE_HANDLE_ORIGINAL_ACQUIRER] = HANDLE(ETW_HANDLE_ORIGINAL_ACQUIRER),
    [ROLE_HANDLE_DELIVERY] = HANDLE(ETW_HANDLE_DELIVERY),
    [ROLE_HANDLE_REQUEST] = HANDLE(ETW_HANDLE_REQUEST),
    [ROLE_HANDLE_SMB_CONNECTION] = HANDLE(ETW_HANDLE_SMB_CONNECTION),

    [ROLE_PROCESS_PID] = NUMBER(process.pid),
    [ROLE_PROCESS_PARENT] = NUMBER(process.parent_pid),
    [ROLE_PROCESS_SESSION] = NUMBER(process.session),
    [ROLE_PROCESS_START_KEY] = NUMBER(process.start_key),
    [ROLE_PROCESS_UNIQUE_KEY] = NUMBER(process.unique_key),
    [ROLE_PROCESS_CREATE_TIME] = NUMBER(process.create_time),
    [ROLE_PROCESS_EXIT_TIME] = NUMBER(process.exit_time),
    [ROLE_PROCESS_EXIT_STATUS] = NUMBER(process.exit_status),
    [ROLE_PROCESS_IMAGE] = {TARGET_IMAGE, MEMBER(etw_event, u.process.image), 0},
    [ROLE_PROCESS_COMMAND_LINE] = WHOLE(process.command_line),
    [ROLE_PROCESS_SID] = WHOLE(process.sid),

    [ROLE_SERVICE_PID] = NUMBER(service.pid),
    [ROLE_SERVICE_TAG] = NUMBER(service.tag),
    [ROLE_SERVICE_NAME] = WHOLE(service.name),

    [ROLE_ADDRESS_INTERFACE] = NUMBER(address.interface_index),
    [ROLE_ADDRESS_IP] = {TARGET_IP, MEMBER(etw_event, u.address.address), 0},
    [ROLE_ADDRESS_LIST] = WHOLE(address.list),

    [ROLE_NAME_PID] = NUMBER(name.pid),
    [ROLE_NAME_STATUS] = NUMBER(name.status),
    [ROLE_NAME_NAME] = WHOLE(name.name),
    [ROLE_NAME_RESULTS] = WHOLE(name.results),
    [ROLE_NAME_ADDRESS] = {TARGET_SOCKADDR, MEMBER(etw_event, u.name.address), 0},

    [ROLE_HTTP_CONNECTION] = NUMBER(http.connection),
    [ROLE_HTTP_REQUEST] = NUMBER(http.request),
    [ROLE_HTTP_CONNECTION_ID] = NUMBER(http.connection_id),
    [ROLE_HTTP_REQUEST_ID] = NUMBER(http.request_id),
    [ROLE_HTTP_PARENT] = NUMBER(http.parent),
    [ROLE_HTTP_LOCAL] = {TARGET_SOCKADDR, MEMBER(etw_event, u.http.local), 0},
    [ROLE_HTTP_REMOTE] = {TARGET_SOCKADDR, MEMBER(etw_event, u.http.remote), 0},
    [ROLE_HTTP_LOCAL_PORT] = NUMBER(http.local_port),
    [ROLE_HTTP_VERB] = NUMBER(http.verb),
    [ROLE_HTTP_STATUS] = NUMBER(http.status),
    [ROLE_HTTP_PID] = NUMBER(http.pid),
    [ROLE_HTTP_METHOD] = WHOLE(http.method),
    [ROLE_HTTP_URL] = BYTES(http.url),
    [ROLE_HTTP_HEADERS] = BYTES(http.headers),
    [ROLE_HTTP_HOST] = WHOLE(http.host),
    [ROLE_HTTP_QUEUE] = WHOLE(http.queue),
    [ROLE_HTTP_TARGET] = WHOLE(http.target),

    [ROLE_FILTER_ID] = NUMBER(filter.id),
    [ROLE_FILTER_NAME] = WHOLE(filter.name),
    [ROLE_FILTER_MAC_1] = WHOLE(filter.macs[0]),
    [ROLE_FILTER_MAC_2] = WHOLE(filter.macs[1]),
    [ROLE_FILTER_ETHER_TYPE] = NUMBER(filter.ether_type),
    [ROLE_FILTER_VLAN] = NUMBER(filter.vlan),
    [ROLE_FILTER_IP_1] = {TARGET_IP, MEMBER(etw_event, u.filter.addresses[0]), 0},
    [ROLE_FILTER_IP_2] = {TARGET_IP, MEMBER(etw_event, u.filter.addresses[1]), 0},
    [ROLE_FILTER_PROTOCOL] = NUMBER(filter.protocol),
    [ROLE_FILTER_PORT_1] = NUMBER(filter.ports[0]),
    [ROLE_FILTER_PORT_2] = NUMBER(filter.ports[1]),
    [ROLE_FILTER_TCP_FLAGS] = NUMBER(filter.tcp_flags),
    [ROLE_FILTER_RULE] = NUMBER(filter.rule),
    [ROLE_FILTER_DIRECTIVE] = NUMBER(filter.directive),
    [ROLE_FILTER_VALUE] = WHOLE(filter.value),

    [ROLE_RAW_PACKET_TYPE] = RAW(packet_type, 0),
    [ROLE_RAW_CHECKSUM] = RAW(checksum, 0),
    [ROLE_RAW_LARGE_SEND] = RAW(large_send, 0),
    [ROLE_RAW_VLAN] = RAW(vlan, 0),
    [ROLE_RAW_HASH_INFO] = RAW(hash_info, 0),
    [ROLE_RAW_HASH] = RAW(hash, 0),
    [ROLE_RAW_VIRTUAL_SUBNET] = RAW(virtual_subnet, 0),
    [ROLE_RAW_COALESCED] = RAW(coalesced, 0),
    [ROLE_RAW_PROPERTY_TYPE] = RAW(property_type, 0),
    [ROLE_RAW_MAC_SIZE] = RAW(mac_size, 0),
    [ROLE_RAW_ENTER_EXIT] = RAW(enter_exit, HAS_RAW_ENTER_EXIT),
    [ROLE_RAW_PATH_DIRECTION] = RAW(path_direction, HAS_RAW_PATH_DIRECTION),
    [ROLE_RAW_SOCKET_TYPE] = RAW(socket_type, 0),
    [ROLE_RAW_TIMER] = RAW(timer, ETW_HAS_TIMER),
    [ROLE_RAW_WEAK_REFERENCE] = RAW(weak_reference, 0),
    [ROLE_RAW_IPV4] = {TARGET_IP, sizeof(((struct binding_raw *)0)->ipv4), true,
                       offsetof(struct binding_raw, ipv4), 0},
    [ROLE_RAW_IP_VERSION] = RAW(ip_version, 0),
    [ROLE_RAW_BYTES] = {TARGET_BYTES, sizeof(struct bytes), true,
                        offsetof(struct binding_raw, bytes), 0},
    [ROLE_RAW_REST] = {TARGET_REST, sizeof(struct bytes), true, offsetof(struct binding_raw, bytes),
                       0},
};

const struct role_binding no_roles[] = {{ROLE_NONE, NULL}};

static const uint8_t copy_sizes[COPY_WIDTH_COUNT] = {[COPY_16] = 2, [COPY_32] = 4, [COPY_64] = 8};

/* Only what the kind uses is cleared, because it is done for every packet. Of a kind
 * without a row everything is. */
static const uint16_t model_sizes[ETW_EVENT_KIND_COUNT] = {
    [ETW_EVENT_PACKET] = sizeof(struct etw_packet),
    [ETW_EVENT_RECEPTION] = sizeof(struct etw_reception),
    [ETW_EVENT_PACKET_OFFLOAD] = sizeof(struct etw_packet),
    [ETW_EVENT_PACKET_HEADERS] = sizeof(struct etw_packet),
    [ETW_EVENT_INTERFACE] = sizeof(struct etw_interface),
    [ETW_EVENT_COMPONENT] = sizeof(struct etw_component),
    [ETW_EVENT_COMPONENT_FACT] = sizeof(struct etw_component_fact),
    [ETW_EVENT_FLOW_COUNTERS] = sizeof(struct etw_counters),
    [ETW_EVENT_DROP_COUNTERS] = sizeof(struct etw_counters),
    [ETW_EVENT_SYSTEM_BUILD] = sizeof(struct etw_system_build),
    [ETW_EVENT_SOCKET] = sizeof(struct etw_socket),
    [ETW_EVENT_PROCESS] = sizeof(struct etw_process),
    [ETW_EVENT_SERVICE] = sizeof(struct etw_service),
    [ETW_EVENT_ADDRESS] = sizeof(struct etw_host_address),
    [ETW_EVENT_NAME] = sizeof(struct etw_name),
    [ETW_EVENT_HTTP] = sizeof(struct etw_http),
    [ETW_EVENT_CAPTURE_FILTER] = sizeof(struct etw_capture_filter),
};

/* False: a value of this type cannot fill this role (a schema of a trace may say
 * anything); the role stays empty. */
static bool fits(const struct role_target *target, enum field_type type)
{
    switch (target->type) {
    case TARGET_NUMBER:
    case TARGET_PORT:
    case TARGET_FAMILY:
        return field_is_number(type);
    case TARGET_GUID:
        return type == FIELD_GUID;
    case TARGET_HANDLE:
        return field_is_number(type) || type == FIELD_GUID;
    case TARGET_UTF16:
        return field_is_utf16(type);
    case TARGET_IMAGE:
        return field_is_utf16(type) || type == FIELD_ANSI_NUL;
    case TARGET_SOCKADDR:
    case TARGET_IP:
        return !field_is_utf16(type);
    default:
        return true;
    }
}

/* COPY_WIDTH_COUNT: it cannot be copied just so. */
static size_t find_copy_width(const struct role_target *target, size_t from_size)
{
    size_t width = 0;
    while (width < COPY_WIDTH_COUNT &&
           (target->type != TARGET_NUMBER || target->width != from_size ||
            copy_sizes[width] != from_size)) {
        width++;
    }
    return width;
}

static void add_role(struct binding_plan *plan, const struct role_target *target, size_t field)
{
    const struct layout_plan *layout = &plan->layout;
    enum field_type type = layout->layout->fields[field].type;
    if (!fits(target, type)) {
        return;
    }
    size_t width = COPY_WIDTH_COUNT;
    if (type != FIELD_PORT && layout_is_fixed(layout, field) &&
        layout->fixed[field].offset <= UINT16_MAX) {
        width = find_copy_width(target, layout->fixed[field].size);
    }
    if (width == COPY_WIDTH_COUNT) {
        plan->moves[plan->move_count++] =
            (struct binding_move){.target = target, .type = type, .field = (uint16_t)field};
        return;
    }
    plan->copies[width][plan->copy_count[width]++] =
        (struct binding_copy){.from = (uint16_t)layout->fixed[field].offset,
                              .to = target->to,
                              .field = (uint16_t)field,
                              .is_raw = target->is_raw,
                              .has = target->has};
}

/* The field of the first of the names "A|B" that the layout has, or -1. */
static int find_property(const struct layout *layout, const char *names)
{
    int found = -1;
    while (found < 0 && *names) {
        size_t size = strcspn(names, "|");
        for (int i = 0; i < layout->field_count && found < 0; i++) {
            const char *name = layout->fields[i].name;
            if (strncmp(name, names, size) == 0 && name[size] == '\0') {
                found = i;
            }
        }
        names += names[size] ? size + 1 : size;
    }
    return found;
}

size_t binding_fields_needed(const struct event_binding *binding, const struct layout *layout)
{
    size_t needed = 0;
    for (const struct role_binding *role = binding->roles; role->role; role++) {
        int field = find_property(layout, role->property);
        if (field >= 0 && (size_t)field + 1 > needed) {
            needed = (size_t)field + 1;
        }
    }
    return needed;
}

static bool is_smb(const struct event_binding *binding)
{
    return binding->kind == ETW_EVENT_SOCKET && (binding->socket.layer == ETW_LAYER_SMB_CLIENT ||
                                                 binding->socket.layer == ETW_LAYER_SMB_SERVER);
}

static uint16_t size_of_model(const struct event_binding *binding)
{
    uint16_t size = is_smb(binding) ? sizeof(struct etw_smb) : model_sizes[binding->kind];
    return size ? size : sizeof(((struct etw_event *)0)->u);
}

void binding_plan_init(struct binding_plan *plan, const struct event_binding *binding,
                       const struct layout *layout, unsigned pointer_size)
{
    plan->binding = binding;
    plan->os_build = 0;
    plan->is_smb = is_smb(binding);
    memset(plan->copy_count, 0, sizeof(plan->copy_count));
    plan->move_count = 0;
    plan->model_size = size_of_model(binding);
    layout_plan_init(&plan->layout, layout, pointer_size);
    for (size_t i = 0; i < BINDING_ROLES_MAXIMUM && binding->roles[i].role; i++) {
        int field = find_property(layout, binding->roles[i].property);
        if (field >= 0 && field < plan->layout.field_count) {
            add_role(plan, &targets[binding->roles[i].role], (size_t)field);
        }
    }
}

/* Where the values of one event come from and go to. */
struct transfer {
    const struct binding_plan *plan;
    const struct bytes *payload;
    size_t whole;        /* fields that are there */
    uint8_t *targets[2]; /* event, raw */
};

/* High bits that do not fit are lost. */
static inline void store_number(uint8_t *to, size_t width, uint64_t value)
{
    uint16_t value16 = (uint16_t)value;
    uint32_t value32 = (uint32_t)value;
    switch (width) {
    case 1:
        *to = (uint8_t)value;
        break;
    case 2:
        memcpy(to, &value16, sizeof(value16));
        break;
    case 4:
        memcpy(to, &value32, sizeof(value32));
        break;
    default:
        memcpy(to, &value, sizeof(value));
        break;
    }
}

/* Inline, with a constant size: three loops without a decision in them. Returns what
 * they set. */
static inline uint32_t copy_numbers(const struct transfer *transfer, enum copy_width width,
                                    size_t size)
{
    const struct binding_copy *copies = transfer->plan->copies[width];
    size_t count = transfer->plan->copy_count[width];
    uint32_t has = 0;
    for (size_t i = 0; i < count; i++) {
        if (copies[i].field < transfer->whole) {
            store_number(transfer->targets[copies[i].is_raw] + copies[i].to, size,
                         load_number(transfer->payload->data + copies[i].from, size));
            has |= copies[i].has;
        }
    }
    return has;
}

/*
 * A SOCKADDR  [documented: ws2def.h, ws2ipdef.h]
 *   off 0 u16 family, little-endian   2 u16 port, network order
 *   family 2:   4 u8[4] address, 8 bytes of padding
 *   family 23:  4 u32 flow information, 8 u8[16] address, 24 u32 scope
 */
#define FAMILY_IPV4      2
#define FAMILY_IPV6      23
#define SOCKADDR_V4_SIZE 8
#define SOCKADDR_V6_SIZE 24

static bool read_sockaddr(struct etw_socket_address *address, const uint8_t *p, size_t size)
{
    if (size >= SOCKADDR_V4_SIZE && load_u16(p) == FAMILY_IPV4) {
        address->size = 4;
        memcpy(address->bytes, p + 4, 4);
    } else if (size >= SOCKADDR_V6_SIZE && load_u16(p) == FAMILY_IPV6) {
        address->size = 16;
        memcpy(address->bytes, p + 8, 16);
    } else {
        return false;
    }
    address->has_port = true;
    address->port = load_be16(p + 2);
    return true;
}

static bool read_ip(struct etw_socket_address *address, const uint8_t *p, size_t size)
{
    if (size != 4 && size != 16) {
        return false;
    }
    address->size = (uint8_t)size;
    memcpy(address->bytes, p, size);
    return true;
}

static uint8_t read_family(uint64_t family)
{
    return family == FAMILY_IPV4 ? 4 : family == FAMILY_IPV6 ? 6 : 0;
}

/* The GUIDs of SMB connections are random, so that folding them keeps them apart. */
static void add_handle(struct etw_socket *socket, uint16_t space, uint64_t value)
{
    size_t at = 0;
    while (at < ETW_HANDLES_MAXIMUM && socket->handles[at].space) {
        at++;
    }
    if (value != 0 && at < ETW_HANDLES_MAXIMUM) {
        socket->handles[at] =
            (struct etw_handle){.space = (enum etw_handle_space)space, .value = value};
    }
}

/* Returns what it sets. */
static uint32_t move_value(const struct transfer *transfer, const struct binding_move *move,
                           struct field_place from)
{
    const struct role_target *target = move->target;
    const uint8_t *p = transfer->payload->data + from.offset;
    uint8_t *to = transfer->targets[target->is_raw] + target->to;
    struct etw_event *event = (struct etw_event *)(void *)transfer->targets[0];
    struct etw_socket_address *address = (struct etw_socket_address *)(void *)to;
    bool is_set = true;
    switch (target->type) {
    case TARGET_NUMBER:
        store_number(to, target->width, layout_number(move->type, transfer->payload, from));
        break;
    case TARGET_GUID:
        memcpy(to, p, sizeof(struct guid));
        break;
    case TARGET_SOCKADDR:
        is_set = read_sockaddr(address, p, from.size);
        break;
    case TARGET_IP:
        is_set = read_ip(address, p, from.size);
        break;
    case TARGET_PORT:
        address->has_port = true;
        address->port = (uint16_t)layout_number(move->type, transfer->payload, from);
        break;
    case TARGET_FAMILY:
        *to = read_family(layout_number(move->type, transfer->payload, from));
        break;
    case TARGET_HANDLE:
        add_handle(&event->u.socket, target->to,
                   move->type == FIELD_GUID ? load_u64(p) ^ load_u64(p + 8)
                                            : load_number(p, from.size));
        break;
    case TARGET_REST:
        bytes_set((struct bytes *)(void *)to, p, transfer->payload->size - from.offset);
        break;
    case TARGET_IMAGE:
        event->u.process.is_image_utf16 = field_is_utf16(move->type);
        layout_value(move->type, transfer->payload, from, &event->u.process.image);
        break;
    default:
        layout_value(move->type, transfer->payload, from, (struct bytes *)(void *)to);
        break;
    }
    return is_set ? target->has : 0;
}

/* The first field that the payload cuts still counts when a part of it means something. */
static bool is_readable(const struct transfer *transfer, const struct binding_move *move)
{
    return move->field < transfer->whole ||
           (move->field == transfer->whole && move->target->type == TARGET_BYTES &&
            !layout_is_fixed(&transfer->plan->layout, move->field) &&
            field_is_divisible(move->type));
}

/* Numbers of which 0 says nothing. */
static uint32_t drop_zeros(const struct etw_socket *socket, uint32_t has)
{
    if (socket->pid == 0) {
        has &= ~(uint32_t)ETW_HAS_PID;
    }
    if (socket->start_key == 0) {
        has &= ~(uint32_t)ETW_HAS_START_KEY;
    }
    return has;
}

static void finish_socket(struct etw_socket *socket, const struct socket_binding *row, uint32_t has)
{
    socket->layer = (enum etw_layer)row->layer;
    socket->action = (enum etw_action)row->action;
    socket->phase = (enum etw_phase)row->phase;
    socket->is_header_pid_true = row->is_header_pid_true;
    if (socket->protocol == 0 && row->layer < ETW_LAYER_SMB_CLIENT) {
        socket->protocol = row->protocol;
    }
    has &= ~(HAS_RAW | (uint32_t)ETW_HAS_PROTOCOL);
    socket->has = drop_zeros(socket, has) | (socket->protocol ? ETW_HAS_PROTOCOL : 0u);
}

void binding_read(const struct binding_plan *plan, const struct etw_record *record,
                  struct etw_event *event)
{
    const struct layout_plan *layout = &plan->layout;
    const struct event_binding *binding = plan->binding;
    struct binding_raw raw = {.os_build = plan->os_build};
    struct field_place places[LAYOUT_FIELDS_MAXIMUM]; /* valid behind the fixed ones */
    const struct transfer transfer = {
        .plan = plan,
        .payload = &record->payload,
        .whole = layout_locate_rest(layout, &record->payload, places),
        .targets = {(uint8_t *)event, (uint8_t *)&raw},
    };

    event->kind = binding->kind;
    event->is_incomplete = transfer.whole < layout->required_count;
    event->record = record;
    memset(&event->u, 0, plan->model_size);
    uint32_t has = copy_numbers(&transfer, COPY_16, sizeof(uint16_t));
    has |= copy_numbers(&transfer, COPY_32, sizeof(uint32_t));
    has |= copy_numbers(&transfer, COPY_64, sizeof(uint64_t));
    for (size_t i = 0; i < plan->move_count; i++) {
        const struct binding_move *move = &plan->moves[i];
        if (is_readable(&transfer, move)) {
            has |= move_value(&transfer, move,
                              layout_is_fixed(layout, move->field) ? layout->fixed[move->field]
                                                                   : places[move->field]);
        }
    }
    if (event->kind == ETW_EVENT_SOCKET) {
        finish_socket(&event->u.socket, &binding->socket, has);
    }
    if (plan->is_smb) {
        event->u.smb.what = (enum etw_smb_what)binding->socket.protocol;
    }
    if (event->kind == ETW_EVENT_HTTP) {
        event->u.http.layer = (enum etw_http_layer)binding->socket.layer;
        event->u.http.action = (enum etw_http_action)binding->socket.action;
    }
    if (binding->finish) {
        raw.has_enter_exit = has & HAS_RAW_ENTER_EXIT;
        raw.has_path_direction = has & HAS_RAW_PATH_DIRECTION;
        binding->finish(event, &raw);
    }
}
