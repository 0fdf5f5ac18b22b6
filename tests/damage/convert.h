/* SPDX-License-Identifier: MIT */
/*
 * convert.h - the whole way from bytes in memory to pcapng, written to nothing.
 */
#ifndef TESTS_DAMAGE_CONVERT_H
#define TESTS_DAMAGE_CONVERT_H

#include <stdbool.h>
#include <stddef.h>

#include "etw/base/error.h"

/* False: an error other than "this is no trace". */
bool convert_from_memory(const void *data, size_t size, struct etw_error *error);

#endif
