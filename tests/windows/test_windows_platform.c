/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "etw/platform/platform.h"
#include "etw/platform/windows/error_text.h"
#include "etw/platform/windows/wide_text.h"

/* In the working directory, which is the build's. */
#define FOLDER "test_windows_platform.files"
#define NAME   FOLDER "\\trace.etl"

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static bool is_there(const char *path)
{
    return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

static size_t count_files(void)
{
    WIN32_FIND_DATAA found;
    size_t count = 0;
    HANDLE search = FindFirstFileA(FOLDER "\\*", &found);
    assert_true(search != INVALID_HANDLE_VALUE);
    do {
        count += !(found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY);
    } while (FindNextFileA(search, &found));
    (void)FindClose(search);
    return count;
}

static int make_folder(void **state)
{
    (void)state;
    (void)CreateDirectoryA(FOLDER, NULL);
    return 0;
}

static int empty_folder(void **state)
{
    (void)state;
    WIN32_FIND_DATAA found;
    HANDLE search = FindFirstFileA(FOLDER "\\*", &found);
    if (search == INVALID_HANDLE_VALUE) {
        return 0;
    }
    do {
        char path[MAX_PATH + 64];
        (void)snprintf(path, sizeof(path), FOLDER "\\%s", found.cFileName);
        (void)DeleteFileA(path);
    } while (FindNextFileA(search, &found));
    (void)FindClose(search);
    (void)RemoveDirectoryA(FOLDER);
    return 0;
}

/* ---- texts ---- */

static void names_come_through_utf8_unchanged(void **state)
{
    (void)state;
    static const wchar_t *const names[] = {
        L"",
        L"trace.etl",
        L"\x00E9\x0416\x4E2D.etl",
        L"\xD83D\xDE00",
        L"lone \xD83D.etl",
        L"\xDC00 turned \xDC00\xD800",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *utf8 = utf8_of(names[i]);
        assert_non_null(utf8);
        wchar_t *again = wide_of(utf8);
        assert_non_null(again);
        assert_int_equal(wcscmp(again, names[i]), 0);
        free(again);
        free(utf8);
    }
}

static void characters_have_their_utf8(void **state)
{
    (void)state;
    char *utf8 = utf8_of(L"a\x00E9\x4E2D\xD83D\xDE00");
    assert_string_equal(utf8, "a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80");
    free(utf8);
}

static void what_is_no_utf8_is_replaced_byte_by_byte(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        const wchar_t *expected;
    } cases[] = {
        {"a\xFFz", L"a\xFFFDz"},
        {"cut \xE4\xB8", L"cut \xFFFD\xFFFD"},
        {"\xC0\xAF", L"\xFFFD\xFFFD"},                     /* an overlong slash is none */
        {"\xF5\x80\x80\x80", L"\xFFFD\xFFFD\xFFFD\xFFFD"}, /* beyond Unicode */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wchar_t *wide = wide_of(cases[i].bytes);
        assert_non_null(wide);
        assert_int_equal(wcscmp(wide, cases[i].expected), 0);
        free(wide);
    }
}

static void one_cause_has_one_sentence(void **state)
{
    (void)state;
    char text[ERROR_TEXT_SIZE];
    assert_string_equal(error_text(ERROR_FILE_NOT_FOUND, text), "No such file or directory");
    assert_string_equal(error_text(ERROR_ACCESS_DENIED, text), "Permission denied");
    assert_string_equal(error_text(ERROR_DISK_FULL, text), "No space left on device");
    assert_string_equal(error_text(ERROR_HANDLE_DISK_FULL, text), "No space left on device");
    assert_string_equal(error_text(987654, text), "Windows error 987654");
    assert_true(error_is_missing(ERROR_PATH_NOT_FOUND));
    assert_false(error_is_missing(987654));
    assert_true(error_is_existing(ERROR_ALREADY_EXISTS));
    assert_true(error_is_closed_pipe(ERROR_NO_DATA));
    assert_true(error_is_closed_pipe(ERROR_BROKEN_PIPE));
    assert_false(error_is_closed_pipe(ERROR_FILE_NOT_FOUND));
}

/* ---- paths ---- */

static void check_path(const char *path, const wchar_t *expected)
{
    wchar_t *wide = wide_path(path);
    assert_non_null(wide);
    if (wcscmp(wide, expected) != 0) {
        fail_msg("%s became %ls, not %ls", path, wide, expected);
    }
    free(wide);
}

