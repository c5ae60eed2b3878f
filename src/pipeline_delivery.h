/* From the window to the output: submits in order, takes confirmations in any order, and after a failure of the output
 * starts again at the oldest open record, with a growing delay. */
#pragma once

#include "base/util.h"
#include "dead.h"
#include "metrics.h"
#include "output/output.h"
#include "retry.h"
#include "window.h"

struct ps_delivery;

/* All borrowed until ps_delivery_free. */
struct ps_delivery_setup {
    const char *name; /* of the pipeline */
    struct ps_loop *loop;
    struct ps_window *window;
    struct ps_dead *dead;
    struct ps_metrics *metrics;
    const struct ps_output_ops *output;
    const void *output_options;
    /* Something changed: a record was completed, or there is something to submit again. The owner looks later, not from
     * within this call. */
    void (*changed)(void *ctx);
    /* The event loop takes no more timers: nothing can go on. */
    void (*broken)(void *ctx, int error);
    void *ctx;
};

/* Opens the output. 0 or negative errno, with a message in buf where the output gave one (else empty). */
int ps_delivery_new(const struct ps_delivery_setup *setup, struct ps_delivery **ret, char *buf, size_t n);
struct ps_delivery *ps_delivery_free(struct ps_delivery *d); /* closes the output */
PS_CLEANUP_DEFINE(struct ps_delivery, ps_delivery_free)

/* Submits what is open and was not submitted yet, as far as the output takes it now. */
void ps_delivery_run(struct ps_delivery *d);

/* No more records come for now: has the output send what it keeps back. Does nothing where nothing was submitted since
 * the last time. */
void ps_delivery_flush(struct ps_delivery *d);
