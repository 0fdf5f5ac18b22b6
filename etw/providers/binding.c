/* SPDX-License-Identifier: MIT */
#include "etw/providers/binding.h"

#include <stddef.h>
#include <string.h>

enum move_kind {
    MOVE_16, /* both sides have this width: the bulk of all values */
    MOVE_32,
    MOVE_64,
    MOVE_NUMBER, /* any width to any width; high bits that do not fit are lost */
    MOVE_GUID,
    MOVE_BYTES
};

enum target_type { TARGET_NUMBER, TARGET_GUID, TARGET_BYTES };

struct role_target {
    enum target_type type;
    uint8_t width;
    bool is_raw;
    uint16_t to;
};

#define MEMBER(structure, member) sizeof(((struct structure *)0)->member), false, offsetof(struct structure, member)
#define NUMBER(member) {TARGET_NUMBER, MEMBER(etw_event, u.member)}
#define BYTES(member)  {TARGET_BYTES, MEMBER(etw_event, u.member)}
#define GUID(member)   {TARGET_GUID, MEMBER(etw_event, u.member)}
#define RAW(member)                                                                                \
    {TARGET_NUMBER, sizeof(((struct binding_raw *)0)->member), true,                               \
     offsetof(struct binding_raw, member)}

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

static enum move_kind choose_number_move(size_t from_size, size_t width)
{
    if (from_size != width) {
        return MOVE_NUMBER;
    }
    return width == 8 ? MOVE_64 : width == 4 ? MOVE_32 : width == 2 ? MOVE_16 : MOVE_NUMBER;
}

/* False: a value of this type cannot fill this role (a schema of a trace may say
 * anything); the role stays empty. */
static bool choose_move(struct binding_move *move, const struct role_target *target,
                        enum field_type type, size_t from_size)
{
    if (target->type == TARGET_NUMBER) {
        move->how = (uint8_t)choose_number_move(from_size, target->width);
        return field_is_number(type);
    }
    if (target->type == TARGET_GUID) {
        move->how = MOVE_GUID;
        return type == FIELD_GUID;
    }
    move->how = MOVE_BYTES;
    return true;
}

static void add_move(struct binding_plan *plan, const struct role_target *target, size_t field)
{
    const struct layout_plan *layout = &plan->layout;
    bool is_fixed = field < layout->fixed_count;
    struct field_place from = {0};
    if (is_fixed) {
        from = layout->fixed[field];
    }
    struct binding_move move = {.width = target->width,
                                .is_raw = target->is_raw,
                                .to = target->to,
                                .field = (uint16_t)field,
                                .from = from};
    if (!choose_move(&move, target, layout->layout->fields[field].type, from.size)) {
        return;
    }
    if (is_fixed) {
        plan->fixed[plan->fixed_count++] = move;
    } else {
        plan->rest[plan->rest_count++] = move;
    }
}

void binding_plan_init(struct binding_plan *plan, const struct event_binding *binding,
                       const struct layout *layout, unsigned pointer_size)
{
    plan->binding = binding;
    plan->fixed_count = 0;
    plan->rest_count = 0;
    layout_plan_init(&plan->layout, layout, pointer_size);
    for (size_t i = 0; i < BINDING_ROLES_MAXIMUM && binding->roles[i].role; i++) {
        int field = layout_find_field(layout, binding->roles[i].property);
        if (field >= 0 && field < plan->layout.field_count) {
            add_move(plan, &targets[binding->roles[i].role], (size_t)field);
        }
    }
}

static inline void store_number(uint8_t *to, size_t width, uint64_t value)
{
    uint16_t value16 = (uint16_t)value;
    uint32_t value32 = (uint32_t)value;
    switch (width) {
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

static inline void move_value(const struct binding_move *move, struct field_place from,
                              enum field_type type, const struct bytes *payload, uint8_t *to)
{
    const uint8_t *p = payload->data + from.offset;
    struct bytes value;
    switch ((enum move_kind)move->how) {
    case MOVE_16:
        store_number(to, 2, load_u16(p));
        break;
    case MOVE_32:
        store_number(to, 4, load_u32(p));
        break;
    case MOVE_64:
        store_number(to, 8, load_u64(p));
        break;
    case MOVE_NUMBER:
        store_number(to, move->width, load_number(p, from.size));
        break;
    case MOVE_GUID:
        memcpy(to, p, sizeof(struct guid));
        break;
    case MOVE_BYTES:
        value = layout_value(type, payload, from);
        memcpy(to, &value, sizeof(value));
        break;
    }
}

/* The first field that the payload cuts still counts when a part of it means something. */
static bool is_readable(const struct layout_plan *layout, size_t field, size_t whole)
{
    return field < whole ||
           (field == whole && field >= layout->fixed_count &&
            field_is_divisible(layout->layout->fields[field].type));
}

void binding_read(const struct binding_plan *plan, const struct etw_record *record,
                  struct etw_event *event)
{
    const struct layout_field *fields = plan->layout.layout->fields;
    const struct bytes *payload = &record->payload;
    struct binding_raw raw = {0};
    struct field_place places[LAYOUT_FIELDS_MAXIMUM]; /* set up to `whole` by layout_locate_rest */
    uint8_t *const targets_of[2] = {(uint8_t *)event, (uint8_t *)&raw};

    *event = (struct etw_event){.kind = plan->binding->kind, .record = record};
    size_t whole = layout_locate_rest(&plan->layout, payload, places);
    event->is_incomplete = whole < plan->layout.required_count;
    for (size_t i = 0; i < plan->fixed_count; i++) {
        const struct binding_move *move = &plan->fixed[i];
        if (move->field < whole) {
            move_value(move, move->from, fields[move->field].type, payload,
                       targets_of[move->is_raw] + move->to);
        }
    }
    for (size_t i = 0; i < plan->rest_count; i++) {
        const struct binding_move *move = &plan->rest[i];
        if (is_readable(&plan->layout, move->field, whole)) {
            move_value(move, places[move->field], fields[move->field].type, payload,
                       targets_of[move->is_raw] + move->to);
        }
    }
    if (plan->binding->finish) {
        plan->binding->finish(event, &raw);
    }
}
