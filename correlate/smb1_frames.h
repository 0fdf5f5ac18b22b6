/* SPDX-License-Identifier: MIT */
/*
 * smb1_frames.h - SMB1 messages from their bytes, as far as they name files and tell of data.
 * Inside correlate only; smb_frames.h calls it.
 */
#ifndef CORRELATE_SMB1_FRAMES_H
#define CORRELATE_SMB1_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "correlate/smb_message.h"
#include "etw/base/bytes.h"

/* How much of a message that begins so is wanted. */
uint32_t smb1_frame_wanted(struct bytes start);

/* Fills `message` and gives it to the sink, once for each chained command: those behind the first
 * are related to it and have no size. False: what the sink returned. */
bool smb1_frame_read(struct bytes frame, struct corr_smb_message *message, corr_smb_sink *sink,
                     void *context);

#endif
