/* SPDX-License-Identifier: MIT */
/*
 * wifi_reception.h - what a Wi-Fi driver says of a frame that it received.
 */
#ifndef ETW_PROVIDERS_WIFI_RECEPTION_H
#define ETW_PROVIDERS_WIFI_RECEPTION_H

#include "etw/event.h"

/* Reads the driver's structure. One of another form, or cut, leaves `reception` without
 * is_readable; the interface is not touched. */
void wifi_reception_read(struct bytes data, struct etw_reception *reception);

#endif
