/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "etw/schema/payload.h"

#define COUNT_OF(rows)  (sizeof(rows) / sizeof((rows)[0]))
#define PROPERTIES_MOST 6

/* P(name, in-type, out-type, flags, count, length), or the last ones by their names. */
#define P(of_name, ...)                                                                            \
    {                                                                                              \
        .name = (of_name), .in_type = __VA_ARGS__                                                  \
    }

/* ---- what was told, in one line: a=1 s{b=2 } x[3: =1 =2 =3 ] ---- */

static void tell_value(void *context, const struct etw_field *field)
{
    struct text *line = context;
    text_add(line, field->name ? field->name : "");
    text_add_char(line, '=');
    etw_field_format(field, line);
    text_add_char(line, ' ');
}

static void begin_struct(void *context, const char *name)
{
    text_add_format(context, "%s{", name ? name : "");
}

static void end_struct(void *context)
{
    text_add(context, "} ");
}

static void begin_array(void *context, const char *name, size_t count)
{
    text_add_format(context, "%s[%zu: ", name ? name : "", count);
}

static void end_array(void *context)
{
    text_add(context, "] ");
}

static const struct etw_fields_visitor all_of_it = {.value = tell_value,
                                                    .begin_struct = begin_struct,
                                                    .end_struct = end_struct,
                                                    .begin_array = begin_array,
                                                    .end_array = end_array};
static const struct etw_fields_visitor values_only = {.value = tell_value};

static uint8_t digit_value(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = strchr(digits, digit);
    assert_true(found && digit != '\0');
    return (uint8_t)(found - digits);
}

/* Pairs of digits; blanks between them. */
static size_t parse_hexadecimal(const char *text, uint8_t *out, size_t maximum)
{
    size_t size = 0;
    for (; *text; text++) {
        if (*text == ' ') {
            continue;
        }
        assert_true(size < maximum);
        out[size] = (uint8_t)(digit_value(text[0]) << 4);
        out[size++] |= digit_value(*++text);
    }
    return size;
}

/* ---- the cases ---- */

static const struct etw_map_entry entries[] = {{1, "One"}, {2, "Two"}};
static const struct etw_map value_map = {"Values", false, entries, COUNT_OF(entries)};
static const struct etw_map bit_map = {"Bits", true, entries, COUNT_OF(entries)};

enum { OPEN_END = 1, WITH_POINTER_4 = 2, IN_TRACELOGGING = 4, ONLY_WHOLE = 8 };

