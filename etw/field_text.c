/* SPDX-License-Identifier: MIT */
/*
 * field_text.c - values of fields as text.
 *
 * What is not there (an empty SOCKADDR, a WBEM SID without a SID) is "none". What
 * does not have the shape of its kind (a time beyond year 9999, a SOCKADDR of another
 * family) is shown as the hexadecimal it was stored as. Control characters stay: the
 * writers escape them.
 */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#include "etw/base/net_address.h"
#include "etw/base/utc_time.h"
#include "etw/container/lznt1.h"
#include "etw/fields.h"

#define AF_UNSPECIFIED_FAMILY 0
#define AF_INET_FAMILY        2
#define AF_INET6_FAMILY       23

/* FILETIME of 9999-12-31T23:59:59.9999999Z */
#define LAST_FILETIME UINT64_C(2650467743999999999)

/* Bytes that a packed text may unpack to. Assessments of machines have up to 20,000 [measured]. */
#define PACKED_TEXT_MAXIMUM ((size_t)1 << 20)

#define IPV4_SOCKADDR_LEAST 8  /* up to the address */
#define IPV6_SOCKADDR_LEAST 24 /* up to the address */
#define IPV6_SOCKADDR_WHOLE 28 /* with the scope */

static const char nothing_there[] = "none";

/* ---- numbers ---- */

static void add_hexadecimal(struct text *out, uint64_t number)
{
    static const char digits[] = "0123456789abcdef";
    char text[18];
    size_t at = sizeof(text);
    do {
        text[--at] = digits[number & 0xF];
        number >>= 4;
    } while (number > 0);
    text[--at] = 'x';
    text[--at] = '0';
    text_add_bytes(out, text + at, sizeof(text) - at);
}

static void add_signed(struct text *out, uint64_t number)
{
    if (number >> 63) {
        text_add_char(out, '-');
        number = 0 - number;
    }
    text_add_u64(out, number);
}

static void format_unsigned(const struct etw_field *field, struct text *out)
{
    text_add_u64(out, field->number);
}

static void format_signed(const struct etw_field *field, struct text *out)
{
    add_signed(out, field->number);
}

static void format_hexadecimal(const struct etw_field *field, struct text *out)
{
    add_hexadecimal(out, field->number);
}

static void format_boolean(const struct etw_field *field, struct text *out)
{
    text_add(out, field->number ? "true" : "false");
}

/* isfinite() of MinGW converts to float, which its compiler warns of. */
static bool is_finite(double real)
{
    return real >= -DBL_MAX && real <= DBL_MAX;
}

/* The fewest digits that read back as the same number. */
static void format_real(const struct etw_field *field, struct text *out)
{
    if (!is_finite(field->real)) {
        text_add(out, field->real < 0 ? "-inf" : field->real > 0 ? "inf" : "nan");
        return;
    }
    bool is_single = field->width == sizeof(float);
    int last = is_single ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG;
    char text[40];
    for (int digits = is_single ? FLT_DIG : DBL_DIG; digits <= last; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, field->real);
        double again = is_single ? (double)strtof(text, NULL) : strtod(text, NULL);
        if (!(again < field->real || again > field->real)) {
            break;
        }
    }
    text_add(out, text);
}

/* ---- maps ---- */

static const char *find_entry(const struct etw_map *map, uint64_t value)
{
    size_t low = 0;
    size_t high = map->entry_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (map->entries[middle].value < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < map->entry_count && map->entries[low].value == value ? map->entries[low].text
                                                                      : NULL;
}

/* Of a field whose map is not there only the number is left. */
static const char *find_map_text(const struct etw_field *field)
{
    return field->map ? find_entry(field->map, field->number) : NULL;
}

static void format_map(const struct etw_field *field, struct text *out)
{
    const char *text = find_map_text(field);
    if (text) {
        text_add(out, text);
    } else {
        text_add_u64(out, field->number);
    }
}

static void format_bitmap(const struct etw_field *field, struct text *out)
{
    uint64_t rest = field->number;
    size_t count = field->map ? field->map->entry_count : 0;
    bool is_first = true;
    if (rest == 0) {
        const char *zero = find_map_text(field);
        text_add(out, zero ? zero : "0x0");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct etw_map_entry *entry = &field->map->entries[i];
        if (entry->value != 0 && (rest & entry->value) == entry->value) {
            text_add(out, is_first ? "" : "|");
            text_add(out, entry->text);
            rest &= ~(uint64_t)entry->value;
            is_first = false;
        }
    }
    if (rest != 0) {
        text_add(out, is_first ? "" : "|");
        add_hexadecimal(out, rest);
    }
}

/* ---- status codes ---- */

static void add_status(struct text *out, uint32_t status, const char *name)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[10] = {'0', 'x'};
    for (int i = 0; i < 8; i++) {
        text[2 + i] = digits[status >> (28 - 4 * i) & 0xF];
    }
    text_add_bytes(out, text, sizeof(text));
    if (name) {
        text_add_char(out, ' ');
        text_add(out, name);
    }
}

