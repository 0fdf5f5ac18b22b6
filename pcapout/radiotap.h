/* SPDX-License-Identifier: MIT */
/*
 * radiotap.h - the header that stands before 802.11 frames and says how they were
 * received (radiotap.org). Frames that nobody said anything of have an empty one, because
 * an interface has one link type.
 */
#ifndef PCAPOUT_RADIOTAP_H
#define PCAPOUT_RADIOTAP_H

#include <stddef.h>
#include <stdint.h>

#include "etw/event.h"

#define RADIOTAP_EMPTY_SIZE   8
#define RADIOTAP_MAXIMUM_SIZE 23

/* Writes the header, at most RADIOTAP_MAXIMUM_SIZE bytes, and returns its size. NULL:
 * nothing is known. */
size_t radiotap_write(const struct etw_reception *reception, uint8_t *to);

#endif
