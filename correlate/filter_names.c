/* SPDX-License-Identifier: MIT */
#include "correlate/filter_names.h"

#include <stdint.h>
#include <string.h>

/* ---- characters ---- */

/* The next character of UTF-8; a byte that is none stands for itself. 0: the end. */
static uint32_t take_character(const char **text)
{
    const uint8_t *bytes = (const uint8_t *)*text;
    static const struct {
        uint8_t mask, mark, more;
    } forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 1}, {0xF0, 0xE0, 2}, {0xF8, 0xF0, 3}};
    if (bytes[0] == 0) {
        return 0;
    }
    *text += 1;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if ((bytes[0] & forms[i].mask) != forms[i].mark) {
            continue;
        }
        uint32_t character = bytes[0] & (uint8_t)~forms[i].mask;
        for (uint8_t k = 1; k <= forms[i].more; k++) {
            if ((bytes[k] & 0xC0) != 0x80) {
                return bytes[0];
            }
            character = character << 6 | (bytes[k] & 0x3F);
        }
        *text += forms[i].more;
        return character;
    }
    return bytes[0];
}

/* Upper case letters and what makes them lower: in pairs, or at a distance.
 * [documented: Unicode, UnicodeData.txt; simple mappings of these blocks] */
static const struct {
    uint32_t first, last;
    uint32_t distance; /* 0: each letter of an even number is followed by its lower case;
                          1: each of an odd one */
} upper_cases[] = {
    {'A', 'Z', 32},      {0xC0, 0xD6, 32},   {0xD8, 0xDE, 32},   {0x100, 0x12F, 0},
    {0x132, 0x137, 0},   {0x139, 0x148, 1},  {0x14A, 0x177, 0},  {0x179, 0x17E, 1},
    {0x391, 0x3A1, 32},  {0x3A3, 0x3AB, 32}, {0x400, 0x40F, 80}, {0x410, 0x42F, 32},
    {0x460, 0x481, 0},   {0x48A, 0x4BF, 0},  {0x4D0, 0x52F, 0},  {0x1E00, 0x1E95, 0},
    {0x1EA0, 0x1EFF, 0},
};

static uint32_t fold(uint32_t character)
{
    for (size_t i = 0; i < sizeof(upper_cases) / sizeof(upper_cases[0]); i++) {
        uint32_t distance = upper_cases[i].distance;
        if (character < upper_cases[i].first || character > upper_cases[i].last) {
            continue;
        }
        if (distance > 1) {
            return character + distance;
        }
        return (character & 1) == distance ? character + 1 : character;
    }
    return character == '/' ? '\\' : character;
}

/* ---- patterns ---- */

static bool is_same_character(const char **pattern, const char **text)
{
    uint32_t wanted = take_character(pattern);
    uint32_t found = take_character(text);
    return found != 0 && (wanted == '?' || fold(wanted) == fold(found));
}

/* On a mismatch the last `*` takes one character more; earlier ones need not. */
static bool has_pattern(const char *text, const char *end, const char *pattern)
{
    const char *after_star = NULL;
    const char *taken = text; /* what the star has taken ends here */
    while (text < end) {
        if (*pattern == '*') {
            after_star = ++pattern;
            taken = text;
        } else if (!is_same_character(&pattern, &text) || text > end) {
            if (!after_star) {
                return false;
            }
            (void)take_character(&taken);
            text = taken;
            pattern = after_star;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0' && text == end;
}

static bool is_pattern_of(const char *wanted, const char *text)
{
    return *text != '\0' && has_pattern(text, text + strlen(text), wanted);
}

/* ---- names and paths ---- */

static bool is_name(const char *wanted, const char *name)
{
    static const char extension[] = ".exe";
    size_t size = strlen(name);
    size_t short_size = size - (sizeof(extension) - 1);
    bool has_extension =
        size >= sizeof(extension) && has_pattern(name + short_size, name + size, extension);
    return is_pattern_of(wanted, name) ||
           (has_extension && has_pattern(name, name + short_size, wanted));
}

static const char *skip_prefix(const char *path, const char *prefix)
{
    while (*prefix) {
        uint32_t wanted = take_character(&prefix);
        if (fold(take_character(&path)) != fold(wanted)) {
            return NULL;
        }
    }
    return path;
}

/* What follows the drive letter. NULL: it has none. */
static const char *behind_drive(const char *path)
{
    uint32_t letter = fold((uint8_t)path[0]);
    bool has_drive = ((letter >= 'a' && letter <= 'z') || letter == '?') && path[1] == ':';
    return has_drive ? path + 2 : NULL;
}

/* What follows \Device\HarddiskVolumeN. NULL: it does not begin so. */
static const char *behind_volume(const char *path)
{
    const char *rest = skip_prefix(path, "\\Device\\HarddiskVolume");
    while (rest && *rest >= '0' && *rest <= '9') {
        rest++;
    }
    return rest;
}

static bool is_path(const char *wanted, const char *path)
{
    const char *plain = skip_prefix(path, "\\??\\");
    path = plain ? plain : path;
    const char *wanted_rest = behind_drive(wanted);
    const char *rest = behind_volume(path);
    return is_pattern_of(wanted, path) || (wanted_rest && rest && is_pattern_of(wanted_rest, rest));
}

bool corr_process_is_meant(const char *wanted, const char *name, const char *path)
{
    return strpbrk(wanted, "\\/") ? is_path(wanted, path) : is_name(wanted, name);
}
