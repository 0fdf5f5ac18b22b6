/* SPDX-License-Identifier: MIT */
#include "pcapout/places.h"

#include "etw/record.h"

void out_json_place(struct json_writer *j, uint64_t place)
{
    json_u64(j, "offset", etw_place_offset(place));
    if (etw_place_file(place) > 0) {
        json_u64(j, "file", etw_place_file(place));
    }
}

void out_add_place(struct text *to, uint64_t place)
{
    text_add_u64(to, etw_place_offset(place));
    if (etw_place_file(place) > 0) {
        text_add_format(to, " of file %u", etw_place_file(place));
    }
}
