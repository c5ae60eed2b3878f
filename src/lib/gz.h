/* zlib: checksums (and, with archives, decompression). */
#pragma once

#include <stdint.h>

#include "postship/slice.h"

/* CRC-32 as in gzip (ISO 3309). */
uint32_t ps_crc32(struct ps_slice data);
