/* The parts of a pipeline: what they are, how they are made and unmade. Private to pipeline.c and pipeline_parts.c. */
#pragma once

#include <pthread.h>

#include "checkpoint.h"
#include "pipeline.h"
#include "pipeline_delivery.h"
#include "pipeline_intake.h"
#include "pipeline_saver.h"
#include "window.h"

struct ps_pipeline {
    struct ps_pipeline_setup s;
    struct ps_metrics metrics;
    struct ps_input_host host;
    struct ps_buf added; /* the constant members as JSON */

    struct ps_loop *loop;
    struct ps_checkpoint *checkpoint;
    struct ps_window *window;
    struct ps_dead *dead;
    struct ps_intake intake;
    struct ps_delivery *delivery;
    struct ps_saver saver;

    struct ps_loop_source *turn;         /* deferred: the work */
    struct ps_loop_source *stop_asked;   /* the eventfd */
    struct ps_loop_source *intake_retry; /* after a failed intake */
    struct ps_loop_source *save_timer;
    struct ps_loop_source *deadline; /* once: of progress; stopping: of the confirmations */
    int stop_fd;

    bool first_start; /* there was no checkpoint, and none has been saved */
    bool stopping;
    bool ending; /* the result stands, the loop is left */
    enum ps_pipeline_result result;
    int64_t progress_usec; /* CLOCK_MONOTONIC: when a record was last read or confirmed */
    uint64_t progress;     /* grows with each such record */
    struct ps_retry intake_backoff;
    struct ps_log_limit intake_limit;

    pthread_t thread;
    bool has_thread;
};

/* What the parts call. */
struct ps_pipeline_callbacks {
    void (*turn)(void *ctx);     /* the deferred work */
    void (*turn_ask)(void *ctx); /* asks for it */
    void (*save_timer)(void *ctx);
    void (*deadline)(void *ctx);
    void (*stop_asked)(void *ctx, uint32_t events);
    void (*broken)(void *ctx, int error);
};

/* Makes all parts but the thread, in this order: memory, lock and checkpoint, input, output. 0 or negative errno after
 * a message. */
int ps_pipeline_parts_open(struct ps_pipeline *p, const struct ps_pipeline_callbacks *cb);

/* Closes output, input and checkpoint, so that connections, files and the lock are let go of. */
void ps_pipeline_parts_close(struct ps_pipeline *p);

/* The rest too. */
void ps_pipeline_parts_done(struct ps_pipeline *p);
