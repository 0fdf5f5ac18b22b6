/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "etw/platform/platform.h"
#include "etw/platform/windows/wide_text.h"

/* Names that one word may stand for. */
#define NAMES_MAXIMUM ((size_t)1 << 20)

struct names {
    char **name; /* owned, each owned */
    size_t count, capacity;
    bool has_failed;
};

static bool is_separator(char character)
{
    return character == '/' || character == '\\' || character == ':';
}

/* Bytes of the path before its last part. */
static size_t folder_size(const char *path)
{
    size_t size = strlen(path);
    while (size > 0 && !is_separator(path[size - 1])) {
        size--;
    }
    return size;
}

static bool is_same_letter(wchar_t a, wchar_t b)
{
    return a == b || CompareStringOrdinal(&a, 1, &b, 1, TRUE) == CSTR_EQUAL;
}

/* * is any text and ? one character; upper and lower case are the same, as in file names. Not
 * FindFirstFile's own rules, by which *.etl finds x.etl2 through its short name. */
static bool fits(const wchar_t *pattern, const wchar_t *name)
{
    const wchar_t *star = NULL;
    const wchar_t *from = name; /* where the text of the last star ends */
    while (*name) {
        if (*pattern == L'*') {
            star = ++pattern;
            from = name;
        } else if (*pattern && (*pattern == L'?' || is_same_letter(*pattern, *name))) {
            pattern++;
            name++;
        } else if (star) {
            pattern = star;
            name = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == L'*') {
        pattern++;
    }
    return *pattern == L'\0';
}

static void add_name(struct names *names, const char *folder, size_t folder_bytes,
                     const wchar_t *wide)
{
    if (names->count == names->capacity) {
        size_t capacity = names->capacity ? names->capacity * 2 : 16;
        char **more = capacity > NAMES_MAXIMUM
                          ? NULL
                          : realloc((void *)names->name, capacity * sizeof(*more));
        if (!more) {
            names->has_failed = true;
            return;
        }
        names->name = more;
        names->capacity = capacity;
    }
    char *last = utf8_of(wide);
    char *name = last ? malloc(folder_bytes + strlen(last) + 1) : NULL;
    if (name) {
        memcpy(name, folder, folder_bytes);
        memcpy(name + folder_bytes, last, strlen(last) + 1);
        names->name[names->count++] = name;
    } else {
        names->has_failed = true;
    }
    free(last);
}

static void find_in_folder(struct names *names, const char *word, size_t folder_bytes,
                           const wchar_t *everything)
{
    wchar_t *pattern = wide_of(word + folder_bytes);
    WIN32_FIND_DATAW found;
    HANDLE search = pattern ? FindFirstFileW(everything, &found) : INVALID_HANDLE_VALUE;
    bool has_more = search != INVALID_HANDLE_VALUE;
    while (has_more && !names->has_failed) {
        if (!(found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) &&
            fits(pattern, found.cFileName)) {
            add_name(names, word, folder_bytes, found.cFileName);
        }
        has_more = FindNextFileW(search, &found) != 0;
    }
    if (search != INVALID_HANDLE_VALUE) {
        (void)FindClose(search);
    }
    names->has_failed |= !pattern;
    free(pattern);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files of the folder that fit the last part of the word. */
static void find_names(struct names *names, const char *word)
{
    size_t folder_bytes = folder_size(word);
    char *all = malloc(folder_bytes + 2);
    wchar_t *everything = NULL;
    if (all) {
        memcpy(all, word, folder_bytes);
        memcpy(all + folder_bytes, "*", 2);
        everything = wide_path(all);
    }
    if (everything) {
        find_in_folder(names, word, folder_bytes, everything);
    } else {
        names->has_failed = true;
    }
    if (names->count > 0) {
        qsort((void *)names->name, names->count, sizeof(*names->name), compare_names);
    }
    free(everything);
    free(all);
}

bool platform_expand(const char *word, platform_name_function *found, void *context)
{
    struct names names = {0};
    if (strpbrk(word + folder_size(word), "*?")) {
        find_names(&names, word);
    }
    bool is_good = !names.has_failed;
    if (is_good && names.count == 0) {
        is_good = found(context, word);
    }
    for (size_t i = 0; i < names.count; i++) {
        is_good = is_good && found(context, names.name[i]);
        free(names.name[i]);
    }
    free((void *)names.name);
    return is_good;
}
