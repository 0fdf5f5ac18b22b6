/* SPDX-License-Identifier: MIT */
/*
 * step_sentences.h - what a step of a timeline says, for people: one short
 * phrase without full stop.
 */
#ifndef PCAPOUT_STEP_SENTENCES_H
#define PCAPOUT_STEP_SENTENCES_H

#include "correlate/timeline.h"
#include "etw/base/text.h"

/* `socket` may be NULL. Appends at least one word. */
void out_add_step_sentence(struct text *to, const struct corr_step *step,
                           const struct corr_socket *socket);

/* Names in a step of SMB; each "" when it is not known. */
struct out_smb_step_names {
    const char *path; /* of the share and file that it is about */
    const char *new_name;
    const char *share, *file, *server, *user, *client; /* of conditions */
};

/* The same of a step of SMB. */
void out_add_smb_sentence(struct text *to, const struct corr_step *step,
                          const struct out_smb_step_names *names);

/* 13 bytes, 2.1 MB */
void out_add_bytes(struct text *to, uint64_t bytes);
/* 100 ns units as 8.5 us, 37.6 ms, 3.003 s, 2 min 5 s */
void out_add_duration(struct text *to, int64_t duration);

/* Why Winsock aborted a connection, by its own number; NULL: there are no words for it. */
const char *out_abort_reason(uint32_t reason);

#endif