static void both_slashes_separate(void **state)
{
    (void)state;
    check_path("C:/traces/./old/../a.etl", L"C:\\traces\\a.etl");
    check_path("C:\\traces\\a.etl", L"C:\\traces\\a.etl");
    check_path("//server/share/a.etl", L"\\\\server\\share\\a.etl");
    check_path("\\\\?\\C:\\a.etl", L"\\\\?\\C:\\a.etl");
    check_path("", L"");
}

static void devices_are_known_by_name(void **state)
{
    (void)state;
    check_path("NUL", L"\\\\.\\NUL");
    check_path("con", L"\\\\.\\con");
    assert_true(platform_is_special("NUL"));
    assert_true(platform_is_special("."));
    assert_false(platform_is_special("no-such-file.etl"));
}

/* Fills `path` with the begin, 300 letters and an end, the same as wide text. */
static void make_long(const char *begin, char path[400], wchar_t wide[400])
{
    (void)snprintf(path, 400, "%s%0150d\\%0150d.etl", begin, 1, 2);
    for (size_t i = 0; i <= strlen(path); i++) {
        wide[i] = (wchar_t)path[i];
    }
}

static void long_paths_get_the_prefix(void **state)
{
    (void)state;
    char path[400];
    wchar_t wide[400];
    wchar_t expected[420] = L"\\\\?\\";
    make_long("C:\\", path, wide);
    wcscat(expected, wide);
    check_path(path, expected);
    make_long("\\\\server\\share\\", path, wide);
    expected[4] = L'\0';
    wcscat(expected, L"UNC");
    wcscat(expected, wide + 1);
    check_path(path, expected);
    make_long("\\\\?\\C:\\", path, wide);
    check_path(path, wide);
}

/* ---- files ---- */

static void a_trace_that_is_being_written_can_be_read(void **state)
{
    (void)state;
    struct platform_file *file = NULL;
    char got[8] = {0};
    size_t size = 0;
    DWORD written = 0;
    HANDLE writer = CreateFileA(NAME, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);
    assert_true(writer != INVALID_HANDLE_VALUE);
    assert_true(WriteFile(writer, "bytes", 5, &written, NULL));
    assert_int_equal(platform_file_open(NAME, &file, NULL), ETW_OK);
    assert_int_equal(platform_file_read(file, 1, got, sizeof(got), &size, NULL), ETW_OK);
    assert_int_equal(size, 4);
    assert_memory_equal(got, "ytes", 4);
    platform_file_close(file);
    (void)CloseHandle(writer);
}

