/* SPDX-License-Identifier: MIT */
/*
 * net_address.h - network addresses as text, written into the caller's array.
 *
 *     char text[NET_ADDRESS_TEXT_SIZE];
 *     *net_put_ipv6(text, bytes) = '\0';
 *
 * Every function returns where the text ends; none writes a NUL.
 */
#ifndef ETW_BASE_NET_ADDRESS_H
#define ETW_BASE_NET_ADDRESS_H

#include <stdint.h>

#define NET_ADDRESS_TEXT_SIZE 46 /* the longest IPv6 address and a NUL */

char *net_put_decimal(char *to, uint32_t value);
char *net_put_ipv4(char *to, const uint8_t bytes[4]);
char *net_put_mac(char *to, const uint8_t bytes[6]);
/* As RFC 5952 wants it; addresses under ::ffff:0:0/96 with their dotted quad. */
char *net_put_ipv6(char *to, const uint8_t bytes[16]);

#endif