static void format_ntstatus(const struct etw_field *field, struct text *out)
{
    uint32_t status = (uint32_t)field->number;
    add_status(out, status, etw_ntstatus_name(status));
}

static void format_hresult(const struct etw_field *field, struct text *out)
{
    uint32_t result = (uint32_t)field->number;
    add_status(out, result, etw_hresult_name(result));
}

/* People know these in decimal: 10060 WSAETIMEDOUT. Fields of this kind sometimes hold
 * an HRESULT or NTSTATUS, which no Win32 error can be mistaken for. */
static void format_win32_error(const struct etw_field *field, struct text *out)
{
    uint32_t error = (uint32_t)field->number;
    if (error >> 31) {
        const char *name = etw_hresult_name(error);
        add_status(out, error, name ? name : etw_ntstatus_name(error));
        return;
    }
    const char *name = etw_win32_error_name(error);
    text_add_u64(out, error);
    if (name) {
        text_add_char(out, ' ');
        text_add(out, name);
    }
}

/* ---- bytes ---- */

static void format_binary(const struct etw_field *field, struct text *out)
{
    static const char digits[] = "0123456789abcdef";
    size_t size = field->bytes.size;
    char *to = size < SIZE_MAX / 2 ? text_reserve(out, 2 * size) : NULL;
    if (!to) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < size; i++) {
        to[2 * i] = digits[field->bytes.data[i] >> 4];
        to[2 * i + 1] = digits[field->bytes.data[i] & 0xF];
    }
    to[2 * size] = '\0'; /* text_reserve() keeps room for it */
    out->size += 2 * size;
}

static void format_text16(const struct etw_field *field, struct text *out)
{
    text_add_utf16(out, field->bytes.data, field->bytes.size);
}

static void format_text8(const struct etw_field *field, struct text *out)
{
    text_add_bytes(out, field->bytes.data, field->bytes.size);
}

static size_t without_nuls(const uint8_t *text, size_t size)
{
    while (size >= 2 && load_u16(text + size - 2) == 0) {
        size -= 2;
    }
    return size;
}

/* Hexadecimal when it does not unpack wholly. */
static void format_packed_text16(const struct etw_field *field, struct text *out)
{
    size_t chunks = field->bytes.size / 3; /* none is shorter */
    size_t most = PACKED_TEXT_MAXIMUM / LZNT1_CHUNK_SIZE;
    size_t room = (chunks < most ? chunks : most) * LZNT1_CHUNK_SIZE;
    uint8_t *text = malloc(room + 1);
    if (!text) {
        out->failed = true;
        return;
    }
    struct unpack_result result = lznt1_unpack(field->bytes.data, field->bytes.size, text, room);
    if (result.is_damaged || result.is_cut || result.consumed < field->bytes.size) {
        format_binary(field, out);
    } else {
        text_add_utf16(out, text, without_nuls(text, result.produced));
    }
    free(text);
}

static void format_guid(const struct etw_field *field, struct text *out)
{
    struct bytes bytes = field->bytes;
    struct guid guid = bytes_guid(&bytes);
    char text[GUID_TEXT_SIZE];
    if (bytes.failed) {
        format_binary(field, out);
        return;
    }
    guid_format(&guid, text);
    text_add(out, text);
}

