/* SPDX-License-Identifier: MIT */
/*
 * Part of a program on Windows only: its texts end lines as they do everywhere, and its files
 * have the bytes that were written.
 */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>

__attribute__((constructor)) static void make_streams_binary(void)
{
    (void)_setmode(_fileno(stdin), _O_BINARY);
    (void)_setmode(_fileno(stdout), _O_BINARY);
    (void)_setmode(_fileno(stderr), _O_BINARY);
}