/* clang-format off */
static const struct payload_case {
    const char *payload; /* hexadecimal */
    const char *told;
    unsigned how;       /* OPEN_END: the last value fits into any smaller payload, too;
                           ONLY_WHOLE: the end of the payload decides how it is read */
    uint16_t top_level; /* 0: all */
    struct schema_property properties[PROPERTIES_MOST];
    const char *why; /* NULL: decoded wholly */
    size_t unread;
} cases[] = {
    /* integers, by width and sign */
    {"ff ffff ffffffff ffffffffffffffff", "a=-1 b=-1 c=-1 d=-1 ", 0, 0,
     {P("a", IN_INT8), P("b", IN_INT16), P("c", IN_INT32), P("d", IN_INT64)}, NULL, 0},
    {"ff ffff ffffffff ffffffffffffffff", "a=255 b=65535 c=4294967295 d=18446744073709551615 ", 0,
     0, {P("a", IN_UINT8), P("b", IN_UINT16), P("c", IN_UINT32), P("d", IN_UINT64)}, NULL, 0},
    {"7b 0201 04030201 0807060504030201", "a=123 b=258 c=16909060 d=0x102030405060708 ", 0, 0,
     {P("a", IN_INT8), P("b", IN_INT16), P("c", IN_INT32), P("d", IN_HEXINT64)}, NULL, 0},
    {"efbeadde 01000000 00000000", "a=0xdeadbeef b=true c=false ", 0, 0,
     {P("a", IN_HEXINT32), P("b", IN_BOOLEAN), P("c", IN_BOOLEAN)}, NULL, 0},
    {"0000c03f 000000000000f8bf", "f=1.5 d=-1.5 ", 0, 0, {P("f", IN_FLOAT), P("d", IN_DOUBLE)}, NULL,
     0},
    {"28dd218900000000 0100000000000000", "p=0x8921dd28 s=0x1 ", 0, 0,
     {P("p", IN_POINTER, .length = 4), P("s", IN_SIZET)}, NULL, 0},
    {"28dd2189 01000000", "p=0x8921dd28 s=0x1 ", WITH_POINTER_4, 0,
     {P("p", IN_POINTER, .length = 8), P("s", IN_SIZET)}, NULL, 0},
    {"07", "n= a=7 ", 0, 0, {P("n", IN_NULL), P("a", IN_UINT8)}, NULL, 0},

    /* out-types */
    {"01bb c0000201 b50000c0 22270000", "p=443 a=192.0.2.1 s=0xC00000B5 STATUS_IO_TIMEOUT e=10018 ", 0,
     0, {P("p", IN_UINT16, OUT_PORT), P("a", IN_UINT32, OUT_IPV4), P("s", IN_UINT32, OUT_NTSTATUS),
         P("e", IN_UINT32, OUT_WIN32ERROR)}, NULL, 0},
    {"4c270780 ffffffff ff 01", "h=0x8007274C WSAETIMEDOUT p=4294967295 x=0xff b=true ", 0, 0,
     {P("h", IN_INT32, OUT_HRESULT), P("p", IN_INT32, OUT_PID), P("x", IN_INT8, OUT_HEXINT8),
      P("b", IN_UINT8, OUT_BOOLEAN)}, NULL, 0},
    {"ff ff ff000000", "s=-1 u=255 x=0xff ", 0, 0,
     {P("s", IN_UINT8, OUT_SIGNED), P("u", IN_INT8, OUT_UNSIGNED), P("x", IN_UINT32, OUT_HEX)}, NULL,
     0},
    {"20010db8000000000000000000000001 20010db8000000000000000000000002",
     "a=2001:db8::1 b=2001:db8::2 ", 0, 0,
     {P("a", IN_BINARY, OUT_IPV6), P("b", IN_BINARY, OUT_IPV6, .length = 16)}, NULL, 0},
    {"aad2f92f81edcd01 dd07 0100 0200 0800 0900 1200 3900 fb01 006f13f6f83bce01",
     "f=2013-01-08T09:18:57.5078058Z s=2013-01-08T09:18:57.5070000Z u=2013-04-18T05:52:50.6720000Z ",
     0, 0, {P("f", IN_FILETIME), P("s", IN_SYSTEMTIME), P("u", IN_UINT64, OUT_DATETIME)}, NULL, 0},
    {"6e00d62e2947 0946b4233ee7bcd678ef 01", "g=2ed6006e-4729-4609-b423-3ee7bcd678ef a=1 ", 0, 0,
     {P("g", IN_GUID, .length = 16), P("a", IN_UINT8, 4711)}, NULL, 0},
    {"02000000 03000000 09000000 13000000", "a=Two b=3 c=One|0x8 d=One|Two|0x10 ", 0, 0,
     {P("a", IN_UINT32, .map = &value_map), P("b", IN_UINT32, .map = &value_map),
      P("c", IN_UINT32, .map = &bit_map), P("d", IN_HEXINT32, .map = &bit_map)}, NULL, 0},

    /* texts */
    {"610062000000 6364 00 07", "w=ab a=cd n=7 ", 0, 0,
     {P("w", IN_UNICODE_STRING), P("a", IN_ANSI_STRING), P("n", IN_UINT8)}, NULL, 0},
    {"07 61006200", "n=7 w=ab ", OPEN_END, 0, {P("n", IN_UINT8), P("w", IN_UNICODE_STRING)}, NULL, 0},
    {"07 610062", "n=7 ", ONLY_WHOLE, 0, {P("n", IN_UINT8), P("w", IN_UNICODE_STRING)},
     "the payload ends before the last field", 3},
    {"07 6162", "n=7 a=ab ", OPEN_END, 0, {P("n", IN_UINT8), P("a", IN_ANSI_STRING)}, NULL, 0},
    {"6162", "", 0, 0, {P("a", IN_ANSI_STRING), P("n", IN_UINT8)},
     "the payload ends before the last field", 2},
    {"610000006300 64000000 616200ff 07", "w=a v=d a=ab n=7 ", 0, 0,
     {P("w", IN_UNICODE_STRING, .length = 3), P("v", IN_UNICODE_STRING, .length = 2),
      P("a", IN_ANSI_STRING, .length = 4), P("n", IN_UINT8)}, NULL, 0},
    {"02000000 61006200 07", "l=2 w=ab n=7 ", 0, 0,
     {P("l", IN_UINT32), P("w", IN_UNICODE_STRING, .flags = PROPERTY_LENGTH_FROM, .length = 0),
      P("n", IN_UINT8)}, NULL, 0},
    {"03 616263 07", "l=3 a=abc n=7 ", 0, 0,
     {P("l", IN_INT8), P("a", IN_ANSI_STRING, .flags = PROPERTY_LENGTH_FROM, .length = 0),
      P("n", IN_UINT8)}, NULL, 0},
    {"00 07", "l=0 a= n=7 ", 0, 0,
     {P("l", IN_UINT8), P("a", IN_ANSI_STRING, .flags = PROPERTY_LENGTH_FROM, .length = 0),
      P("n", IN_UINT8)}, NULL, 0},
    {"07", "a= n=7 ", 0, 0,
     {P("a", IN_UNICODE_STRING, .flags = PROPERTY_FIXED_LENGTH), P("n", IN_UINT8)}, NULL, 0},
    {"0400 61006200 0200 6364 0200 ab0f 0000", "w=ab a=cd b=ab0f e= ", 0, 0,
     {P("w", IN_MANIFEST_COUNTED_STRING), P("a", IN_MANIFEST_COUNTED_ANSI_STRING),
      P("b", IN_MANIFEST_COUNTED_BINARY), P("e", IN_COUNTED_STRING)}, NULL, 0},
    {"0600 610062000000 0002 6364 0004 61006200 0100 65", "w=ab a=cd r=ab c=e ", 0, 0,
     {P("w", IN_COUNTED_STRING), P("a", IN_REVERSED_COUNTED_ANSI_STRING),
      P("r", IN_REVERSED_COUNTED_STRING), P("c", IN_COUNTED_ANSI_STRING)}, NULL, 0},
    {"07 61006200", "n=7 w=ab ", OPEN_END, 0,
     {P("n", IN_UINT8), P("w", IN_NON_NULL_TERMINATED_STRING)}, NULL, 0},
    {"07 6162", "n=7 a=ab ", OPEN_END, 0,
     {P("n", IN_UINT8), P("a", IN_NON_NULL_TERMINATED_ANSI_STRING)}, NULL, 0},
    {"4100 42 4300 00", "w=A a=B c=C z= ", 0, 0,
     {P("w", IN_UNICODE_CHAR), P("a", IN_ANSI_CHAR), P("c", IN_UINT16, OUT_STRING),
      P("z", IN_UINT8, OUT_STRING)}, NULL, 0},
    {"0300 610062006300 02 6465 660000006900", "w=abc l=2 a=de f=f ", 0, 0,
     {P("w", IN_UINT16, OUT_STRING, PROPERTY_COUNTED), P("l", IN_UINT8),
      P("a", IN_ANSI_CHAR, OUT_DEFAULT, PROPERTY_COUNT_FROM, 1),
      P("f", IN_UNICODE_CHAR, OUT_DEFAULT, PROPERTY_FIXED_COUNT, 3)}, NULL, 0},

    /* binary, addresses, SIDs */
    {"10000000 020001bbc00002010000000000000000 07", "l=16 a=192.0.2.1:443 n=7 ", 0, 0,
     {P("l", IN_UINT32), P("a", IN_BINARY, OUT_SOCKETADDRESS, PROPERTY_LENGTH_FROM, .length = 0),
      P("n", IN_UINT8)}, NULL, 0},
    {"00000000 07", "l=0 a=none n=7 ", 0, 0,
     {P("l", IN_UINT32), P("a", IN_BINARY, OUT_SOCKETADDRESS, PROPERTY_LENGTH_FROM, .length = 0),
      P("n", IN_UINT8)}, NULL, 0},
    {"ab0f 02000000 0102 07", "b=ab0f h=0102 n=7 ", 0, 0,
     {P("b", IN_BINARY, .length = 2), P("h", IN_HEXDUMP), P("n", IN_UINT8)}, NULL, 0},
    {"07 ab0f", "n=7 b=ab0f ", OPEN_END, 0, {P("n", IN_UINT8), P("b", IN_BINARY)}, NULL, 0},
    {"07 ab0f", "n=7 ", 0, 0, {P("n", IN_UINT8), P("b", IN_BINARY), P("c", IN_UINT8)},
     "the length of a binary field is not known", 2},
    {"0200 ab0f 07", "b=ab0f n=7 ", IN_TRACELOGGING, 0, {P("b", IN_BINARY), P("n", IN_UINT8)}, NULL,
     0},
    {"0101000000000005 12000000 0100000000000001 07", "s=S-1-5-18 e=S-1-1 n=7 ", 0, 0,
     {P("s", IN_SID), P("e", IN_SID), P("n", IN_UINT8)}, NULL, 0},
    {"07 0110000000000005", "n=7 ", 0, 0, {P("n", IN_UINT8), P("s", IN_SID)}, "a SID is damaged", 8},
    {"07 0001000000000005 12000000", "n=7 ", 0, 0, {P("n", IN_UINT8), P("s", IN_SID)},
     "a SID is damaged", 12},
    {"00 07", "l=0 s=none n=7 ", 0, 0,
     {P("l", IN_UINT8), P("s", IN_SID, .flags = PROPERTY_LENGTH_FROM, .length = 0), P("n", IN_UINT8)},
     NULL, 0},
    {"c0ffeec0ffffffff 0000000000000000 0101000000000005 12000000 6100", "s=S-1-5-18 i=a ", OPEN_END, 0,
     {P("s", IN_WBEM_SID), P("i", IN_ANSI_STRING)}, NULL, 0},
    {"c0ffeec0 00000000 0101000000000005 12000000 6100", "s=S-1-5-18 i=a ",
     OPEN_END | WITH_POINTER_4, 0,
     {P("s", IN_WBEM_SID), P("i", IN_ANSI_STRING)}, NULL, 0},
    {"00000000 6100", "s=none i=a ", OPEN_END, 0, {P("s", IN_WBEM_SID), P("i", IN_ANSI_STRING)}, NULL,
     0},
    {"00000000", "s=none ", 0, 0, {P("s", IN_WBEM_SID)}, NULL, 0},
    {"00000000000000000000000000000000 0101000000000005 12000000 6100 62000000",
     "s=S-1-5-18 i=a c=b ", ONLY_WHOLE, 0,
     {P("s", IN_WBEM_SID), P("i", IN_ANSI_STRING), P("c", IN_UNICODE_STRING)}, NULL, 0},
    {"0000000000000000 0101000000000005 12000000 6100 62000000", "s=S-1-5-18 i=a c=b ",
     ONLY_WHOLE | WITH_POINTER_4, 0,
     {P("s", IN_WBEM_SID), P("i", IN_ANSI_STRING), P("c", IN_UNICODE_STRING)}, NULL, 0},

    /* arrays and structs */
    {"0100 0200 0300 07", "x[3: =1 =2 =3 ] n=7 ", 0, 0,
     {P("x", IN_UINT16, .count = 3), P("n", IN_UINT8)}, NULL, 0},
    {"05", "x[1: =5 ] ", 0, 0, {P("x", IN_UINT8, .flags = PROPERTY_FIXED_COUNT, .count = 1)}, NULL,
     0},
    {"05", "x=5 ", 0, 0, {P("x", IN_UINT8, .count = 1)}, NULL, 0},
    {"02 0100 0200 07", "c=2 x[2: =1 =2 ] n=7 ", 0, 0,
     {P("c", IN_UINT8), P("x", IN_UINT16, .flags = PROPERTY_COUNT_FROM, .count = 0),
      P("n", IN_UINT8)}, NULL, 0},
    {"00 07", "c=0 x[0: ] n=7 ", 0, 0,
     {P("c", IN_UINT8), P("x", IN_UINT16, .flags = PROPERTY_COUNT_FROM, .count = 0),
      P("n", IN_UINT8)}, NULL, 0},
    {"0200 6100 62630007", "x[2: =a =bc ] n=7 ", 0, 0,
     {P("x", IN_ANSI_STRING, .flags = PROPERTY_COUNTED), P("n", IN_UINT8)}, NULL, 0},
    {"02 6100 6263", "c=2 x[2: =a =bc ] ", OPEN_END, 0,
     {P("c", IN_UINT8), P("x", IN_ANSI_STRING, .flags = PROPERTY_COUNT_FROM, .count = 0)}, NULL, 0},
    {"01 02 03", "s{a=1 b=2 } n=3 ", 0, 2,
     {{.name = "s", .flags = PROPERTY_IS_STRUCT, .first_member = 2, .member_count = 2}, P("n", IN_UINT8),
      P("a", IN_UINT8), P("b", IN_UINT8)}, NULL, 0},
    {"02 01 aa 02 bbcc 07", "c=2 s[2: {l=1 b=aa } {l=2 b=bbcc } ] n=7 ", 0, 3,
     {P("c", IN_UINT8),
      {.name = "s", .flags = PROPERTY_IS_STRUCT | PROPERTY_COUNT_FROM, .count = 0, .first_member = 3,
       .member_count = 2},
      P("n", IN_UINT8), P("l", IN_UINT8),
      P("b", IN_BINARY, .flags = PROPERTY_LENGTH_FROM, .length = 3)}, NULL, 0},
    {"01 02 03 04 05 06 07", "s[2: {a=1 t[2: {b=2 } {b=3 } ] } {a=4 t[2: {b=5 } {b=6 } ] } ] n=7 ",
     0, 2,
     {{.name = "s", .flags = PROPERTY_IS_STRUCT, .count = 2, .first_member = 2, .member_count = 2},
      P("n", IN_UINT8), P("a", IN_UINT8),
      {.name = "t", .flags = PROPERTY_IS_STRUCT, .count = 2, .first_member = 4, .member_count = 1},
      P("b", IN_UINT8)}, NULL, 0},
    {"0200 01 02", "s[2: {a=1 } {a=2 } ] ", 0, 1,
     {{.name = "s", .flags = PROPERTY_IS_STRUCT | PROPERTY_COUNTED, .first_member = 1, .member_count = 1},
      P("a", IN_UINT8)}, NULL, 0},
    {"00 05", "s[0: ] ", 0, 2,
     {{.name = "s", .flags = PROPERTY_IS_STRUCT | PROPERTY_FIXED_COUNT, .first_member = 2,
       .member_count = 1},
      P("b", IN_BINARY, .flags = PROPERTY_LENGTH_FROM, .length = 2), P("l", IN_UINT8)},
     "a length or count refers to no number", 2},

    /* the end of the payload */
    {"07 0809", "n=7 ", 0, 0, {P("n", IN_UINT8)}, NULL, 2},
    {"07 08", "n=7 ", 0, 0, {P("n", IN_UINT8), P("x", 26)}, "a field has a type that is not known",
     1},
    {"07", "n=7 ", 0, 0, {P("n", IN_UINT8), P("m", IN_UINT32, .flags = PROPERTY_IS_OPTIONAL)}, NULL,
     0},
    {"07 08000000", "n=7 m=8 ", 0, 0,
     {P("n", IN_UINT8), P("m", IN_UINT32, .flags = PROPERTY_IS_OPTIONAL)}, NULL, 0},
    {"07 0800", "n=7 ", 0, 0, {P("n", IN_UINT8), P("m", IN_UINT32, .flags = PROPERTY_IS_OPTIONAL)},
     "the payload ends before the last field", 2},
    {"07 02", "n=7 l=2 ", 0, 0,
     {P("n", IN_UINT8), P("l", IN_UINT8, .flags = PROPERTY_IS_OPTIONAL),
      P("b", IN_BINARY, .flags = PROPERTY_IS_OPTIONAL | PROPERTY_LENGTH_FROM, .length = 1)},
     "the payload ends before the last field", 0},
    {"07 00", "n=7 l=0 b= ", 0, 0,
     {P("n", IN_UINT8), P("l", IN_UINT8, .flags = PROPERTY_IS_OPTIONAL),
      P("b", IN_BINARY, .flags = PROPERTY_IS_OPTIONAL | PROPERTY_LENGTH_FROM, .length = 1)},
     NULL, 0},
    {"ffffffff 07", "l=-1 ", 0, 0,
     {P("l", IN_INT32), P("b", IN_BINARY, .flags = PROPERTY_LENGTH_FROM, .length = 0)},
     "a length or count refers to no number", 1},
    {"ffffffff 07", "l=4294967295 ", 0, 0,
     {P("l", IN_UINT32), P("w", IN_UNICODE_STRING, .flags = PROPERTY_LENGTH_FROM, .length = 0)},
     "the payload ends before the last field", 1},
    {"00000000000000 80", "l=9223372036854775808 ", 0, 0,
     {P("l", IN_UINT64), P("w", IN_UNICODE_STRING, .flags = PROPERTY_LENGTH_FROM, .length = 0)},
     "the payload ends before the last field", 0},
    {"6100 07", "a=a ", 0, 0,
     {P("a", IN_ANSI_STRING), P("b", IN_BINARY, .flags = PROPERTY_LENGTH_FROM, .length = 0)},
     "a length or count refers to no number", 1},
    {"0300 01 02", "x[3: =1 =2 ] ", 0, 0, {P("x", IN_UINT8, .flags = PROPERTY_COUNTED)},
     "the payload ends before the last field", 0},
    {"0300 61 62", "", 0, 0, {P("x", IN_ANSI_CHAR, .flags = PROPERTY_COUNTED)},
     "the payload ends before the last field", 4},
    {"", "", 0, 0, {P("a", IN_UINT8)}, "the payload ends before the last field", 0},
    {"", "n= ", 0, 0, {P("n", IN_NULL)}, NULL, 0},
    {"0102", "", 0, 0, {{.name = NULL}}, NULL, 2},
};
/* clang-format on */

