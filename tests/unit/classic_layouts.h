/* SPDX-License-Identifier: MIT */
/*
 * classic_layouts.h - every layout of the classic tables a second time, as letters,
 * and random payloads made from them, with what reading them must give.
 *
 *     static struct written w;
 *     write_layout(&w, find_layout(schema)->letters, 8, seed);
 *     ... w.data, w.size; w.values, w.count ...
 */
#ifndef TESTS_UNIT_CLASSIC_LAYOUTS_H
#define TESTS_UNIT_CLASSIC_LAYOUTS_H

#include <stdlib.h>
#include <string.h>

#include "etw/schema/classic_tables.h"
#include "tests/support/random.h"

#define FIELDS_MAXIMUM 256

/* ---- layouts in letters ----
 *
 * p pointer   z number as wide as a pointer   j process number as wide as a pointer
 * 1 2 4 8 numbers   b h i q signed ones   x X y hexadecimal of 4, 8, 1 bytes
 * P port   A V addresses   g GUID   t FILETIME   f bitmap   m map   S a user's SID
 * a w texts up to a NUL   C<n>; n characters UTF-16   B<n>; n bytes   r the rest
 * # number below 4 that counts   N<k>; texts, T<k>; u64, as many as field k says
 * D eight u16   ? the rest of the letters need not be there   L the rest, a packed text
 */
#define PROCESS_1 "p444xSa"
#define PROCESS_2 "p444xSaw"
#define PROCESS_3 "p444xpSaw"
#define PROCESS_4 "p444xpfSawww"
#define THREAD_1  "44pppppp"
#define IMAGE_2   "pz4xx4p4444w"
#define IMAGE_3   "pz4xx112p4444w"
#define OPEN      "22224hh"
#define HEADER                                                                                     \
    "4x44t44x444"                                                                                  \
    "44pp"                                                                                         \
    "iC32;DiC32;Di"                                                                                \
    "4tqt44ww"
#define INTERFACE                                                                                  \
    "X4gC257;C257;4B32;B32;44444"                                                                  \
    "44yB3;444g4B4;88"                                                                             \
    "888888888888888888"

struct layout_row {
    const char *class_of;
    uint8_t first, last; /* opcodes */
    uint8_t version;
    const char *letters;
};

