/* SPDX-License-Identifier: MIT */
/*
 * replay_main.c - runs a fuzz target over the files named as arguments, without
 * libFuzzer, so that seeds and old findings are tried by every compiler in every
 * test run. Each file is handed on in a block of exactly its size: a sanitizer
 * then sees a read of even one byte too many.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Prints what is wrong with the file and returns false. */
static int replay(const char *path)
{
    int is_done = 0;
    uint8_t *data = NULL;
    long size = -1;
    FILE *file = fopen(path, "rb");
    if (file && fseek(file, 0, SEEK_END) == 0) {
        size = ftell(file);
    }
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        goto done;
    }
    data = malloc(size > 0 ? (size_t)size : 1);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size) {
        (void)fprintf(stderr, "%s: cannot be read whole\n", path);
        goto done;
    }
    (void)LLVMFuzzerTestOneInput(data, (size_t)size);
    is_done = 1;

done:
    free(data);
    if (file) {
        (void)fclose(file);
    }
    return is_done;
}

int main(int argc, char **argv)
{
    int failed = 0;
    uint8_t *nothing = calloc(1, 1);
    if (!nothing) {
        return 1;
    }
    (void)LLVMFuzzerTestOneInput(nothing, 0);
    free(nothing);
    for (int i = 1; i < argc; i++) {
        if (!replay(argv[i])) {
            failed++;
        }
    }
    (void)printf("%d inputs replayed, %d unreadable\n", argc - 1, failed);
    return failed ? 1 : 0;
}
