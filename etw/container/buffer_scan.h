/* SPDX-License-Identifier: MIT */
/*
 * buffer_scan.h - find the buffers of a trace in file order, also when headers,
 * sizes or whole stretches between them are damaged.
 */
#ifndef ETW_CONTAINER_BUFFER_SCAN_H
#define ETW_CONTAINER_BUFFER_SCAN_H

#include "etw/base/error.h"
#include "etw/container/buffer_image.h"
#include "etw/container/byte_source.h"
#include "etw/findings.h"

struct buffer_scan {
    const struct byte_source *source; /* borrowed */
    uint64_t position;
    uint32_t session_buffer_size; /* by the header event; 0: not known */
    /* The last search: the first plausible header at or behind `searched_from`. */
    uint64_t searched_from, search_result;
    bool has_search;
};

void buffer_scan_init(struct buffer_scan *scan, const struct byte_source *source,
                      uint32_t session_buffer_size);

/* The next buffer; ETW_END behind the last. What had to be passed over is
 * counted into `findings`. */
enum etw_status buffer_scan_next(struct buffer_scan *scan, struct buffer_place *place,
                                 struct findings *findings, struct etw_error *error);

/* Unpacking the buffer last returned needed all but the last `unread` bytes of its
 * place. Where another buffer begins among them its own size is damaged: the place
 * is cut there and the scan goes on from there. */
enum etw_status buffer_scan_look_back(struct buffer_scan *scan, struct buffer_place *place,
                                      uint32_t unread, struct findings *findings,
                                      struct etw_error *error);

#endif