/* clang-format off */
static const struct layout_row layouts[] = {
    {"Process", 1, 4, 0, "jjSa"},
    {"Process", 1, 4, 1, PROCESS_1},
    {"Process", 1, 4, 2, PROCESS_2},
    {"Process", 1, 4, 3, PROCESS_3},
    {"Process", 1, 4, 4, PROCESS_4},
    {"Process", 11, 11, 2, "4"},
    {"Process", 32, 33, 2, "4444zzzzzzzzzzz"},
    {"Process", 39, 39, 2, PROCESS_2},
    {"Process", 39, 39, 3, PROCESS_3},
    {"Process", 39, 39, 4, PROCESS_4},
    {"Process", 39, 39, 5, PROCESS_4 "t"},
    {"Thread", 1, 4, 0, "44"},
    {"Thread", 1, 1, 1, THREAD_1 "b"},
    {"Thread", 2, 2, 1, "44"},
    {"Thread", 3, 3, 1, THREAD_1 "b"},
    {"Thread", 4, 4, 1, "44"},
    {"Thread", 1, 4, 2, THREAD_1 "p4"},
    {"Thread", 1, 4, 3, THREAD_1 "p4111y?w"},
    {"Thread", 72, 72, 2, "44w"},
    {"Image", 2, 4, 0, "p4w"},
    {"Image", 2, 4, 1, "pz4w"},
    {"Image", 2, 4, 2, IMAGE_2},
    {"Image", 2, 4, 3, IMAGE_3},
    {"Image", 10, 10, 0, "p4w"},
    {"Image", 10, 10, 1, "pz4w"},
    {"Image", 10, 10, 2, IMAGE_2},
    {"Image", 10, 10, 3, IMAGE_3},
    {"Image", 33, 34, 2, "p"},
    {"TcpIp", 10, 15, 0, "AAPP44"},
    {"TcpIp", 10, 10, 1, "44AAPP44p4"},
    {"TcpIp", 11, 11, 1, "44AAPPp4"},
    {"TcpIp", 12, 12, 1, "44AAPP" OPEN "p4"},
    {"TcpIp", 13, 14, 1, "44AAPPp4"},
    {"TcpIp", 15, 15, 1, "44AAPP" OPEN "p4"},
    {"TcpIp", 16, 16, 1, "44AAPPp4"},
    {"TcpIp", 17, 17, 1, "4"},
    {"TcpIp", 18, 22, 1, "44AAPPp4"},
    {"TcpIp", 33, 33, 1, "4"},
    {"TcpIp", 10, 10, 2, "44AAPP444p"},
    {"TcpIp", 11, 11, 2, "44AAPP4p"},
    {"TcpIp", 12, 12, 2, "44AAPP" OPEN "4p"},
    {"TcpIp", 13, 14, 2, "44AAPP4p"},
    {"TcpIp", 15, 15, 2, "44AAPP" OPEN "4p"},
    {"TcpIp", 16, 16, 2, "44AAPP4p"},
    {"TcpIp", 17, 17, 2, "22"},
    {"TcpIp", 18, 22, 2, "44AAPP4p"},
    {"TcpIp", 26, 26, 2, "44VVPP444p"},
    {"TcpIp", 27, 27, 2, "44VVPP4p"},
    {"TcpIp", 28, 28, 2, "44VVPP" OPEN "4p"},
    {"TcpIp", 29, 30, 2, "44VVPP4p"},
    {"TcpIp", 31, 31, 2, "44VVPP" OPEN "4p"},
    {"TcpIp", 32, 32, 2, "44VVPP4p"},
    {"TcpIp", 33, 33, 2, "22"},
    {"TcpIp", 34, 38, 2, "44VVPP4p"},
    {"UdpIp", 10, 11, 0, "pAP2AP2"},
    {"UdpIp", 10, 11, 1, "44AAPP"},
    {"UdpIp", 10, 11, 2, "44AAPP4p"},
    {"UdpIp", 17, 17, 2, "22"},
    {"UdpIp", 26, 27, 2, "44VVPP4p"},
    {"StackWalk", 32, 32, 2, "844?r"},
    {"StackWalk", 34, 36, 2, "p?r"},
    {"StackWalk", 37, 38, 2, "844p"},
    {"SystemConfig", 10, 10, 0, "44444C256;C132;?p"},
    {"SystemConfig", 10, 10, 1, "44444C256;C132;?p"},
    {"SystemConfig", 10, 10, 2, "44444C256;C134;p"},
    {"SystemConfig", 10, 10, 3, "44444C256;C134;pp222114"},
    {"SystemConfig", 11, 11, 2, "444484444C256;411C3;C2;"},
    {"SystemConfig", 12, 12, 2, "88444C4;44444qqC16;44"},
    {"SystemConfig", 13, 13, 0, "C256;44B16;4iiiiiiiiii4"},
    {"SystemConfig", 13, 13, 1, "C256;44B16;4iiiiiiiiii4"},
    {"SystemConfig", 13, 13, 2, "B8;444www"},
    {"SystemConfig", 14, 14, 2, "44444C256;C256;C256;C256;C256;x"},
    {"SystemConfig", 15, 15, 2, "4m4www"},
    {"SystemConfig", 15, 15, 3, "4m4wwwww"},
    {"SystemConfig", 16, 16, 2, "11111111"},
    {"SystemConfig", 17, 17, 2, "4444"},
    {"SystemConfig", 18, 18, 2, "22228888844422wwaa"},
    {"SystemConfig", 22, 22, 4, "g##wwwwwN1;N2;"},
    {"SystemConfig", 22, 22, 5, "g?r"},
    {"SystemConfig", 23, 23, 2, "4xx4w"},
    {"SystemConfig", 25, 25, 2, "wwww"},
    {"SystemConfig", 28, 28, 2, "44"},
    {"SystemConfigEx", 32, 32, 0, "tww"},
    {"SystemConfigEx", 33, 33, 0, "ww"},
    {"SystemConfigEx", 34, 34, 0, "w"},
    {"SystemConfigEx", 35, 35, 0, "ww"},
    {"SystemConfigEx", 36, 36, 0, INTERFACE},
    {"SystemConfigEx", 37, 37, 0, "2222X"},
    {"ImageID", 0, 0, 2, "pz4xw"},
    {"ImageID", 32, 32, 2, "p4"},
    {"ImageID", 36, 38, 2, "p4g4a"},
    {"ImageID", 40, 40, 2, "p4?r"},
    {"ImageID", 64, 64, 0, "4xwwwwwwwwww"},
    {"EventTrace", 0, 0, 0, HEADER},
    {"EventTrace", 0, 0, 2, HEADER},
    {"EventTrace", 5, 5, 2, "xxxxxxxx4"},
    {"EventTrace", 8, 8, 2, ""},
    {"EventTrace", 32, 32, 2, "xxxxxxxx4"},
    {"EventTrace", 64, 64, 2, "g4a"},
    {"EventTrace", 66, 66, 2, "a"},
    {"EventTrace", 67, 67, 2, "w"},
    {"EventTrace", 80, 80, 2, "B48;"},
    {"EventTrace", 82, 82, 2, "#4T0;"},
    {"LostEvent", 32, 34, 0, ""},
    {"EventMetadata", 32, 32, 0, "gg?r"},
    {"EventMetadata", 33, 33, 0, "g?r"},
    {"WinSAT", 33, 33, 0, "44?L"},
    {"WinSAT", 35, 35, 0, "44?L"},
    {"WinSAT", 37, 37, 0, "44?L"},
    {"DiskIo", 10, 11, 2, "4x448pp8"},
    {"DiskIo", 10, 11, 3, "4x448pp84"},
    {"DiskIo", 12, 13, 2, "p"},
    {"DiskIo", 12, 13, 3, "p4"},
    {"DiskIo", 14, 14, 2, "4x8p"},
    {"DiskIo", 14, 14, 3, "4x8p4"},
    {"DiskIo", 15, 15, 2, "p"},
    {"DiskIo", 15, 15, 3, "p4"},
    {"FileIo", 0, 0, 2, "pw"},
    {"FileIo", 32, 32, 2, "pw"},
    {"FileIo", 35, 36, 2, "pw"},
    {"PageFault", 32, 32, 2, "88pp44"},
    {"PerfInfo", 34, 34, 0, "a"},
    {"PerfInfo", 46, 46, 2, "p422"},
    {"PerfInfo", 73, 74, 3, "444w"},
};
/* clang-format on */

