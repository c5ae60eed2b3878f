/* SipHash-2-4 with 128 bits of output (J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF"). */
#pragma once

#include <stdint.h>

#include "postship/slice.h"

enum { PS_SIPHASH_LEN = 16 };

/* Of the 8 bytes of `prefix` (little endian) followed by `data`. */
void ps_siphash128(const uint8_t key[16], uint64_t prefix, struct ps_slice data, uint8_t ret[PS_SIPHASH_LEN]);
