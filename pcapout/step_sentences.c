/* SPDX-License-Identifier: MIT */
/*
 * step_sentences.c - from the layer and kind of a step to the function that words it. The
 * tables of the layers stand with their sentences.
 */
#include "pcapout/step_sentences.h"

#include <inttypes.h>

#include "pcapout/step_parts.h"

#define TICKS_PER_MICROSECOND 10
#define TICKS_PER_SECOND      INT64_C(10000000)

void out_add_bytes(struct text *to, uint64_t bytes)
{
    if (bytes < 100000) {
        text_add_format(to, "%" PRIu64 " byte%s", bytes, bytes == 1 ? "" : "s");
    } else if (bytes < 100000000) {
        text_add_format(to, "%.1f MB", (double)bytes / 1e6);
    } else {
        text_add_format(to, "%.2f GB", (double)bytes / 1e9);
    }
}

void out_add_duration(struct text *to, int64_t duration)
{
    if (duration < TICKS_PER_MILLISECOND) {
        text_add_format(to, "%.1f us", (double)duration / TICKS_PER_MICROSECOND);
    } else if (duration < TICKS_PER_SECOND) {
        text_add_format(to, "%.1f ms", (double)duration / TICKS_PER_MILLISECOND);
    } else if (duration < 120 * TICKS_PER_SECOND) {
        text_add_format(to, "%.3f s", (double)duration / TICKS_PER_SECOND);
    } else {
        text_add_format(to, "%" PRId64 " min %" PRId64 " s", duration / (60 * TICKS_PER_SECOND),
                        duration / TICKS_PER_SECOND % 60);
    }
}

static void process_start(struct text *to, const struct corr_step *step,
                          const struct corr_socket *socket)
{
    (void)step, (void)socket;
    text_add(to, "the process starts");
}

static void process_exit(struct text *to, const struct corr_step *step,
                         const struct corr_socket *socket)
{
    (void)socket;
    text_add_format(to, "the process ends, exit status %" PRIu32, step->number);
}

static step_sentence *const process_sentences[CORR_STEP_WHAT_COUNT] = {
    [CORR_STEP_START] = process_start,
    [CORR_STEP_EXIT] = process_exit,
};

static step_sentence *const no_sentences[CORR_STEP_WHAT_COUNT];

static step_sentence *const *const sentences[] = {
    [CORR_STEP_APP] = step_app_sentences,
    [CORR_STEP_STACK] = step_stack_sentences,
    [CORR_STEP_WIRE] = step_wire_sentences,
    [CORR_STEP_SMB] = no_sentences, /* out_add_smb_sentence() */
    [CORR_STEP_PROCESS] = process_sentences,
};

void out_add_step_sentence(struct text *to, const struct corr_step *step,
                           const struct corr_socket *socket)
{
    step_sentence *sentence = sentences[step->layer][step->what];
    (sentence ? sentence : step_add_name)(to, step, socket);
}