static struct event_schema schema_of(const struct payload_case *one)
{
    struct event_schema schema = {.properties = one->properties, .top_level_count = one->top_level};
    while (schema.property_count < PROPERTIES_MOST && one->properties[schema.property_count].name) {
        schema.property_count++;
    }
    if (schema.top_level_count == 0) {
        schema.top_level_count = schema.property_count;
    }
    schema.source = one->how & IN_TRACELOGGING ? ETW_SCHEMA_TRACELOGGING : ETW_SCHEMA_EMBEDDED;
    return schema;
}

/* From a block of exactly its size, so that a sanitizer sees one byte too many. */
static struct payload_end read_exactly(const struct payload_case *one, const uint8_t *data,
                                       size_t size, struct etw_fields_visitor visitor,
                                       struct text *told)
{
    struct event_schema schema = schema_of(one);
    uint8_t *exact = malloc(size > 0 ? size : 1);
    assert_non_null(exact);
    memcpy(exact, data, size);
    struct bytes payload = bytes_of(exact, size);
    visitor.context = told;
    struct payload_end end =
        payload_read(&schema, &payload, one->how & WITH_POINTER_4 ? 4 : 8, &visitor);
    free(exact);
    assert_true(end.unread <= size);
    assert_true((end.decoded == ETW_DECODED_WHOLLY) == (end.why == NULL));
    return end;
}

