/* A directory of the test's own, and a repeatable source of random numbers. */
#pragma once

#include <stdint.h>

struct scratch {
    char path[64];
};

/* Makes an empty directory; aborts where it can't. */
void scratch_make(struct scratch *s);
/* Removes it and what is in it. */
void scratch_remove(struct scratch *s);

/* xorshift64; the state must not be 0. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

static inline uint64_t random_below(uint64_t *state, uint64_t n)
{
    return random_next(state) % n;
}
