/* What a pipeline counts. Written by its thread, read by any. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/fields.h"

struct ps_metrics {
    /* read = delivered + filtered + dead + in flight, always, between two callbacks of the loop */
    _Atomic uint64_t read, delivered, filtered, dead, in_flight;
    _Atomic uint64_t gaps, gap_bytes; /* what the source destroyed before it was read; never part of `read` */
    _Atomic uint64_t rewinds;
    _Atomic uint64_t checkpoints;
    _Atomic uint64_t kinds[PS_KIND_COUNT]; /* records read, by event kind */
};

/* "read 12, delivered 10, filtered 0, dead-lettered 0, in flight 2, adds up; gaps 0 (0 bytes)". False: does not add up,
 * and the text says so. */
bool ps_metrics_format(const struct ps_metrics *m, char *buf, size_t n);
