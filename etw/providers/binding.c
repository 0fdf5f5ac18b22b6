/* SPDX-License-Identifier: MIT */
#include "etw/providers/binding.h"

#include <string.h>

#include "etw/providers/role_targets.h"

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
    return binding->kind == ETW_EVENT_SOCKET && binding->socket.layer >= ETW_LAYER_SMB_CLIENT &&
           binding->socket.layer <= ETW_LAYER_SMB_DIRECT;
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
            add_role(plan, &role_targets[binding->roles[i].role], (size_t)field);
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
