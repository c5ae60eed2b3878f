#include "pipeline_delivery.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/util.h"

enum { REASON_MAX = 256 };

enum delivery_state {
    SUBMITTING,
    BLOCKED, /* the output takes no more; it calls writable */
    FAILED,  /* it asked for a rewind; the purge comes from the loop, outside the output's own calls */
    WAITING  /* purged; the timer runs */
};

/* A record that the output completed as refused and whose dead letter could not be written yet. */
struct refusal {
    uint64_t seq;
    char reason[REASON_MAX];
};

struct ps_delivery {
    struct ps_delivery_setup s;
    struct ps_output_host host;
    struct ps_output *output;
    struct ps_loop_source *purge, *backoff, *dead_retry;

    enum delivery_state state;
    uint64_t cursor;    /* the next sequence number to submit */
    bool submitted;     /* since the last flush */
    bool writable_seen; /* since the last submit */
    bool failing;       /* it asked for a rewind and has delivered nothing since */
    struct ps_retry retry;

    struct refusal *refusals;
    size_t refusals_n, refusals_size;
    struct ps_retry dead_backoff;

    struct ps_log_limit rewind_limit, recovered_limit, dead_limit, refused_limit;
};

static void completed_count(struct ps_delivery *d, uint64_t seq, enum ps_slot_state state)
{
    if (ps_window_is_gap(d->s.window, seq))
        return;
    struct ps_metrics *m = d->s.metrics;
    ps_metrics_begin(m);
    ps_metric_add(state == PS_SLOT_DEAD ? &m->dead : &m->delivered, 1);
    ps_metric_subtract(&m->in_flight, 1);
    ps_metrics_end(m);
}

/* False where it was completed before, or never submitted. */
static bool record_complete(struct ps_delivery *d, uint64_t seq, enum ps_slot_state state)
{
    if (seq >= d->cursor || !ps_window_mark(d->s.window, seq, state))
        return false;
    completed_count(d, seq, state);
    d->s.changed(d->s.ctx);
    return true;
}

static void on_done(void *ctx, uint64_t seq)
{
    struct ps_delivery *d = ctx;
    if (!record_complete(d, seq, PS_SLOT_DELIVERED))
        return;
    ps_retry_succeeded(&d->retry);
    if (d->failing && d->state != FAILED)
        ps_log_limited(&d->recovered_limit, PS_LOG_NOTICE, "pipeline %s: the output takes records again", d->s.name);
    d->failing = d->failing && d->state == FAILED;
}

static void on_rewind(void *ctx, const char *why)
{
    struct ps_delivery *d = ctx;
    if (d->state == FAILED || d->state == WAITING)
        return;
    d->state = FAILED;
    d->failing = true;
    ps_log_limited(&d->rewind_limit, PS_LOG_WARNING, "pipeline %s: output: %s; nothing is lost, trying again",
                   d->s.name, why);
    int r = ps_loop_deferred_trigger(d->purge);
    if (r < 0)
        d->s.broken(d->s.ctx, r);
}

static void on_purge(void *ctx)
{
    struct ps_delivery *d = ctx;
    d->s.output->purge(d->output);
    d->cursor = ps_window_head(d->s.window);
    d->submitted = false;
    d->refusals_n = 0; /* they are submitted again, and refused again */
    d->state = WAITING;
    ps_metrics_begin(d->s.metrics);
    ps_metric_add(&d->s.metrics->rewinds, 1);
    ps_metrics_end(d->s.metrics);
    int r = ps_loop_timer_set(d->backoff, ps_retry_delay(&d->retry), 0);
    if (r < 0)
        d->s.broken(d->s.ctx, r);
}

static void on_backoff(void *ctx)
{
    struct ps_delivery *d = ctx;
    d->state = SUBMITTING;
    d->s.changed(d->s.ctx);
}

static void on_writable(void *ctx)
{
    struct ps_delivery *d = ctx;
    d->writable_seen = true;
    if (d->state != BLOCKED)
        return;
    d->state = SUBMITTING;
    d->s.changed(d->s.ctx);
}

/* 0: the letter is kept and the record completed, or it needs none. */
static int refusal_settle(struct ps_delivery *d, uint64_t seq, const char *reason)
{
    struct ps_message m;
    if (seq >= d->cursor || !ps_window_get(d->s.window, seq, &m))
        return 0;
    struct ps_dead_letter letter = {
        .reason = reason, .position = ps_window_position(d->s.window, seq), .key = m.key, .value = m.value};
    int r = ps_dead_append(d->s.dead, &letter);
    if (r < 0) {
        ps_log_limited(&d->dead_limit, PS_LOG_ERROR,
                       "pipeline %s: %s: %s: a refused record can't be kept there; the pipeline waits until it can",
                       d->s.name, ps_dead_path(d->s.dead), strerror(-r));
        return r;
    }
    ps_log_limited(&d->refused_limit, PS_LOG_WARNING, "pipeline %s: the output refused a record (%s): kept in %s",
                   d->s.name, reason, ps_dead_path(d->s.dead));
    (void)record_complete(d, seq, PS_SLOT_DEAD);
    return 0;
}