static inline const struct layout_row *find_layout(const struct event_schema *schema)
{
    for (size_t i = 0; i < COUNT_OF(layouts); i++) {
        const struct layout_row *row = &layouts[i];
        if (strcmp(row->class_of, schema->provider_name) == 0 && schema->id >= row->first &&
            schema->id <= row->last && schema->version == row->version) {
            return row;
        }
    }
    return NULL;
}

/* ---- writing ---- */

struct value {
    enum etw_field_kind kind;
    uint64_t number;
    uint8_t bytes[1024];
    size_t size;
    size_t end; /* of its bytes in the payload; when read: not set */
};

struct written {
    uint8_t data[8192];
    size_t size;
    struct value values[FIELDS_MAXIMUM];
    size_t count;
    size_t required; /* values before the first that may be missing */
    uint64_t seed;
    unsigned pointer_size;
};

static inline void put(struct written *w, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        w->data[w->size++] = (uint8_t)(number >> 8 * i);
    }
}

static inline struct value *add_value(struct written *w, enum etw_field_kind kind)
{
    assert_true(w->count < FIELDS_MAXIMUM);
    struct value *value = &w->values[w->count++];
    *value = (struct value){.kind = kind};
    return value;
}

static inline void put_number(struct written *w, enum etw_field_kind kind, size_t size,
                              uint64_t number)
{
    struct value *value = add_value(w, kind);
    uint64_t mask = size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;
    put(w, number, size);
    value->number = number & mask;
    if (kind == ETW_FIELD_SIGNED && size < 8 && (number >> (8 * size - 1) & 1) != 0) {
        value->number |= ~mask;
    } else if (kind == ETW_FIELD_PORT) {
        value->number = (number & 0xff) << 8 | (number >> 8 & 0xff);
    }
    value->end = w->size;
}

static inline void put_random(struct written *w, enum etw_field_kind kind, size_t size)
{
    put_number(w, kind, size, random_next(&w->seed));
}

static inline void put_blob(struct written *w, enum etw_field_kind kind, size_t size)
{
    struct value *value = add_value(w, kind);
    for (size_t i = 0; i < size; i++) {
        value->bytes[i] = (uint8_t)random_next(&w->seed);
    }
    memcpy(w->data + w->size, value->bytes, size);
    w->size += size;
    value->size = size;
    value->end = w->size;
}

/* `room` characters of which some are used; 0: as long as it is, and a NUL. */
static inline void put_text(struct written *w, enum etw_field_kind kind, size_t width, size_t room)
{
    struct value *value = add_value(w, kind);
    size_t length = random_below(&w->seed, room > 0 ? room + 1 : 12);
    size_t begin = w->size;
    for (size_t i = 0; i < length; i++) {
        uint64_t character = 1 + random_below(&w->seed, width == 1 ? 255 : 65535);
        put(w, character, width);
    }
    value->size = w->size - begin;
    memcpy(value->bytes, w->data + begin, value->size);
    size_t nuls = room > 0 ? room - length : 1;
    for (size_t i = 0; i < nuls; i++) {
        put(w, 0, width);
    }
    value->end = w->size;
}

