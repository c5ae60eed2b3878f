#include "lib/gz.h"

#include <zlib.h>

uint32_t ps_crc32(struct ps_slice data)
{
    uLong start = crc32_z(0, NULL, 0);
    return (uint32_t)(data.n ? crc32_z(start, (const Bytef *)data.p, data.n) : start);
}