static void dead_retry_arm(struct ps_delivery *d)
{
    int r = ps_loop_timer_set(d->dead_retry, ps_retry_delay(&d->dead_backoff), 0);
    if (r < 0)
        d->s.broken(d->s.ctx, r);
}

static int refusal_hold(struct ps_delivery *d, uint64_t seq, const char *reason)
{
    if (d->refusals_n == d->refusals_size) {
        size_t size = d->refusals_size ? 2 * d->refusals_size : 1;
        struct refusal *p = ps_fault(PS_FAULT_MALLOC) ? NULL : realloc(d->refusals, size * sizeof *p);
        if (!p)
            return -ENOMEM;
        d->refusals = p;
        d->refusals_size = size;
    }
    struct refusal *held = &d->refusals[d->refusals_n++];
    held->seq = seq;
    (void)snprintf(held->reason, sizeof held->reason, "%s", reason);
    dead_retry_arm(d);
    return 0;
}

static void on_refused(void *ctx, uint64_t seq, const char *reason)
{
    struct ps_delivery *d = ctx;
    if (refusal_settle(d, seq, reason) < 0 && refusal_hold(d, seq, reason) < 0)
        on_rewind(d, "out of memory"); /* then it is submitted and refused again */
}

static void on_dead_retry(void *ctx)
{
    struct ps_delivery *d = ctx;
    size_t kept = 0;
    while (kept < d->refusals_n && refusal_settle(d, d->refusals[kept].seq, d->refusals[kept].reason) == 0)
        kept++;
    d->refusals_n -= kept;
    memmove(d->refusals, d->refusals + kept, d->refusals_n * sizeof *d->refusals);
    if (d->refusals_n == 0)
        ps_retry_succeeded(&d->dead_backoff);
    else
        dead_retry_arm(d);
}

void ps_delivery_run(struct ps_delivery *d)
{
    uint64_t seq;
    struct ps_message m;
    while (d->state == SUBMITTING && ps_window_next_open(d->s.window, d->cursor, &seq, &m)) {
        d->cursor = seq + 1; /* it may be completed from within submit */
        d->writable_seen = false;
        int r = d->s.output->submit(d->output, seq, &m);
        if (r == 0) {
            d->submitted = true;
        } else if (r == -EAGAIN) {
            d->cursor = seq;
            if (d->state == SUBMITTING && !d->writable_seen)
                d->state = BLOCKED;
            else
                d->s.changed(d->s.ctx);
            return;
        } else {
            on_rewind(d, strerror(-r));
        }
    }
    if (d->state == SUBMITTING)
        d->cursor = ps_window_tail(d->s.window); /* not again over a long run of filtered records */
}

void ps_delivery_flush(struct ps_delivery *d)
{
    if (!d->submitted || d->state == FAILED || d->state == WAITING)
        return;
    d->submitted = false;
    d->s.output->flush(d->output);
}

int ps_delivery_new(const struct ps_delivery_setup *setup, struct ps_delivery **ret, char *buf, size_t n)
{
    buf[0] = '\0';
    _cleanup_(ps_delivery_freep) struct ps_delivery *d = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->s = *setup;
    d->host = (struct ps_output_host){.name = setup->name,
                                      .loop = setup->loop,
                                      .done = on_done,
                                      .refused = on_refused,
                                      .rewind = on_rewind,
                                      .writable = on_writable,
                                      .ctx = d};
    int r = ps_loop_deferred_add(setup->loop, on_purge, d, &d->purge);
    if (r == 0)
        r = ps_loop_timer_add(setup->loop, on_backoff, d, &d->backoff);
    if (r == 0)
        r = ps_loop_timer_add(setup->loop, on_dead_retry, d, &d->dead_retry);
    if (r == 0)
        r = setup->output->open(setup->output_options, &d->host, &d->output, buf, n);
    if (r < 0)
        return r;
    *ret = d;
    d = NULL;
    return 0;
}

struct ps_delivery *ps_delivery_free(struct ps_delivery *d)
{
    if (d) {
        if (d->output)
            d->s.output->close(d->output);
        ps_loop_source_free(d->purge);
        ps_loop_source_free(d->backoff);
        ps_loop_source_free(d->dead_retry);
        free(d->refusals);
    }
    free(d);
    return NULL;
}
