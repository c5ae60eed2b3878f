/* Keyed hashes (OpenSSL). */
#pragma once

#include <stdint.h>

#include "postship/slice.h"

enum { PS_HMAC_LEN = 32 };

/* HMAC-SHA-256 (RFC 2104). 0 or -EIO when OpenSSL refuses (no memory, no provider). */
int ps_hmac_sha256(struct ps_slice key, struct ps_slice data, uint8_t ret[PS_HMAC_LEN]);

/* Unpredictable bytes for keys and ids. 0 or -EIO. */
int ps_random_bytes(void *dst, size_t n);