/* No SID: four zeros. Else two pointers of garbage and the SID. */
static inline void put_sid(struct written *w)
{
    struct value *value = add_value(w, ETW_FIELD_SID);
    if (random_below(&w->seed, 4) == 0) {
        put(w, 0, 4);
    } else {
        size_t authorities = random_below(&w->seed, 16);
        put(w, random_next(&w->seed) | 1, w->pointer_size);
        put(w, random_next(&w->seed), w->pointer_size);
        value->size = 8 + 4 * authorities;
        value->bytes[0] = 1;
        value->bytes[1] = (uint8_t)authorities;
        for (size_t i = 2; i < value->size; i++) {
            value->bytes[i] = (uint8_t)random_next(&w->seed);
        }
        memcpy(w->data + w->size, value->bytes, value->size);
        w->size += value->size;
    }
    value->end = w->size;
}

static inline size_t number_behind(const char **letters)
{
    char *end;
    size_t number = (size_t)strtoul(*letters, &end, 10);
    assert_int_equal(*end, ';');
    *letters = end + 1;
    return number;
}

static inline void put_sized(struct written *w, char letter, size_t number)
{
    switch (letter) {
    case 'C':
        put_text(w, ETW_FIELD_TEXT16, 2, number);
        break;
    case 'B':
        put_blob(w, ETW_FIELD_BINARY, number);
        break;
    default:
        for (uint64_t i = 0; i < w->values[number].number; i++) {
            if (letter == 'N') {
                put_text(w, ETW_FIELD_TEXT16, 2, 0);
            } else {
                put_random(w, ETW_FIELD_UNSIGNED, 8);
            }
        }
    }
}

/* clang-format off */
static const struct letter_row {
    char letter;
    enum etw_field_kind kind;
    uint8_t size; /* 0: of a pointer */
} number_letters[] = {
    {'p', ETW_FIELD_POINTER, 0}, {'z', ETW_FIELD_UNSIGNED, 0}, {'j', ETW_FIELD_UNSIGNED, 0},
    {'1', ETW_FIELD_UNSIGNED, 1}, {'2', ETW_FIELD_UNSIGNED, 2}, {'4', ETW_FIELD_UNSIGNED, 4},
    {'8', ETW_FIELD_UNSIGNED, 8}, {'b', ETW_FIELD_SIGNED, 1}, {'h', ETW_FIELD_SIGNED, 2},
    {'i', ETW_FIELD_SIGNED, 4}, {'q', ETW_FIELD_SIGNED, 8}, {'x', ETW_FIELD_HEX, 4},
    {'X', ETW_FIELD_HEX, 8}, {'y', ETW_FIELD_HEX, 1}, {'P', ETW_FIELD_PORT, 2},
    {'A', ETW_FIELD_IPV4, 4}, {'t', ETW_FIELD_FILETIME, 8}, {'f', ETW_FIELD_BITMAP, 4},
    {'m', ETW_FIELD_MAP, 4},
};
/* clang-format on */

static inline void put_letter(struct written *w, char letter)
{
    for (size_t i = 0; i < COUNT_OF(number_letters); i++) {
        const struct letter_row *row = &number_letters[i];
        if (row->letter == letter) {
            put_random(w, row->kind, row->size > 0 ? row->size : w->pointer_size);
            return;
        }
    }
    switch (letter) {
    case 'V':
        put_blob(w, ETW_FIELD_IPV6, 16);
        break;
    case 'g':
        put_blob(w, ETW_FIELD_GUID, 16);
        break;
    case 'r':
        put_blob(w, ETW_FIELD_BINARY, 1 + random_below(&w->seed, 40));
        break;
    case 'L':
        put_blob(w, ETW_FIELD_PACKED_TEXT, 1 + random_below(&w->seed, 40));
        break;
    case 'S':
        put_sid(w);
        break;
    case 'a':
        put_text(w, ETW_FIELD_TEXT8, 1, 0);
        break;
    case 'w':
        put_text(w, ETW_FIELD_TEXT16, 2, 0);
        break;
    case '#':
        put_number(w, ETW_FIELD_UNSIGNED, 4, random_below(&w->seed, 4));
        break;
    case 'D':
        for (int i = 0; i < 8; i++) {
            put_random(w, ETW_FIELD_UNSIGNED, 2);
        }
        break;
    default:
        fail_msg("no letter: %c", letter);
    }
}

static inline void write_layout(struct written *w, const char *letters, unsigned pointer_size,
                                uint64_t seed)
{
    w->size = 0;
    w->count = 0;
    w->required = SIZE_MAX;
    w->seed = seed;
    w->pointer_size = pointer_size;
    while (*letters) {
        char letter = *letters++;
        if (letter == '?') {
            w->required = w->count;
        } else if (strchr("CBNT", letter)) {
            size_t number = number_behind(&letters);
            put_sized(w, letter, number);
        } else {
            put_letter(w, letter);
        }
    }
    w->required = w->required > w->count ? w->count : w->required;
}

#endif
