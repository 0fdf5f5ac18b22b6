/* SPDX-License-Identifier: MIT */
#include "pcapout/ends_text.h"

#include <string.h>

size_t out_add_end(struct text *to, const char *end, size_t room)
{
    size_t size = strlen(end);
    if (size <= room) {
        text_add_bytes(to, end, size);
        return size;
    }
    size_t head = room / 2;
    size_t tail = room - head - 1;
    text_add_bytes(to, end, head);
    text_add_char(to, '~');
    text_add_bytes(to, end + size - tail, tail);
    return room;
}

size_t out_add_ends(struct text *to, const char *left, const char *arrow, const char *right,
                    size_t room)
{
    size_t between = strlen(arrow);
    size_t ends_room = room > between + 2 ? room - between : 2;
    size_t half = ends_room / 2;
    size_t right_size = strlen(right);
    size_t used = out_add_end(to, left, ends_room - (right_size < half ? right_size : half));
    text_add(to, arrow);
    return used + between + out_add_end(to, right, ends_room - used);
}
