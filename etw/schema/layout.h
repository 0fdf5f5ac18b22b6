/* SPDX-License-Identifier: MIT */
/*
 * layout.h - which fields stand in a payload, in which order, and where they are
 * in a given one.
 *
 *     struct layout_plan plan;
 *     struct field_place places[LAYOUT_FIELDS_MAXIMUM];
 *     layout_plan_init(&plan, layout, record->pointer_size);
 *     size_t whole = layout_locate(&plan, &record->payload, places);
 *     ... the fields 0 to whole - 1 are in the payload, at these places ...
 *
 * Payloads are packed: no alignment, integers little-endian. Bytes behind the
 * last field are legal, because newer versions of Windows append fields.
 */
#ifndef ETW_SCHEMA_LAYOUT_H
#define ETW_SCHEMA_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "etw/base/bytes.h"

enum field_type {
    FIELD_U8,
    FIELD_U16,
    FIELD_U32,
    FIELD_U64,
    FIELD_POINTER,       /* 4 or 8 bytes, as the record says */
    FIELD_GUID,          /* 16 bytes */
    FIELD_IPV4,          /* 4 bytes in network order */
    FIELD_IPV6,          /* 16 bytes in network order */
    FIELD_BYTES,         /* `size` bytes */
    FIELD_BYTES_COUNTED, /* as many bytes as the value of field number `size` */
    FIELD_BYTES_REST,    /* up to the end of the payload */
    FIELD_UTF16,         /* `size` bytes; the text ends at the first NUL in them */
    FIELD_UTF16_NUL,     /* up to a NUL; as the last field, the NUL may be missing */
    FIELD_UTF16_REST,    /* up to the end of the payload, without a NUL */
    FIELD_UTF16_COUNTED, /* as many characters as the value of field number `size` */
    FIELD_ANSI_NUL,      /* 8-bit text up to a NUL; as the last field, the NUL may be missing */
    FIELD_PORT,          /* 2 bytes in network order */
    FIELD_SID,           /* sized by itself */
    FIELD_WBEM_SID,      /* a SID behind a TOKEN_USER of two pointers, or 4 zero bytes */
    FIELD_TYPE_COUNT
};

struct layout_field {
    const char *name; /* the property's name in the manifest; "": padding */
    enum field_type type;
    uint16_t size; /* what the type says; else 0 */
};

struct layout {
    const struct layout_field *fields;
    uint16_t field_count;
    /* How many of the last fields some versions of Windows do not log under the
     * same event version: a payload without them is whole. */
    uint16_t optional_count;
    bool has_more; /* payloads go on behind the last field */
};

/* Windows' network providers have layouts of up to 46 fields, an interface row has
 * 43; of a longer layout only the first fields are read. */
#define LAYOUT_FIELDS_MAXIMUM 64

/* A field's bytes in the payload; of a NUL-terminated text without the NUL, of a
 * FIELD_UTF16 all of them, of a FIELD_WBEM_SID the SID alone. */
struct field_place {
    uint32_t offset;
    uint32_t size;
};

/* A layout prepared for one pointer size. */
struct layout_plan {
    const struct layout *layout; /* borrowed */
    uint16_t field_count;
    uint16_t required_count;
    uint16_t pointer_size;
    /* Leading fields that stand at the same place in every payload, and the
     * bytes they take together. */
    uint16_t fixed_count;
    uint32_t fixed_size;
    /* Of those behind them the size alone; 0: the payload decides. */
    struct field_place fixed[LAYOUT_FIELDS_MAXIMUM];
};

void layout_plan_init(struct layout_plan *plan, const struct layout *layout, unsigned pointer_size);

/* The number of the field called `name`, or -1. */
int layout_find_field(const struct layout *layout, const char *name);

/*
 * Returns how many fields of the layout are in the payload, whole, from the first
 * on; fewer than plan->required_count: the payload ends too early. Of the first
 * field that is not whole, places[] holds the bytes that are there (0 or more).
 * `payload` counts from its first byte, whatever its position; `places` has room
 * for plan->field_count.
 */
size_t layout_locate(const struct layout_plan *plan, const struct bytes *payload,
                     struct field_place *places);
/* The same, but writes the places behind the fixed ones only: cheaper when the
 * caller knows plan->fixed. A cut inside the fixed fields leaves places[] alone. */
size_t layout_locate_rest(const struct layout_plan *plan, const struct bytes *payload,
                          struct field_place *places);

/* True when the field stands at plan->fixed[field] in every payload. */
static inline bool layout_is_fixed(const struct layout_plan *plan, size_t field)
{
    return field < plan->fixed_count;
}

/* True for types whose value is an unsigned integer. */
bool field_is_number(enum field_type type);
/* True for types whose first bytes mean something without the others. */
bool field_is_divisible(enum field_type type);

/* An unsigned integer of 1, 2, 4 or 8 bytes. */
static inline uint64_t load_number(const uint8_t *p, size_t size)
{
    switch (size) {
    case 1:
        return *p;
    case 2:
        return load_u16(p);
    case 4:
        return load_u32(p);
    default:
        return load_u64(p);
    }
}

/* The unsigned integer at `place`; `type` is one of numbers. */
static inline uint64_t layout_number(enum field_type type, const struct bytes *payload,
                                     struct field_place place)
{
    const uint8_t *p = payload->data + place.offset;
    return type == FIELD_PORT ? load_be16(p) : load_number(p, place.size);
}

/* True for texts of 16-bit characters. */
bool field_is_utf16(enum field_type type);

/* What stands at `place`: texts up to their first NUL, everything else as it is. */
void layout_value(enum field_type type, const struct bytes *payload, struct field_place place,
                  struct bytes *value);

#endif
