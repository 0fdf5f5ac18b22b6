/* SPDX-License-Identifier: MIT */
#include "pcapout/sentence_parts.h"

#include <string.h>

#include "etw/trace.h"
#include "pcapout/event_fields.h"

void out_add_hex(struct text *to, uint64_t value)
{
    char text[OUT_HEX_TEXT_SIZE];
    text_add(to, out_hex_text(value, text));
}

void out_add_status(struct text *to, uint32_t status)
{
    const char *name = etw_ntstatus_name(status);
    uint32_t number = 0;
    const char *winsock = status ? etw_winsock_name_of_ntstatus(status, &number) : NULL;
    if (status != 0 || !name) {
        text_add_format(to, "0x%08lX", (unsigned long)status);
    }
    if (name) {
        text_add(to, status != 0 ? " " : "");
        text_add(to, name);
    }
    if (winsock) {
        text_add_format(to, " = %s %lu", winsock, (unsigned long)number);
    }
}

void out_add_pids(struct text *to, uint32_t pid, const struct etw_record *record)
{
    text_add(to, "pid ");
    text_add_u64(to, pid);
    if (record && record->process_id != RECORD_NO_ID && record->process_id != pid) {
        text_add(to, " (logged by pid ");
        text_add_u64(to, record->process_id);
        text_add_char(to, ')');
    }
}

void sentence_add_number(struct text *to, const char *before, uint64_t value)
{
    text_add(to, before);
    text_add_u64(to, value);
}

/* Bytes that one byte of a value takes among our words: \" and \x00 take more. */
static size_t escaped_size(char c)
{
    return c == '"' ? 2 : c == '\0' ? 4 : 1;
}

/* Escapes what stands behind `start`, in place and from the back, and puts it into
 * quotes when it could be taken for our words. Other controls stay: the whole row is
 * escaped for the terminal later. */
static void quote_from(struct text *to, size_t start)
{
    static const char marks[] = " ,\"|()";
    size_t size = to->size - start;
    size_t needed = 0;
    bool is_quoted = false;
    for (const char *at = to->data + start; at < to->data + to->size; at++) {
        needed += escaped_size(*at);
        is_quoted = is_quoted || memchr(marks, *at, sizeof(marks));
    }
    needed += is_quoted ? 2 : 0;
    if (needed == size || !text_reserve(to, needed - size)) {
        return;
    }
    const char *from = to->data + to->size;
    char *at = to->data + start + needed;
    to->size = start + needed;
    *at = '\0';
    if (is_quoted) {
        *--at = '"';
    }
    for (; size > 0; size--) {
        char c = *--from;
        size_t used = escaped_size(c);
        at -= used;
        memcpy(at, used == 4 ? "\\x00" : used == 2 ? "\\\"" : &c, used);
    }
    to->data[start] = is_quoted ? '"' : to->data[start];
}

void sentence_add_value(struct text *to, const char *before, enum etw_field_kind kind,
                        const struct bytes *value)
{
    if (value->size == 0) {
        return;
    }
    text_add(to, before);
    size_t start = to->size;
    const struct etw_field field = {.kind = kind, .bytes = *value};
    etw_field_format(&field, to);
    if (!to->failed && to->size > start) {
        quote_from(to, start);
    }
}

void sentence_add_text16(struct text *to, const char *before, const struct bytes *value)
{
    sentence_add_value(to, before, ETW_FIELD_TEXT16, value);
}

void sentence_add_name_or_number(struct text *to, const char *name, uint64_t number)
{
    text_add(to, name ? name : "");
    if (!name) {
        text_add_u64(to, number);
    }
}

void sentence_add_direction_tag(struct text *to, const char *before, uint16_t tag)
{
    text_add(to, before);
    sentence_add_name_or_number(to, etw_direction_tag_name(tag), tag);
}
