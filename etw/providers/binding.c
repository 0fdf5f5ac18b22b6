/* SPDX-License-Identifier: MIT */
#include "etw/providers/binding.h"

#include <stddef.h>
#include <string.h>

enum target_type { TARGET_NUMBER, TARGET_GUID, TARGET_BYTES };

struct role_target {
    enum target_type type;
    uint8_t width;
    bool is_raw;
    uint16_t to;
};

#define MEMBER(structure, member)                                                                  \
    sizeof(((struct structure *)0)->member), false, offsetof(struct structure, member)
#define NUMBER(member)                                                                             \
    {                                                                                              \
        TARGET_NUMBER, MEMBER(etw_event, u.member)                                                 \
    }
#define BYTES(member)                                                                              \
    {                                                                                              \
        TARGET_BYTES, MEMBER(etw_event, u.member)                                                  \
    }
#define GUID(member)                                                                               \
    {                                                                                              \
        TARGET_GUID, MEMBER(etw_event, u.member)                                                   \
    }
#define RAW(member)                                                                                \
    {                                                                                              \
        TARGET_NUMBER, sizeof(((struct binding_raw *)0)->member), true,                            \
            offsetof(struct binding_raw, member)                                                   \
    }

static const struct role_target targets[ROLE_COUNT] = {
    [ROLE_PACKET_DATA] = BYTES(packet.data),
    [ROLE_PACKET_ORIGINAL_SIZE] = NUMBER(packet.original_size),
    [ROLE_PACKET_INTERFACE] = NUMBER(packet.interface_index),
    [ROLE_PACKET_LOWER] = NUMBER(packet.lower_index),
    [ROLE_PACKET_GROUP] = NUMBER(packet.group),
    [ROLE_PACKET_NUMBER] = NUMBER(packet.number),
    [ROLE_PACKET_APPEARANCE] = NUMBER(packet.appearance),
    [ROLE_PACKET_DIRECTION_TAG] = NUMBER(packet.direction_tag),
    [ROLE_PACKET_COMPONENT] = NUMBER(packet.component),
    [ROLE_PACKET_EDGE] = NUMBER(packet.edge),
    [ROLE_PACKET_FILTER] = NUMBER(packet.filter),
    [ROLE_PACKET_DROP_REASON] = NUMBER(packet.drop_reason),
    [ROLE_PACKET_DROP_LOCATION] = NUMBER(packet.drop_location),

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

    [ROLE_RAW_PACKET_TYPE] = RAW(packet_type),
    [ROLE_RAW_PROPERTY_TYPE] = RAW(property_type),
    [ROLE_RAW_MAC_SIZE] = RAW(mac_size),
};

static const uint8_t copy_sizes[COPY_WIDTH_COUNT] = {[COPY_16] = 2, [COPY_32] = 4, [COPY_64] = 8};

/* Only what the kind uses is cleared, because it is done for every packet. Of a kind
 * without a row everything is. */
static const uint16_t model_sizes[ETW_EVENT_KIND_COUNT] = {
    [ETW_EVENT_PACKET] = sizeof(struct etw_packet),
    [ETW_EVENT_INTERFACE] = sizeof(struct etw_interface),
    [ETW_EVENT_COMPONENT] = sizeof(struct etw_component),
    [ETW_EVENT_COMPONENT_FACT] = sizeof(struct etw_component_fact),
    [ETW_EVENT_FLOW_COUNTERS] = sizeof(struct etw_counters),
    [ETW_EVENT_DROP_COUNTERS] = sizeof(struct etw_counters),
    [ETW_EVENT_SYSTEM_BUILD] = sizeof(struct etw_system_build),
};

/* False: a value of this type cannot fill this role (a schema of a trace may say
 * anything); the role stays empty. */
static bool fits(const struct role_target *target, enum field_type type)
{
    if (target->type == TARGET_NUMBER) {
        return field_is_number(type);
    }
    return target->type == TARGET_BYTES || type == FIELD_GUID;
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
    if (layout_is_fixed(layout, field) && layout->fixed[field].offset <= UINT16_MAX) {
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
                              .is_raw = target->is_raw};
}

void binding_plan_init(struct binding_plan *plan, const struct event_binding *binding,
                       const struct layout *layout, unsigned pointer_size)
{
    plan->binding = binding;
    memset(plan->copy_count, 0, sizeof(plan->copy_count));
    plan->move_count = 0;
    plan->model_size = model_sizes[binding->kind];
    if (plan->model_size == 0) {
        plan->model_size = sizeof(((struct etw_event *)0)->u);
    }
    layout_plan_init(&plan->layout, layout, pointer_size);
    for (size_t i = 0; i < BINDING_ROLES_MAXIMUM && binding->roles[i].role; i++) {
        int field = layout_find_field(layout, binding->roles[i].property);
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

/* Inline, with a constant size: three loops without a decision in them. */
static inline void copy_numbers(const struct transfer *transfer, enum copy_width width, size_t size)
{
    const struct binding_copy *copies = transfer->plan->copies[width];
    size_t count = transfer->plan->copy_count[width];
    for (size_t i = 0; i < count; i++) {
        if (copies[i].field < transfer->whole) {
            store_number(transfer->targets[copies[i].is_raw] + copies[i].to, size,
                         load_number(transfer->payload->data + copies[i].from, size));
        }
    }
}

static void move_value(const struct transfer *transfer, const struct binding_move *move,
                       struct field_place from)
{
    const struct role_target *target = move->target;
    const uint8_t *p = transfer->payload->data + from.offset;
    uint8_t *to = transfer->targets[target->is_raw] + target->to;
    if (target->type == TARGET_NUMBER) {
        store_number(to, target->width, load_number(p, from.size));
    } else if (target->type == TARGET_GUID) {
        memcpy(to, p, sizeof(struct guid));
    } else {
        layout_value(move->type, transfer->payload, from, (struct bytes *)(void *)to);
    }
}

/* The first field that the payload cuts still counts when a part of it means something. */
static bool is_readable(const struct transfer *transfer, const struct binding_move *move)
{
    return move->field < transfer->whole ||
           (move->field == transfer->whole &&
            !layout_is_fixed(&transfer->plan->layout, move->field) &&
            field_is_divisible(move->type));
}

void binding_read(const struct binding_plan *plan, const struct etw_record *record,
                  struct etw_event *event)
{
    const struct layout_plan *layout = &plan->layout;
    struct binding_raw raw = {0};
    struct field_place places[LAYOUT_FIELDS_MAXIMUM]; /* valid behind the fixed ones */
    const struct transfer transfer = {
        .plan = plan,
        .payload = &record->payload,
        .whole = layout_locate_rest(layout, &record->payload, places),
        .targets = {(uint8_t *)event, (uint8_t *)&raw},
    };

    event->kind = plan->binding->kind;
    event->is_incomplete = transfer.whole < layout->required_count;
    event->record = record;
    memset(&event->u, 0, plan->model_size);
    copy_numbers(&transfer, COPY_16, sizeof(uint16_t));
    copy_numbers(&transfer, COPY_32, sizeof(uint32_t));
    copy_numbers(&transfer, COPY_64, sizeof(uint64_t));
    for (size_t i = 0; i < plan->move_count; i++) {
        const struct binding_move *move = &plan->moves[i];
        if (is_readable(&transfer, move)) {
            move_value(&transfer, move,
                       layout_is_fixed(layout, move->field) ? layout->fixed[move->field]
                                                            : places[move->field]);
        }
    }
    if (plan->binding->finish) {
        plan->binding->finish(event, &raw);
    }
}
