/* One input, its stages, one output; its own thread, window and checkpoint. */
#pragma once

#include "base/option.h"
#include "input/input.h"
#include "line.h"
#include "metrics.h"
#include "output/output.h"
#include "transform/filter.h"

struct ps_pipeline;

/* All borrowed until the pipeline is freed. */
struct ps_pipeline_setup {
    const char *name;
    const char *state_dir;
    const struct ps_input_ops *input;
    const void *input_options;
    const struct ps_output_ops *output;
    const void *output_options;
    const struct ps_line *line;
    const struct ps_filter *filter; /* NULL: everything goes on */
    struct ps_slice host_id;
    const struct ps_pairs *add;  /* constant members of each event */
    size_t window, window_bytes; /* records, bytes */
    bool once;
    int64_t once_timeout;        /* microseconds without any progress; once only */
    int64_t shutdown_timeout;    /* microseconds */
    int64_t checkpoint_interval; /* microseconds; saved at most so often, and when idle */
    void (*ended)(void *ctx);    /* from the pipeline's thread, right before it ends, for whatever reason; NULL: none */
    void *ctx;
};

/* Opens checkpoint, input and output, then starts the thread. 0, or negative errno after a message in the log. All
 * signals must be blocked. */
int ps_pipeline_start(const struct ps_pipeline_setup *setup, struct ps_pipeline **ret);

/* Asks it to stop: stop reading, flush, wait for confirmations for at most shutdown_timeout, save. Thread safe. */
void ps_pipeline_stop(struct ps_pipeline *p);

enum ps_pipeline_result {
    PS_PIPELINE_COMPLETE,   /* all that was read is delivered, filtered (or the pipeline was stopped) and the checkpoint
                               says so */
    PS_PIPELINE_INCOMPLETE, /* once: no progress within the timeout, dead letters, or the checkpoint could not be saved
                             */
    PS_PIPELINE_FAILED      /* could not go on; the log says why */
};

/* Waits for the thread. */
enum ps_pipeline_result ps_pipeline_join(struct ps_pipeline *p);
struct ps_pipeline *ps_pipeline_free(struct ps_pipeline *p); /* after join; NULL is fine */

const struct ps_metrics *ps_pipeline_metrics(const struct ps_pipeline *p);
