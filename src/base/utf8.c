#include "base/utf8.h"

#include <stdint.h>

/* What may follow a first byte (RFC 3629, section 4): `length` bytes in all, the second one in low..high, further ones
 * in 0x80..0xBF. Length 0: no first byte. */
struct lead {
    uint8_t length, low, high;
};

static struct lead lead_of(uint8_t c)
{
    if (c < 0x80)
        return (struct lead){1, 0, 0};
    if (c < 0xC2) /* a continuation byte, or the start of an overlong form */
        return (struct lead){0, 0, 0};
    if (c < 0xE0)
        return (struct lead){2, 0x80, 0xBF};
    if (c < 0xF0) /* not overlong, no surrogate */
        return (struct lead){3, c == 0xE0 ? 0xA0 : 0x80, c == 0xED ? 0x9F : 0xBF};
    if (c < 0xF5) /* not overlong, at most U+10FFFF */
        return (struct lead){4, c == 0xF0 ? 0x90 : 0x80, c == 0xF4 ? 0x8F : 0xBF};
    return (struct lead){0, 0, 0};
}

/* How many bytes at the start of s belong together as far as `lead` allows; at least 1. */
static size_t run_length(struct ps_slice s, struct lead lead)
{
    const uint8_t *p = (const uint8_t *)s.p;
    size_t most = s.n < lead.length ? s.n : lead.length;
    if (most < 2 || p[1] < lead.low || p[1] > lead.high)
        return 1;
    size_t n = 2;
    while (n < most && (p[n] & 0xC0) == 0x80)
        n++;
    return n;
}

size_t ps_utf8_sequence(struct ps_slice s)
{
    struct lead lead = lead_of((uint8_t)s.p[0]);
    return lead.length && run_length(s, lead) == lead.length ? lead.length : 0;
}

size_t ps_utf8_bad(struct ps_slice s)
{
    return run_length(s, lead_of((uint8_t)s.p[0]));
}

bool ps_utf8_valid(struct ps_slice s)
{
    size_t at = 0;
    while (at < s.n) {
        uint64_t block;
        if (s.n - at >= sizeof block) { /* eight ASCII bytes at a time */
            memcpy(&block, s.p + at, sizeof block);
            if (!(block & UINT64_C(0x8080808080808080))) {
                at += sizeof block;
                continue;
            }
        }
        size_t n = ps_utf8_sequence(ps_slice_after(s, at));
        if (!n)
            return false;
        at += n;
    }
    return true;
}
