/* SPDX-License-Identifier: MIT */
/*
 * judgement_text.h - a judgement as one sentence for people, with its numbers and limits.
 */
#ifndef PCAPOUT_JUDGEMENT_TEXT_H
#define PCAPOUT_JUDGEMENT_TEXT_H

#include "correlate/judge.h"
#include "etw/base/text.h"
#include "pcapout/json_writer.h"

/* Appends the sentence without full stop. `socket` is the one that is judged. */
void out_add_judgement(struct text *to, const struct corr_judgement *judgement,
                       const struct corr_socket *socket);
/* "judgements":[{"rule":...,"text":...,"trouble":...}]; nothing without any. `scratch` is cleared
 * and written. */
void out_json_judgements(struct json_writer *j, const struct corr_judgement *judgements,
                         size_t count, const struct corr_socket *socket, struct text *scratch);

#endif
