#include "base/siphash.h"

#include <endian.h>

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    sip_round(s);
    s->v0 ^= word;
}

static inline void sip_finish(struct sip *s)
{
    for (int i = 0; i < 4; i++)
        sip_round(s);
}

static inline uint64_t word_load(const void *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return le64toh(word);
}

static inline void word_store(uint8_t *p, uint64_t word)
{
    word = htole64(word);
    memcpy(p, &word, sizeof word);
}

/* The constants are "somepseudorandomlygeneratedbytes". */
void ps_siphash128(const uint8_t key[16], uint64_t prefix, struct ps_slice data, uint8_t ret[PS_SIPHASH_LEN])
{
    uint64_t k0 = word_load(key);
    uint64_t k1 = word_load(key + 8);
    struct sip s = {.v0 = k0 ^ UINT64_C(0x736f6d6570736575),
                    .v1 = k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee, /* 0xee: 128 bits of output */
                    .v2 = k0 ^ UINT64_C(0x6c7967656e657261),
                    .v3 = k1 ^ UINT64_C(0x7465646279746573)};

    sip_word(&s, prefix);
    size_t whole = data.n & ~(size_t)7;
    for (size_t at = 0; at < whole; at += 8)
        sip_word(&s, word_load(data.p + at));
    uint64_t last = (uint64_t)(sizeof prefix + data.n) << 56;
    for (size_t i = 0; i < data.n - whole; i++)
        last |= (uint64_t)(uint8_t)data.p[whole + i] << (8 * i);
    sip_word(&s, last);

    s.v2 ^= 0xee;
    sip_finish(&s);
    word_store(ret, s.v0 ^ s.v1 ^ s.v2 ^ s.v3);
    s.v1 ^= 0xdd;
    sip_finish(&s);
    word_store(ret + 8, s.v0 ^ s.v1 ^ s.v2 ^ s.v3);
}
