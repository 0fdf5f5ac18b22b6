/* SPDX-License-Identifier: MIT */
/*
 * file_signature.h - what a file that is no trace looks like.
 */
#ifndef ETW_CONTAINER_FILE_SIGNATURE_H
#define ETW_CONTAINER_FILE_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "etw/base/error.h"

/* Returns ETW_ERR_NOT_ETL, or ETW_ERR_UNSUPPORTED for a trace of Windows before
 * Vista; the text names what the bytes look like and what to do. */
enum etw_status file_signature_refuse(const uint8_t *data, size_t size, struct etw_error *error);

#endif
