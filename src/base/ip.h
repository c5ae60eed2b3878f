/* IP addresses and networks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "postship/slice.h"

struct ps_ip {
    uint8_t family;    /* 4 or 6 */
    uint8_t bytes[16]; /* network order; 4 or 16 of them */
};

struct ps_network {
    struct ps_ip address; /* host bits zero */
    uint8_t prefix;       /* bits: 0..32 or 0..128 */
};

/* The whole slice must be one address: strict dotted quad without leading zeros, or IPv6 (RFC 4291 text forms, no zone,
 * no brackets, Postfix's "IPv6:" prefix is the caller's business). IPv4-mapped IPv6 stays IPv6. False: not an address.
 */
bool ps_ip_parse(struct ps_slice s, struct ps_ip *ret);

/* The cheap form of the same question, for the hot path. */
bool ps_ip_valid(struct ps_slice s);

/* "ADDRESS/BITS" or a lone address. False where it is none or host bits are set. */
bool ps_network_parse(struct ps_slice s, struct ps_network *ret);

/* An IPv4-mapped IPv6 address is in a network where its IPv4 is. */
bool ps_network_contains(const struct ps_network *net, const struct ps_ip *ip);
