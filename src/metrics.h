/* What a pipeline counts. Written by its thread, read by any. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/fields.h"

struct ps_metrics {
    /* Odd while the writer is between two counts that belong together; so a reader never sees a sum that doesn't add up
     * only because it looked too early. */
    _Atomic uint64_t generation;

    /* read = delivered + filtered + dead + in flight, always */
    _Atomic uint64_t read, delivered, filtered, dead, in_flight;
    _Atomic uint64_t gaps, gap_bytes; /* what the source destroyed before it was read; never part of `read` */
    _Atomic uint64_t rewinds;
    _Atomic uint64_t checkpoints;
    _Atomic uint64_t kinds[PS_KIND_COUNT]; /* events made, by kind: records and gaps */
};

/* For the writer: each change stands between these two. Not nested. */
void ps_metrics_begin(struct ps_metrics *m);
void ps_metrics_end(struct ps_metrics *m);

/* Inside them. There is one writer, so no locked instruction is needed; `release` keeps the change behind its begin. */
static inline void ps_metric_add(_Atomic uint64_t *metric, uint64_t n)
{
    atomic_store_explicit(metric, atomic_load_explicit(metric, memory_order_relaxed) + n, memory_order_release);
}
static inline void ps_metric_subtract(_Atomic uint64_t *metric, uint64_t n)
{
    atomic_store_explicit(metric, atomic_load_explicit(metric, memory_order_relaxed) - n, memory_order_release);
}

/* One moment of the pipeline, from any thread. */
struct ps_metrics_view {
    uint64_t generation; /* the same as before: nothing has changed */
    uint64_t read, delivered, filtered, dead, in_flight, gaps, gap_bytes, rewinds, checkpoints;
};
void ps_metrics_look(const struct ps_metrics *m, struct ps_metrics_view *ret);

/* "read 12, delivered 10, filtered 0, dead-lettered 0, in flight 2, adds up; gaps 0 (0 bytes)". False: does not add up,
 * and the text says so. */
bool ps_metrics_format(const struct ps_metrics *m, char *buf, size_t n);

/* One line a kind that was counted, the most frequent first: "        1234 delivery". */
void ps_metrics_kinds_print(const uint64_t kinds[PS_KIND_COUNT], FILE *out);