static void every_type_is_read_as_its_schema_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct payload_case *one = &cases[i];
        uint8_t data[128];
        size_t size = parse_hexadecimal(one->payload, data, sizeof(data));
        struct text told = {0};
        struct payload_end end = read_exactly(one, data, size, all_of_it, &told);
        assert_string_equal(text_get(&told), one->told);
        assert_int_equal(end.unread, one->unread);
        if (one->why) {
            assert_string_equal(end.why, one->why);
        } else {
            assert_null(end.why);
        }
        text_done(&told);
    }
}

/* How much of `whole` a cut payload must not contradict: all that it told, except
 * the last value where that may end anywhere. */
static size_t size_to_compare(const struct payload_case *one, const struct text *told)
{
    size_t size = told->size;
    if (one->how & OPEN_END) {
        while (size > 0 && told->data[size - 1] != '=') {
            size--;
        }
    }
    return size;
}

static void every_truncation_gives_the_fields_before_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct payload_case *one = &cases[i];
        uint8_t data[128];
        size_t whole_size = parse_hexadecimal(one->payload, data, sizeof(data));
        struct text whole = {0};
        struct payload_end end = read_exactly(one, data, whole_size, values_only, &whole);
        size_t used = whole_size - end.unread;
        for (size_t size = one->how & ONLY_WHOLE ? whole_size : 0; size < whole_size; size++) {
            struct text told = {0};
            struct payload_end cut = read_exactly(one, data, size, values_only, &told);
            if (strncmp(text_get(&told), text_get(&whole), size_to_compare(one, &told)) != 0) {
                fail_msg("case %zu (%s): %zu bytes give %s", i, one->payload, size,
                         text_get(&told));
            }
            bool is_marked = cut.decoded == ETW_DECODED_PARTLY;
            bool may_be_whole = (one->how & OPEN_END) || size >= used ||
                                (one->properties[1].flags & PROPERTY_IS_OPTIONAL);
            if (!is_marked && !may_be_whole) {
                fail_msg("case %zu (%s): %zu bytes", i, one->payload, size);
            }
            text_done(&told);
        }
        text_done(&whole);
    }
}

static void nothing_is_told_when_nobody_listens(void **state)
{
    (void)state;
    const struct etw_fields_visitor nobody = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t data[128];
        size_t size = parse_hexadecimal(cases[i].payload, data, sizeof(data));
        struct text told = {0};
        struct payload_end end = read_exactly(&cases[i], data, size, nobody, &told);
        assert_int_equal(end.unread, cases[i].unread);
        assert_int_equal(told.size, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_read_as_its_schema_says),
        cmocka_unit_test(every_truncation_gives_the_fields_before_it),
        cmocka_unit_test(nothing_is_told_when_nobody_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
