/* SPDX-License-Identifier: MIT */
/*
 * smb_control_codes.h - control codes that clients send to a file system over SMB, by name.
 */
#ifndef PCAPOUT_SMB_CONTROL_CODES_H
#define PCAPOUT_SMB_CONTROL_CODES_H

#include <stdint.h>

#include "etw/base/text.h"

/* "FSCTL_PIPE_TRANSCEIVE"; NULL: not known. */
const char *out_smb_control_name(uint32_t code);
/* "0x0011c017 FSCTL_PIPE_TRANSCEIVE", or the number alone. */
void out_add_smb_control_code(struct text *to, uint32_t code);

#endif
