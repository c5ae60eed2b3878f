/* The contract of an output: each record completed once, `done` or `refused`; everything else is `rewind`.
 *
 * All calls, in both directions, happen on the pipeline's thread. Callbacks come from within poll events of the loop,
 * from `submit` or `flush`; never from `purge` or `close`. */
#pragma once

#include <stdint.h>

#include "base/log.h"
#include "base/option.h"
#include "lib/loop.h"
#include "postship/slice.h"

/* One encoded record. The bytes belong to the window and stay until the record is completed and the window's head has
 * moved past it, or until `purge` has returned: an output need not copy them. */
struct ps_message {
    struct ps_slice value;
    struct ps_slice key; /* queue id, else host; may be empty */
    int64_t time_usec;   /* of the event, since 1970 UTC */
};

/* What the pipeline gives the output; outlives it. */
struct ps_output_host {
    const char *name; /* of the pipeline, for messages and client ids */
    struct ps_loop *loop;
    /* The destination has it for good. In any order. */
    void (*done)(void *ctx, uint64_t seq);
    /* The destination will never take it, though it takes others: becomes a dead letter. `reason` is copied. */
    void (*refused)(void *ctx, uint64_t seq, const char *reason);
    /* The output can't go on: the pipeline purges it and, after a backoff, submits all that is not completed, from the
     * window, in order. `why` is said in the log (rate-limited): what went wrong and what to do. May be called from
     * within `submit`. */
    void (*rewind)(void *ctx, const char *why);
    /* After -EAGAIN of `submit`: there is room again. */
    void (*writable)(void *ctx);
    void *ctx;
};

struct ps_output {
    const struct ps_output_ops *ops;
};

struct ps_output_ops {
    const char *kind; /* the key in the configuration: "kafka" */
    const char *doc;  /* one line */
    struct ps_option_table options;

    /* What rows can't say (librdkafka's own properties): 0, or -EINVAL with a message in buf. NULL: nothing to check.
     * Connects nowhere. */
    int (*check)(const void *options, char *buf, size_t n);

    /* `options` and host are borrowed until close. Connects in the background, or at the first submit: a destination
     * that is away is not an error. 0, or negative errno where no retry can help, with a message in buf. */
    int (*open)(const void *options, const struct ps_output_host *host, struct ps_output **ret, char *buf, size_t n);

    /* Takes one record; seq grows by one or more from call to call, but starts lower after a purge. 0: taken. -EAGAIN:
     * its queue is full, `writable` will be called. Any other negative errno: treated like a rewind with that reason.
     */
    int (*submit)(struct ps_output *out, uint64_t seq, const struct ps_message *m);

    /* No more records come for now: what it keeps back to make batches should go on its way. Does not wait. */
    void (*flush)(struct ps_output *out);

    /* Forgets all that was submitted and not completed, and drops what it holds of their bytes, before it returns. No
     * callback for them comes afterwards. The next submit starts anew (connection, producer). */
    void (*purge)(struct ps_output *out);

    /* As purge, and frees all; NULL is fine. Returns NULL. */
    struct ps_output *(*close)(struct ps_output *out);
};

/* All outputs of this build, NULL-terminated; output/kinds.c. */
extern const struct ps_output_ops *const ps_output_kinds[];
