/* SPDX-License-Identifier: MIT */
/*
 * unpack_result.h - what unpacking compressed data came to, whatever the method.
 */
#ifndef ETW_CONTAINER_UNPACK_RESULT_H
#define ETW_CONTAINER_UNPACK_RESULT_H

#include <stdbool.h>
#include <stddef.h>

struct unpack_result {
    size_t produced; /* good bytes in the output, also after damage */
    size_t consumed; /* input bytes used for them */
    bool is_damaged; /* the data contradict themselves; false when they are only cut */
    bool is_cut;     /* the input ends where it must not; plain XPRESS cannot tell */
};

#endif
