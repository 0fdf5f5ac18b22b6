/* SPDX-License-Identifier: MIT */
#include "etw/provider_names.h"

#include <stdlib.h>
#include <string.h>

#include "etw/providers/provider_names_table.h"

static int compare_guid(const void *key, const void *row)
{
    const struct guid *guid = key;
    return memcmp(guid->bytes, ((const struct provider_name_row *)row)->guid.bytes,
                  sizeof(guid->bytes));
}

const char *etw_provider_name(const struct guid *guid)
{
    const struct provider_name_row *row = bsearch(guid, provider_names_table, provider_names_count,
                                                  sizeof(provider_names_table[0]), compare_guid);
    return row ? row->name : NULL;
}

/* Not tolower(): it depends on the locale, and all names are ASCII. */
static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool equal_ignoring_case(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

/* A few names belong to several GUIDs; the first in the order of the table wins,
 * so that the answer is the same every time. */
bool etw_provider_find(const char *name, struct guid *out)
{
    for (size_t i = 0; i < provider_names_count; i++) {
        if (equal_ignoring_case(name, provider_names_table[i].name)) {
            *out = provider_names_table[i].guid;
            return true;
        }
    }
    return false;
}
