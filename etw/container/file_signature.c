/* SPDX-License-Identifier: MIT */
/*
 * To recognise a further kind of file: a row here and a case in
 * tests/unit/test_file_signature.c.
 */
#include "etw/container/file_signature.h"

#include <stdbool.h>
#include <string.h>

#include "etw/base/bytes.h"

struct signature {
    const char *magic;
    size_t size;
    const char *what; /* "this is ..." and what to do with it */
};

/* clang-format off */
static const struct signature signatures[] = {
    {"\x0a\x0d\x0d\x0a", 4, "a pcapng capture; it can be opened in Wireshark as it is"},
    {"\xd4\xc3\xb2\xa1", 4, "a pcap capture; it can be opened in Wireshark as it is"},
    {"\xa1\xb2\xc3\xd4", 4, "a pcap capture; it can be opened in Wireshark as it is"},
    {"\x4d\x3c\xb2\xa1", 4, "a pcap capture; it can be opened in Wireshark as it is"},
    {"\xa1\xb2\x3c\x4d", 4, "a pcap capture; it can be opened in Wireshark as it is"},
    {"GMBU", 4, "a Network Monitor capture; it can be opened in Wireshark as it is"},
    {"MSCF", 4, "a cabinet, as `netsh trace` makes beside its trace and `netsh wfp capture` around "
                "it; unpack it (`expand -F:* FILE.cab FOLDER` on Windows, cabextract elsewhere) and "
                "name the .etl, which is wfpdiag.etl in wfpdiag.cab"},
    {"ElfFile\0", 8, "an event log (.evtx), not a trace"},
    {"\x30\0\0\0LfLe", 8, "an old event log (.evt), not a trace"},
    {"PK\x03\x04", 4, "a zip archive; unpack it and name the .etl inside"},
    {"\x1f\x8b", 2, "a gzip file; unpack it with gunzip and name the .etl inside"},
    {"7z\xbc\xaf\x27\x1c", 6, "a 7-Zip archive; unpack it and name the .etl inside"},
    {"\xfd""7zXZ", 5, "an xz file; unpack it and name the .etl inside"},
    {"\x28\xb5\x2f\xfd", 4, "a zstd file; unpack it and name the .etl inside"},
    {"Rar!", 4, "a rar archive; unpack it and name the .etl inside"},
    {"MZ", 2, "a Windows program, not a trace"},
    {"\x7f""ELF", 4, "a program, not a trace"},
    {"<?xml", 5, "an XML text, as `netsh trace convert` or `netsh wfp capture` make beside the .etl that is "
              "needed"},
    {"\xef\xbb\xbf<?xml", 8, "an XML text, as `netsh trace convert` or `netsh wfp capture` make beside the "
                            ".etl that is needed"},
    {"<Events", 7, "an XML text, as tracerpt makes of a trace; the .etl itself is needed"},
    {"<!DOCTYPE", 9, "a page for a browser, as reports of traces are; the .etl it was made from is needed"},
    {"<html", 5, "a page for a browser, as reports of traces are; the .etl it was made from is needed"},
    {"\xff\xfe", 2, "a text in UTF-16, as reports of traces are; the .etl it was made from is needed"},
    {"PAGEDU", 6, "a Windows memory dump, not a trace"},
    {"MDMP", 4, "a Windows memory dump, not a trace"},
    {"SQLite format 3", 15, "an SQLite database, not a trace"},
};
/* clang-format on */

static bool is_text(const uint8_t *data, size_t size)
{
    size_t looked = size < 512 ? size : 512;
    for (size_t i = 0; i < looked; i++) {
        bool is_control = data[i] < 0x20 && data[i] != '\t' && data[i] != '\n' && data[i] != '\r';
        if (is_control || data[i] == 0x7F) {
            return false;
        }
    }
    return true;
}

static bool is_zero(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Windows 2000 and XP: other fields stand in the buffer header, but the header
 * event follows it with version 5 of the system. [documented: evntrace.h] */
static bool is_before_vista(const uint8_t *data, size_t size)
{
    return size >= 0x48 + 0x28 && data[0x48 + 3] == 0xC0 && data[0x48 + 0x24] == 5;
}

enum etw_status file_signature_refuse(const uint8_t *data, size_t size, struct etw_error *error)
{
    if (size == 0) {
        return etw_fail(error, ETW_ERR_NOT_ETL, 0, "the file is empty");
    }
    if (is_before_vista(data, size)) {
        return etw_fail(
            error, ETW_ERR_UNSUPPORTED, 0,
            "this trace was recorded before Windows Vista; its layout is not supported");
    }
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        const struct signature *row = &signatures[i];
        if (size >= row->size && memcmp(data, row->magic, row->size) == 0) {
            return etw_fail(error, ETW_ERR_NOT_ETL, 0, "this is no ETL trace but %s", row->what);
        }
    }
    if (is_zero(data, size)) {
        return etw_fail(error, ETW_ERR_NOT_ETL, 0,
                        "the file begins with zeros only; the recorder never wrote its header");
    }
    if (is_text(data, size)) {
        return etw_fail(error, ETW_ERR_NOT_ETL, 0, "this is no ETL trace but a text file");
    }
    return etw_fail(error, ETW_ERR_NOT_ETL, 0,
                    "this is no ETL trace: it does not begin with a buffer header and the "
                    "session's header event");
}
