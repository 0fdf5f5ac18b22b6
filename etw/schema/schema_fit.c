/* SPDX-License-Identifier: MIT */
#include "etw/schema/schema_fit.h"

#include "etw/schema/payload.h"

/* The better, the higher. */
enum fit { FIT_CUT, FIT_WITH_REST, FIT_EXACT };

static enum fit measure(const struct event_schema *schema, const struct bytes *payload,
                        unsigned pointer_size)
{
    static const struct etw_fields_visitor nobody = {0};
    struct payload_end end = payload_read(schema, payload, pointer_size, &nobody);
    if (end.decoded != ETW_DECODED_WHOLLY) {
        return FIT_CUT;
    }
    return end.unread > 0 ? FIT_WITH_REST : FIT_EXACT;
}

const struct event_schema *schema_fit(const struct event_schema *schema,
                                      const struct bytes *payload, unsigned pointer_size)
{
    if (!schema->first_layout) {
        return schema;
    }
    const struct event_schema *best = schema->first_layout;
    enum fit best_fit = measure(best, payload, pointer_size);
    for (const struct event_schema *at = best->next_layout; at && best_fit != FIT_EXACT;
         at = at->next_layout) {
        enum fit fit = measure(at, payload, pointer_size);
        if (fit > best_fit) {
            best = at;
            best_fit = fit;
        }
    }
    return best;
}

static bool has_same_shape(const struct schema_property *a, const struct schema_property *b)
{
    return a->in_type == b->in_type && a->flags == b->flags && a->count == b->count &&
           a->length == b->length && a->first_member == b->first_member &&
           a->member_count == b->member_count;
}

bool schema_has_same_layout(const struct event_schema *a, const struct event_schema *b)
{
    bool is_same =
        a->property_count == b->property_count && a->top_level_count == b->top_level_count;
    for (uint16_t i = 0; is_same && i < a->property_count; i++) {
        is_same = has_same_shape(&a->properties[i], &b->properties[i]);
    }
    return is_same;
}