static void places_beyond_four_gigabytes_are_read(void **state)
{
    (void)state;
    const uint64_t offset = ((uint64_t)5 << 30) + 3;
    LARGE_INTEGER place = {.QuadPart = (LONGLONG)offset};
    struct platform_file *file = NULL;
    char got[8] = {0};
    size_t size = 0;
    DWORD written = 0;
    HANDLE writer = CreateFileA(NAME, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    assert_true(writer != INVALID_HANDLE_VALUE);
    /* Sparse here; where it is not, 5 GB of zeros are written. */
    (void)DeviceIoControl(writer, 0x900C4 /* FSCTL_SET_SPARSE */, NULL, 0, NULL, 0, &written, NULL);
    if (!SetFilePointerEx(writer, place, NULL, FILE_BEGIN) ||
        !WriteFile(writer, "end", 3, &written, NULL)) {
        (void)CloseHandle(writer);
        skip();
    }
    (void)CloseHandle(writer);
    assert_int_equal(platform_file_open(NAME, &file, NULL), ETW_OK);
    assert_true(platform_file_size(file) == offset + 3);
    assert_int_equal(platform_file_read(file, offset, got, sizeof(got), &size, NULL), ETW_OK);
    assert_int_equal(size, 3);
    assert_memory_equal(got, "end", 3);
    assert_int_equal(platform_file_read(file, offset + 99, got, sizeof(got), &size, NULL), ETW_OK);
    assert_int_equal(size, 0);
    platform_file_close(file);
}

static void devices_and_folders_are_no_traces(void **state)
{
    (void)state;
    static const struct {
        const char *path, *part;
    } cases[] = {
        {"NUL", "is a pipe or device"},
        {FOLDER, "is a directory"},
        {FOLDER "/", "is a directory"},
        {"no-such-folder\\a.etl", "cannot be opened: No such file or directory"},
        {"no*such.etl", "cannot be opened: No such file or directory"},
        {"", "cannot be opened: No such file or directory"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct etw_error error = {.status = ETW_OK};
        struct platform_file *file = NULL;
        assert_int_equal(platform_file_open(cases[i].path, &file, &error), ETW_ERR_INPUT);
        if (!strstr(error.text, cases[i].part)) {
            fail_msg("%s: no '%s' in: %s", cases[i].path, cases[i].part, error.text);
        }
    }
}

/* What an end of the process does to its handles, whatever the reason. */
static void an_unfinished_output_goes_with_its_handle(void **state)
{
    (void)state;
    struct platform_output *output = NULL;
    assert_int_equal(platform_output_open(NAME, false, true, &output, NULL), ETW_OK);
    assert_int_equal(platform_output_write(output, "half", 4, NULL), ETW_OK);
    assert_false(is_there(NAME));
    assert_int_equal(count_files(), 1);
    HANDLE handle;
    memcpy(&handle, output, sizeof(handle)); /* its first member */
    assert_true(CloseHandle(handle));
    assert_int_equal(count_files(), 0);
}

static void a_complete_output_has_its_name_and_nothing_else(void **state)
{
    (void)state;
    struct platform_output *output = NULL;
    assert_int_equal(platform_output_open(NAME, false, true, &output, NULL), ETW_OK);
    assert_int_equal(platform_output_write(output, "whole", 5, NULL), ETW_OK);
    assert_int_equal(platform_output_commit(output, NULL), ETW_OK);
    assert_true(is_there(NAME));
    assert_int_equal(count_files(), 1);
}

static void devices_are_written_directly(void **state)
{
    (void)state;
    struct platform_output *output = NULL;
    assert_int_equal(platform_output_open("NUL", false, true, &output, NULL), ETW_OK);
    assert_int_equal(platform_output_write(output, "gone", 4, NULL), ETW_OK);
    assert_int_equal(platform_output_commit(output, NULL), ETW_OK);
}

/* ---- wildcards ---- */

static bool collect(void *context, const char *name)
{
    char *names = context;
    size_t size = strlen(names);
    (void)snprintf(names + size, 512 - size, "%s ", name);
    return true;
}

static void wildcards_are_the_files_that_fit(void **state)
{
    (void)state;
    static const struct {
        const char *word, *expected;
    } cases[] = {
        {FOLDER "\\*.etl", FOLDER "\\a.etl " FOLDER "\\b.etl " FOLDER "\\bb.ETL "},
        {FOLDER "/?.etl", FOLDER "/a.etl " FOLDER "/b.etl "},
        {FOLDER "/B*", FOLDER "/b.etl " FOLDER "/bb.ETL "},
        {FOLDER "/*b*b*.*", FOLDER "/bb.ETL "},
        {FOLDER "\\*.pcapng", FOLDER "\\*.pcapng "}, /* none fits */
        {FOLDER "*\\a.etl", FOLDER "*\\a.etl "},     /* not in folders */
        {FOLDER "\\a.etl", FOLDER "\\a.etl "},
        {"*\"", "*\" "},
    };
    put_file(FOLDER "\\bb.ETL", "");
    put_file(FOLDER "\\b.etl", "");
    put_file(FOLDER "\\a.etl", "");
    put_file(FOLDER "\\a.etl2", ""); /* *.etl would fit its short name */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char names[512] = "";
        assert_true(platform_expand(cases[i].word, collect, names));
        assert_string_equal(names, cases[i].expected);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, empty_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_through_utf8_unchanged),
        cmocka_unit_test(characters_have_their_utf8),
        cmocka_unit_test(what_is_no_utf8_is_replaced_byte_by_byte),
        cmocka_unit_test(one_cause_has_one_sentence),
        cmocka_unit_test(both_slashes_separate),
        cmocka_unit_test(devices_are_known_by_name),
        cmocka_unit_test(long_paths_get_the_prefix),
        TEST(a_trace_that_is_being_written_can_be_read),
        TEST(places_beyond_four_gigabytes_are_read),
        TEST(devices_and_folders_are_no_traces),
        TEST(an_unfinished_output_goes_with_its_handle),
        TEST(a_complete_output_has_its_name_and_nothing_else),
        TEST(devices_are_written_directly),
        TEST(wildcards_are_the_files_that_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
