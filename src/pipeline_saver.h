/* When a pipeline's checkpoint is saved: soon after something was confirmed, but at most once in an interval. No timer
 * runs while nothing changes. */
#pragma once

#include "checkpoint.h"
#include "input/input.h"
#include "metrics.h"

struct ps_saver {
    /* set by the owner, all borrowed */
    const char *name; /* of the pipeline */
    struct ps_checkpoint *checkpoint;
    struct ps_input *input;
    struct ps_metrics *metrics;
    struct ps_loop_source *timer; /* calls ps_saver_due */
    int64_t interval;             /* microseconds */

    /* its own, zero-initialised */
    bool dirty;
    bool armed;
    int64_t next_usec; /* CLOCK_MONOTONIC: not before */
    struct ps_log_limit limit;
};

/* The input confirmed something. */
void ps_saver_changed(struct ps_saver *s);
void ps_saver_due(struct ps_saver *s);

/* Now, if there is anything to save. 0, or negative errno after a message: it is tried again. */
int ps_saver_save(struct ps_saver *s);
