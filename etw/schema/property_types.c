/* SPDX-License-Identifier: MIT */
#include "etw/schema/property_types.h"

/* Row of an in-type of the second run. */
#define ROW_OF(in_type) ((in_type)-IN_COUNTED_STRING + IN_MANIFEST_COUNTED_BINARY + 1)

/* To add a further in-type: a row here, one in enum schema_in_type, one in
 * tests/unit/test_property_types.c; a new way to find its size goes to payload.c.
 * [documented: tdh.h; measured: all but 300 to 307 and 309] */
/* clang-format off */
const struct property_type property_types[PROPERTY_TYPE_ROWS] = {
    [IN_NULL]                         = {SIZE_FIXED, 0, CLASS_BYTES, ETW_FIELD_BINARY},
    [IN_UNICODE_STRING]               = {SIZE_TEXT16, 0, CLASS_BYTES, ETW_FIELD_TEXT16},
    [IN_ANSI_STRING]                  = {SIZE_TEXT8, 0, CLASS_BYTES, ETW_FIELD_TEXT8},
    [IN_INT8]                         = {SIZE_FIXED, 1, CLASS_INTEGER, ETW_FIELD_SIGNED},
    [IN_UINT8]                        = {SIZE_FIXED, 1, CLASS_INTEGER, ETW_FIELD_UNSIGNED},
    [IN_INT16]                        = {SIZE_FIXED, 2, CLASS_INTEGER, ETW_FIELD_SIGNED},
    [IN_UINT16]                       = {SIZE_FIXED, 2, CLASS_INTEGER, ETW_FIELD_UNSIGNED},
    [IN_INT32]                        = {SIZE_FIXED, 4, CLASS_INTEGER, ETW_FIELD_SIGNED},
    [IN_UINT32]                       = {SIZE_FIXED, 4, CLASS_INTEGER, ETW_FIELD_UNSIGNED},
    [IN_INT64]                        = {SIZE_FIXED, 8, CLASS_INTEGER, ETW_FIELD_SIGNED},
    [IN_UINT64]                       = {SIZE_FIXED, 8, CLASS_INTEGER, ETW_FIELD_UNSIGNED},
    [IN_FLOAT]                        = {SIZE_FIXED, 4, CLASS_REAL, ETW_FIELD_FLOAT},
    [IN_DOUBLE]                       = {SIZE_FIXED, 8, CLASS_REAL, ETW_FIELD_FLOAT},
    [IN_BOOLEAN]                      = {SIZE_FIXED, 4, CLASS_INTEGER, ETW_FIELD_BOOLEAN},
    [IN_BINARY]                       = {SIZE_BINARY, 0, CLASS_BYTES, ETW_FIELD_BINARY},
    [IN_GUID]                         = {SIZE_FIXED, 16, CLASS_BYTES, ETW_FIELD_GUID},
    [IN_POINTER]                      = {SIZE_POINTER, 0, CLASS_INTEGER, ETW_FIELD_POINTER},
    [IN_FILETIME]                     = {SIZE_FIXED, 8, CLASS_INTEGER, ETW_FIELD_FILETIME},
    [IN_SYSTEMTIME]                   = {SIZE_FIXED, 16, CLASS_BYTES, ETW_FIELD_SYSTEMTIME},
    [IN_SID]                          = {SIZE_SID, 0, CLASS_BYTES, ETW_FIELD_SID},
    [IN_HEXINT32]                     = {SIZE_FIXED, 4, CLASS_INTEGER, ETW_FIELD_HEX},
    [IN_HEXINT64]                     = {SIZE_FIXED, 8, CLASS_INTEGER, ETW_FIELD_HEX},
    [IN_MANIFEST_COUNTED_STRING]      = {SIZE_COUNTED, 0, CLASS_BYTES, ETW_FIELD_TEXT16},
    [IN_MANIFEST_COUNTED_ANSI_STRING] = {SIZE_COUNTED, 0, CLASS_BYTES, ETW_FIELD_TEXT8},
    [IN_MANIFEST_COUNTED_BINARY]      = {SIZE_COUNTED, 0, CLASS_BYTES, ETW_FIELD_BINARY},
    [ROW_OF(IN_COUNTED_STRING)]               = {SIZE_COUNTED, 0, CLASS_BYTES, ETW_FIELD_TEXT16},
    [ROW_OF(IN_COUNTED_ANSI_STRING)]          = {SIZE_COUNTED, 0, CLASS_BYTES, ETW_FIELD_TEXT8},
    [ROW_OF(IN_REVERSED_COUNTED_STRING)]      = {SIZE_COUNTED_REVERSED, 0, CLASS_BYTES, ETW_FIELD_TEXT16},
    [ROW_OF(IN_REVERSED_COUNTED_ANSI_STRING)] = {SIZE_COUNTED_REVERSED, 0, CLASS_BYTES, ETW_FIELD_TEXT8},
    [ROW_OF(IN_NON_NULL_TERMINATED_STRING)]   = {SIZE_REST, 0, CLASS_BYTES, ETW_FIELD_TEXT16},
    [ROW_OF(IN_NON_NULL_TERMINATED_ANSI_STRING)] = {SIZE_REST, 0, CLASS_BYTES, ETW_FIELD_TEXT8},
    [ROW_OF(IN_UNICODE_CHAR)]                 = {SIZE_FIXED, 2, CLASS_BYTES, ETW_FIELD_TEXT16},
    [ROW_OF(IN_ANSI_CHAR)]                    = {SIZE_FIXED, 1, CLASS_BYTES, ETW_FIELD_TEXT8},
    [ROW_OF(IN_SIZET)]                        = {SIZE_POINTER, 0, CLASS_INTEGER, ETW_FIELD_POINTER},
    [ROW_OF(IN_HEXDUMP)]                      = {SIZE_COUNTED_LONG, 0, CLASS_BYTES, ETW_FIELD_BINARY},
    [ROW_OF(IN_WBEM_SID)]                     = {SIZE_WBEM_SID, 0, CLASS_BYTES, ETW_FIELD_SID},
    [PROPERTY_TYPE_ROWS - 1]                  = {SIZE_UNKNOWN, 0, CLASS_BYTES, ETW_FIELD_BINARY},
};

