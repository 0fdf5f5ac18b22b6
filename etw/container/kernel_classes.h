/* SPDX-License-Identifier: MIT */
/*
 * kernel_classes.h - kernel records name their class by a group byte; this is
 * the class GUID it stands for.
 */
#ifndef ETW_CONTAINER_KERNEL_CLASSES_H
#define ETW_CONTAINER_KERNEL_CLASSES_H

#include <stdint.h>

/* 16 bytes of static storage; NULL for a group nobody has named. */
const uint8_t *kernel_class_guid(uint8_t group, uint8_t opcode);

#endif