/* An authority beyond 32 bits is written in hexadecimal [documented: MS-DTYP 2.4.2.1]. */
static void format_sid(const struct etw_field *field, struct text *out)
{
    struct bytes sid = field->bytes;
    if (sid.size == 0) {
        text_add(out, nothing_there);
        return;
    }
    uint8_t revision = bytes_u8(&sid);
    uint8_t count = bytes_u8(&sid);
    uint64_t authority = 0;
    for (int i = 0; i < 6; i++) {
        authority = authority << 8 | bytes_u8(&sid);
    }
    if (bytes_left(&sid) < 4u * count || sid.failed) {
        format_binary(field, out);
        return;
    }
    text_add(out, "S-");
    text_add_u64(out, revision);
    text_add_char(out, '-');
    if (authority >> 32) {
        text_add_format(out, "0x%012llX", (unsigned long long)authority);
    } else {
        text_add_u64(out, authority);
    }
    for (unsigned i = 0; i < count; i++) {
        text_add_char(out, '-');
        text_add_u64(out, bytes_u32(&sid));
    }
}

/* ---- times ---- */

static void format_filetime(const struct etw_field *field, struct text *out)
{
    char text[UTC_TEXT_SIZE];
    if (field->number > LAST_FILETIME) { /* "never" is one of them */
        add_hexadecimal(out, field->number);
        return;
    }
    int size = utc_format((int64_t)field->number, 0, text);
    text_add_bytes(out, text, (size_t)size);
}

/* u16 year, month, day of week, day, hour, minute, second, millisecond
 * [documented: minwinbase.h]; taken as UTC. */
static void format_systemtime(const struct etw_field *field, struct text *out)
{
    struct bytes b = field->bytes;
    unsigned year = bytes_u16(&b);
    unsigned month = bytes_u16(&b);
    bytes_skip(&b, 2);
    unsigned day = bytes_u16(&b);
    unsigned hour = bytes_u16(&b);
    unsigned minute = bytes_u16(&b);
    unsigned second = bytes_u16(&b);
    unsigned millisecond = bytes_u16(&b);
    char text[UTC_TEXT_SIZE];
    int64_t time;
    (void)snprintf(text, sizeof(text), "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", year, month, day,
                   hour, minute, second, millisecond);
    if (b.failed || millisecond > 999 || !utc_parse(text, &time)) {
        format_binary(field, out);
        return;
    }
    int size = utc_format(time, 0, text);
    text_add_bytes(out, text, (size_t)size);
}

/* ---- addresses ---- */

static void add_text_until(struct text *out, const char *text, const char *end)
{
    text_add_bytes(out, text, (size_t)(end - text));
}

static void format_ipv4(const struct etw_field *field, struct text *out)
{
    char text[NET_ADDRESS_TEXT_SIZE];
    if (field->bytes.size != 4) {
        format_binary(field, out);
        return;
    }
    add_text_until(out, text, net_put_ipv4(text, field->bytes.data));
}

static void format_ipv6(const struct etw_field *field, struct text *out)
{
    char text[NET_ADDRESS_TEXT_SIZE];
    if (field->bytes.size != 16) {
        format_binary(field, out);
        return;
    }
    add_text_until(out, text, net_put_ipv6(text, field->bytes.data));
}

/* off 0 u16 family, little-endian, 2 u16 port, big-endian; IPv4: 4 u8[4] address;
 * IPv6: 4 u32 flow, 8 u8[16] address, 24 u32 scope [documented: winsock2.h, ws2ipdef.h] */
static void add_ipv6_endpoint(struct text *out, const struct bytes *sockaddr)
{
    char text[NET_ADDRESS_TEXT_SIZE];
    const uint8_t *data = sockaddr->data;
    uint32_t scope = sockaddr->size >= IPV6_SOCKADDR_WHOLE ? load_u32(data + 24) : 0;
    text_add_char(out, '[');
    add_text_until(out, text, net_put_ipv6(text, data + 8));
    if (scope != 0) {
        text_add_char(out, '%');
        text_add_u64(out, scope);
    }
    text_add(out, "]:");
    text_add_u64(out, load_be16(data + 2));
}