/* What a kind asks of the value: bits that stand for sizes of 1, 2, 4 and 8 bytes
 * of integers, and the one size of bytes. */
enum { W1 = 1, W2 = 2, W4 = 4, W8 = 8, WORD = W4 | W8, ANY = W1 | W2 | W4 | W8 };
enum { NO_BYTES = 0xFF, BYTES_OF_ANY_SIZE = 0 };

static const struct out_row {
    uint8_t integer_sizes;
    uint8_t integer_kind;
    uint8_t bytes_size; /* one size, or one of the two above */
    uint8_t bytes_kind;
} out_rows[] = {
    [OUT_DATETIME]        = {W8, ETW_FIELD_FILETIME, NO_BYTES, 0},
    [OUT_BOOLEAN]         = {ANY, ETW_FIELD_BOOLEAN, NO_BYTES, 0},
    [OUT_GUID]            = {0, 0, 16, ETW_FIELD_GUID},
    [OUT_HEXBINARY]       = {0, 0, NO_BYTES, 0},
    [OUT_HEXINT8]         = {ANY, ETW_FIELD_HEX, NO_BYTES, 0},
    [OUT_HEXINT16]        = {ANY, ETW_FIELD_HEX, NO_BYTES, 0},
    [OUT_HEXINT32]        = {ANY, ETW_FIELD_HEX, NO_BYTES, 0},
    [OUT_HEXINT64]        = {ANY, ETW_FIELD_HEX, NO_BYTES, 0},
    [OUT_PID]             = {ANY, ETW_FIELD_UNSIGNED, NO_BYTES, 0},
    [OUT_TID]             = {ANY, ETW_FIELD_UNSIGNED, NO_BYTES, 0},
    [OUT_PORT]            = {W2, ETW_FIELD_PORT, NO_BYTES, 0},
    [OUT_IPV4]            = {W4, ETW_FIELD_IPV4, 4, ETW_FIELD_IPV4},
    [OUT_IPV6]            = {0, 0, 16, ETW_FIELD_IPV6},
    [OUT_SOCKETADDRESS]   = {0, 0, BYTES_OF_ANY_SIZE, ETW_FIELD_SOCKADDR},
    [OUT_XML]             = {0, 0, BYTES_OF_ANY_SIZE, ETW_FIELD_TEXT8},
    [OUT_JSON]            = {0, 0, BYTES_OF_ANY_SIZE, ETW_FIELD_TEXT8},
    [OUT_UTF8]            = {0, 0, BYTES_OF_ANY_SIZE, ETW_FIELD_TEXT8},
    [OUT_ERRORCODE]       = {W4, ETW_FIELD_WIN32_ERROR, NO_BYTES, 0},
    [OUT_WIN32ERROR]      = {W4, ETW_FIELD_WIN32_ERROR, NO_BYTES, 0},
    [OUT_NTSTATUS]        = {W4, ETW_FIELD_NTSTATUS, NO_BYTES, 0},
    [OUT_HRESULT]         = {W4, ETW_FIELD_HRESULT, NO_BYTES, 0},
    [OUT_CULTURE_INSENSITIVE_DATETIME] = {W8, ETW_FIELD_FILETIME, NO_BYTES, 0},
    [OUT_DATETIME_UTC]    = {W8, ETW_FIELD_FILETIME, NO_BYTES, 0},
    [OUT_CODE_POINTER]    = {WORD, ETW_FIELD_POINTER, NO_BYTES, 0},
};

