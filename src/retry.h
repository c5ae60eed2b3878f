/* Exponential backoff with jitter: 100 ms, doubled up to 30 s, each time a random part between half and the whole of
 * it. */
#pragma once

#include <stdint.h>

struct ps_retry {
    unsigned failures; /* since the last success */
    uint64_t random;   /* state of the jitter; zero-initialised it seeds itself */
};

/* How long to wait before the next try, in microseconds. */
int64_t ps_retry_delay(struct ps_retry *r);
void ps_retry_succeeded(struct ps_retry *r);
