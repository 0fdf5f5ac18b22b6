/* SPDX-License-Identifier: MIT */
/*
 * provider_names_table.h - the generated table behind provider_names.h.
 */
#ifndef ETW_PROVIDERS_PROVIDER_NAMES_TABLE_H
#define ETW_PROVIDERS_PROVIDER_NAMES_TABLE_H

#include <stddef.h>

#include "etw/base/guid.h"

struct provider_name_row {
    struct guid guid;
    const char *name;
};

extern const struct provider_name_row provider_names_table[]; /* ascending by GUID bytes */
extern const size_t provider_names_count;

#endif