static void add_ipv4_endpoint(struct text *out, const struct bytes *sockaddr)
{
    char text[NET_ADDRESS_TEXT_SIZE];
    add_text_until(out, text, net_put_ipv4(text, sockaddr->data + 4));
    text_add_char(out, ':');
    text_add_u64(out, load_be16(sockaddr->data + 2));
}

static bool is_all_zero(const struct bytes *b)
{
    for (size_t i = 0; i < b->size; i++) {
        if (b->data[i] != 0) {
            return false;
        }
    }
    return true;
}

/* A blob of zeros alone has no family: no address either. */
static void format_sockaddr(const struct etw_field *field, struct text *out)
{
    const struct bytes *sockaddr = &field->bytes;
    uint16_t family = sockaddr->size >= 2 ? load_u16(sockaddr->data) : AF_UNSPECIFIED_FAMILY;
    if (is_all_zero(sockaddr)) {
        text_add(out, nothing_there);
    } else if (family == AF_INET_FAMILY && sockaddr->size >= IPV4_SOCKADDR_LEAST) {
        add_ipv4_endpoint(out, sockaddr);
    } else if (family == AF_INET6_FAMILY && sockaddr->size >= IPV6_SOCKADDR_LEAST) {
        add_ipv6_endpoint(out, sockaddr);
    } else {
        format_binary(field, out);
    }
}

/* To add a kind: a row here and one in tests/unit/test_field_text.c. */
static void (*const formats[ETW_FIELD_KIND_COUNT])(const struct etw_field *, struct text *) = {
    [ETW_FIELD_UNSIGNED] = format_unsigned,
    [ETW_FIELD_SIGNED] = format_signed,
    [ETW_FIELD_HEX] = format_hexadecimal,
    [ETW_FIELD_POINTER] = format_hexadecimal,
    [ETW_FIELD_BOOLEAN] = format_boolean,
    [ETW_FIELD_FLOAT] = format_real,
    [ETW_FIELD_TEXT16] = format_text16,
    [ETW_FIELD_TEXT8] = format_text8,
    [ETW_FIELD_BINARY] = format_binary,
    [ETW_FIELD_GUID] = format_guid,
    [ETW_FIELD_SID] = format_sid,
    [ETW_FIELD_FILETIME] = format_filetime,
    [ETW_FIELD_SYSTEMTIME] = format_systemtime,
    [ETW_FIELD_IPV4] = format_ipv4,
    [ETW_FIELD_IPV6] = format_ipv6,
    [ETW_FIELD_SOCKADDR] = format_sockaddr,
    [ETW_FIELD_PORT] = format_unsigned,
    [ETW_FIELD_NTSTATUS] = format_ntstatus,
    [ETW_FIELD_WIN32_ERROR] = format_win32_error,
    [ETW_FIELD_HRESULT] = format_hresult,
    [ETW_FIELD_MAP] = format_map,
    [ETW_FIELD_BITMAP] = format_bitmap,
    [ETW_FIELD_PACKED_TEXT] = format_packed_text16,
};

void etw_field_format(const struct etw_field *field, struct text *out)
{
    formats[field->kind](field, out);
}

bool etw_field_is_json_number(const struct etw_field *field)
{
    switch (field->kind) {
    case ETW_FIELD_UNSIGNED:
    case ETW_FIELD_SIGNED:
    case ETW_FIELD_PORT:
        return true;
    case ETW_FIELD_FLOAT:
        return is_finite(field->real);
    case ETW_FIELD_MAP:
        return !find_map_text(field);
    default:
        return false;
    }
}

const char *etw_schema_source_name(enum etw_schema_source source)
{
    static const char *const names[ETW_SCHEMA_SOURCE_COUNT] = {
        [ETW_SCHEMA_NONE] = "none",
        [ETW_SCHEMA_EMBEDDED] = "embedded",
        [ETW_SCHEMA_TRACELOGGING] = "tracelogging",
        [ETW_SCHEMA_EVENTSOURCE] = "eventsource",
        [ETW_SCHEMA_MANIFEST] = "manifest",
        [ETW_SCHEMA_BUILT_IN] = "built-in",
        [ETW_SCHEMA_STRING_ONLY] = "string-only",
    };
    return names[source];
}
