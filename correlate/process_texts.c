/* SPDX-License-Identifier: MIT */
/*
 * process_texts.c - texts of processes. `name` is the end of `path` when there is a
 * path, and owned of its own when there is none.
 *
 * Classic records have the file name in the ANSI code page of the machine, and no
 * trace says which one that is. A wrong letter would look like a name that somebody
 * gave, so that every byte from 0x80 on becomes U+FFFD, and a text without any
 * replaces one with them.
 */
#include "correlate/process_texts.h"

#include <stdlib.h>
#include <string.h>

#include "etw/base/text.h"
#include "etw/fields.h"

#define UNKNOWN_CHARACTER "\xEF\xBF\xBD" /* U+FFFD */

#define SID_HEADER 8

static const char no_text[] = "";

/* Texts are ours to free, but nobody's to change: hence const in the rows. */
static void free_text(const char *text)
{
    char *owned = NULL;
    memcpy(&owned, &text, sizeof(owned));
    if (text != no_text) {
        free(owned);
    }
}

/* ---- texts of records ---- */

/* Without half a surrogate pair at the cut. */
static void add_utf16(struct text *to, const struct bytes *utf16)
{
    size_t size = utf16->size;
    if (size > PROCESS_TEXT_MAXIMUM) {
        size = PROCESS_TEXT_MAXIMUM;
        size -= (load_u16(utf16->data + size - 2) & 0xFC00) == 0xD800 ? 2 : 0;
    }
    text_add_utf16(to, utf16->data, size);
}

static void add_ansi(struct text *to, const struct bytes *ansi)
{
    size_t size = ansi->size < PROCESS_TEXT_MAXIMUM ? ansi->size : PROCESS_TEXT_MAXIMUM;
    for (size_t i = 0; i < size; i++) {
        if (ansi->data[i] < 0x80) {
            text_add_char(to, (char)ansi->data[i]);
        } else {
            text_add(to, UNKNOWN_CHARACTER);
        }
    }
}

static bool is_sid(const struct bytes *sid)
{
    return sid->size >= SID_HEADER && sid->data[0] == 1 &&
           sid->size == SID_HEADER + 4u * sid->data[1];
}

static void add_sid(struct text *to, const struct bytes *sid)
{
    const struct etw_field field = {.kind = ETW_FIELD_SID, .bytes = *sid};
    if (is_sid(sid)) {
        etw_field_format(&field, to);
    }
}

/* ---- which one tells more ---- */

static bool is_better(const char *told, const char *known)
{
    bool is_told_whole = !strstr(told, UNKNOWN_CHARACTER);
    bool is_known_whole = !strstr(known, UNKNOWN_CHARACTER);
    if (told[0] == '\0' || known[0] == '\0' || is_told_whole == is_known_whole) {
        return strlen(told) > strlen(known);
    }
    return is_told_whole;
}

/* The part behind the last separator; all of it when nothing stands there. */
static const char *file_name(const char *path)
{
    const char *name = path;
    for (const char *at = path; *at; at++) {
        if ((*at == '\\' || *at == '/') && at[1]) {
            name = at + 1;
        }
    }
    return name;
}

/* A copy of just the size of the text, which is emptied. */
static char *copy_text(struct text *text)
{
    size_t size = strlen(text_get(text)) + 1;
    char *copy = malloc(size);
    if (copy) {
        memcpy(copy, text_get(text), size);
    }
    text_clear(text);
    return copy;
}

/* False: no memory. The text is empty afterwards. */
static bool take_text(const char **known, struct text *told)
{
    if (told->failed) {
        return false;
    }
    if (!is_better(text_get(told), *known)) {
        text_clear(told);
        return true;
    }
    const char *copy = copy_text(told);
    if (copy) {
        free_text(*known);
        *known = copy;
    }
    return copy != NULL;
}

static bool take_path(struct corr_process *process, struct text *told)
{
    const char *before = process->path;
    bool has_own_name = process->path[0] == '\0';
    const char *old_name = process->name;
    if (!take_text(&process->path, told)) {
        return false;
    }
    if (process->path != before) {
        process->name = file_name(process->path);
        free_text(has_own_name ? old_name : no_text);
    }
    return true;
}

static bool take_image(struct corr_process *process, struct text *told)
{
    bool has_folder = file_name(text_get(told)) != text_get(told);
    if (has_folder) {
        return take_path(process, told);
    }
    if (process->path[0] == '\0') {
        return take_text(&process->name, told);
    }
    text_clear(told);
    return true;
}

enum etw_status process_texts_learn(struct corr_process *process, const struct etw_event *event,
                                    struct etw_error *error)
{
    const struct etw_process *stated = &event->u.process;
    const char *name_before = process->name;
    struct text text = {0};
    if (stated->is_image_utf16) {
        add_utf16(&text, &stated->image);
    } else {
        add_ansi(&text, &stated->image);
    }
    bool is_done = !text.failed && take_image(process, &text);
    add_utf16(&text, &stated->command_line);
    is_done = is_done && take_text(&process->command_line, &text);
    add_sid(&text, &stated->sid);
    is_done = is_done && take_text(&process->user, &text);
    text_done(&text);
    if (process->name != name_before) {
        process->offset = event->record->offset;
    }
    return is_done ? ETW_OK : etw_fail_memory(error, "the names of processes");
}

enum etw_status process_texts_set_default(struct corr_process *process, const char *name,
                                          struct etw_error *error)
{
    struct text text = {0};
    bool is_done = true;
    if (process->name[0] == '\0') {
        text_add(&text, name);
        is_done = take_text(&process->name, &text);
    }
    text_done(&text);
    return is_done ? ETW_OK : etw_fail_memory(error, "the names of processes");
}

/* ---- life ---- */

void process_texts_init(struct corr_process *process)
{
    process->offset = UINT64_MAX;
    process->name = no_text;
    process->path = no_text;
    process->command_line = no_text;
    process->user = no_text;
}

void process_texts_done(struct corr_process *process)
{
    if (process->path[0] == '\0') {
        free_text(process->name);
    }
    free_text(process->path);
    free_text(process->command_line);
    free_text(process->user);
    process_texts_init(process);
}
