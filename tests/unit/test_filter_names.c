/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "correlate/filter_names.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
    const char *wanted, *name, *path;
    bool is_meant;
} names[] = {
    {"tcpserver.exe", "tcpserver.exe", "", true},
    {"tcpserver", "tcpserver.exe", "", true},
    {"TCPServer", "tcpserver.EXE", "", true},
    {"TCPSERVER.EXE", "tcpserver.exe", "", true},
    {"tcpserver.ex", "tcpserver.exe", "", false},
    {"tcpserve", "tcpserver.exe", "", false},
    {"tcpserver.exe", "tcpserver", "", false},
    {"tcp*", "tcpserver.exe", "", true},
    {"*server", "tcpserver.exe", "", true},
    {"*.exe", "tcpserver.exe", "", true},
    {"t*p*s*r", "tcpserver.exe", "", true},
    {"t?pserver", "tcpserver.exe", "", true},
    {"t?cpserver", "tcpserver.exe", "", false},
    {"*?x", "ax", "", true},
    {"*?x", "x", "", false},
    {"*", "x", "", true},
    {"*", "", "", false},
    {"System", "System", "", true},
    {".exe", ".exe", "", true},
    {"", ".exe", "", false},
    {"my program", "My Program.exe", "", true},
    {"\xC3\x84rger.exe", "\xC3\xA4RGER.exe", "", true}, /* Ärger */
    {"\xD0\x9F\xD1\x83\xD1\x82\xD1\x8C", "\xD0\xBF\xD0\xA3\xD0\xA2\xD1\x8C.exe", "", true},
    {"?rger", "\xC3\xA4rger.exe", "", true},
    {"?", "\xFF", "", true}, /* no UTF-8 */
    {"a\xC3", "a\xC3", "", true},
    {"\\Device\\HarddiskVolume2\\a\\b.exe", "b.exe", "\\Device\\HarddiskVolume2\\A\\B.EXE", true},
    {"\\Device\\HarddiskVolume3\\a\\b.exe", "b.exe", "\\Device\\HarddiskVolume2\\a\\b.exe", false},
    {"C:\\a\\b.exe", "b.exe", "\\Device\\HarddiskVolume2\\a\\b.exe", true},
    {"C:/a/b.exe", "b.exe", "\\Device\\HarddiskVolume2\\a\\b.exe", true},
    {"C:\\a\\b.exe", "b.exe", "\\??\\c:\\a\\b.exe", true},
    {"C:\\a\\b.exe", "b.exe", "D:\\a\\b.exe", false},
    {"C:\\a\\*", "b.exe", "\\Device\\HarddiskVolume12\\a\\c\\b.exe", true},
    {"C:\\b.exe", "b.exe", "\\Device\\HarddiskVolume2\\a\\b.exe", false},
    {"*\\a\\b.exe", "b.exe", "\\Device\\HarddiskVolume2\\a\\b.exe", true},
    {"C:\\a\\b.exe", "b.exe", "", false},
};

static void a_process_is_meant_by_file_name_or_full_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (corr_process_is_meant(names[i].wanted, names[i].name, names[i].path) !=
            names[i].is_meant) {
            fail_msg("%s and %s %s", names[i].wanted, names[i].name, names[i].path);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_is_meant_by_file_name_or_full_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
