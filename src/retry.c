#include "retry.h"

#include <sys/random.h>

#include "base/clock.h"
#include "base/util.h"

#define FIRST_USEC (100 * PS_USEC_PER_MSEC)
#define MOST_USEC  (30 * PS_USEC_PER_SEC)

/* Enough to reach the most; more would shift bits out. */
enum { DOUBLINGS_MAX = 9 };

/* xorshift64 (G. Marsaglia, "Xorshift RNGs"): only the state 0 is barred. */
static uint64_t random_next(uint64_t *state)
{
    if (*state == 0) {
        if (getrandom(state, sizeof *state, GRND_NONBLOCK) != (ssize_t)sizeof *state || *state == 0)
            *state = (uint64_t)ps_clock_monotonic() | 1;
    }
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

int64_t ps_retry_delay(struct ps_retry *r)
{
    unsigned doublings = PS_MIN(r->failures, (unsigned)DOUBLINGS_MAX);
    int64_t most = PS_MIN(FIRST_USEC << doublings, MOST_USEC);
    if (r->failures < UINT32_MAX)
        r->failures++;
    int64_t half = most / 2;
    return half + (int64_t)(random_next(&r->random) % (uint64_t)(most - half + 1));
}

void ps_retry_succeeded(struct ps_retry *r)
{
    r->failures = 0;
}
