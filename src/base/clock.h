/* The time, in microseconds. */
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t ps_clock_read(clockid_t id)
{
    struct timespec t;
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Since an unspecified start; never goes back. For intervals and time-outs. */
static inline int64_t ps_clock_monotonic(void)
{
    return ps_clock_read(CLOCK_MONOTONIC);
}

/* Since 1970-01-01 00:00 UTC. */
static inline int64_t ps_clock_realtime(void)
{
    return ps_clock_read(CLOCK_REALTIME);
}
