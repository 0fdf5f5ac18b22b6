/* SPDX-License-Identifier: MIT */
/*
 * provider_names.h - names of providers and classic event classes by GUID.
 */
#ifndef ETW_PROVIDER_NAMES_H
#define ETW_PROVIDER_NAMES_H

#include "etw/base/guid.h"

/* Static text; NULL: not known. */
const char *etw_provider_name(const struct guid *guid);
/* The GUID of a name (case-insensitive); false: not known. */
bool etw_provider_find(const char *name, struct guid *out);

#endif