static const struct out_row own_rows[] = {
    /* OUT_SIGNED */   {ANY, ETW_FIELD_SIGNED, NO_BYTES, 0},
    /* OUT_UNSIGNED */ {ANY, ETW_FIELD_UNSIGNED, NO_BYTES, 0},
    /* OUT_HEX */      {ANY, ETW_FIELD_HEX, NO_BYTES, 0},
    /* OUT_PACKED_TEXT16 */ {0, 0, BYTES_OF_ANY_SIZE, ETW_FIELD_PACKED_TEXT},
};
/* clang-format on */

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct out_row *find_row(uint16_t out_type)
{
    if (out_type < COUNT_OF(out_rows)) {
        return &out_rows[out_type];
    }
    bool is_own = out_type >= OUT_SIGNED && out_type <= OUT_PACKED_TEXT16;
    return is_own ? &own_rows[out_type - OUT_SIGNED] : NULL;
}

/* Texts, GUIDs, SIDs and times of 16 bytes are what they are; only plain binary
 * takes the meaning of its out-type. Fields that the manifests call IPv6 hold either
 * kind of address, told by its size. */
static enum etw_field_kind kind_of_bytes(const struct property_type *type,
                                         const struct out_row *row, size_t size)
{
    if (row->bytes_kind == ETW_FIELD_IPV6 && type->kind == ETW_FIELD_BINARY && size == 4) {
        return ETW_FIELD_IPV4;
    }
    bool fits =
        row->bytes_size == BYTES_OF_ANY_SIZE ? row->bytes_kind != 0 : row->bytes_size == size;
    return (enum etw_field_kind)(type->kind == ETW_FIELD_BINARY && fits ? row->bytes_kind
                                                                        : type->kind);
}

enum etw_field_kind property_kind(const struct property_type *type, uint16_t out_type, size_t size)
{
    enum etw_field_kind kind = (enum etw_field_kind)type->kind;
    const struct out_row *row = out_type == OUT_DEFAULT ? NULL : find_row(out_type);
    if (!row) {
        return kind;
    }
    if (type->value_class == CLASS_BYTES) {
        return kind_of_bytes(type, row, size);
    }
    if (type->value_class != CLASS_INTEGER) {
        return kind;
    }
    if (property_is_character(type, out_type)) {
        return type->size == 1 ? ETW_FIELD_TEXT8 : ETW_FIELD_TEXT16;
    }
    return (enum etw_field_kind)((row->integer_sizes & size) != 0 ? row->integer_kind : kind);
}
