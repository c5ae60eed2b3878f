#include "lib/loop.h"

#include <stdlib.h>
#include <systemd/sd-event.h>

#include "base/fault.h"
#include "base/util.h"

struct ps_loop {
    sd_event *event;
};

struct ps_loop_source {
    sd_event_source *source;
    union {
        void (*io)(void *ctx, uint32_t events);
        void (*plain)(void *ctx);
        void (*signal)(void *ctx, int signo);
    } cb;
    void *ctx;
};

int ps_loop_new(struct ps_loop **ret)
{
    struct ps_loop *loop = ps_fault(PS_FAULT_MALLOC) ? NULL : malloc(sizeof *loop);
    if (!loop)
        return -ENOMEM;
    int r = sd_event_new(&loop->event);
    if (r < 0) {
        free(loop);
        return r;
    }
    *ret = loop;
    return 0;
}

struct ps_loop *ps_loop_free(struct ps_loop *loop)
{
    if (loop)
        (void)sd_event_unref(loop->event);
    free(loop);
    return NULL;
}

static struct ps_loop_source *source_new(void *ctx)
{
    struct ps_loop_source *s = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *s);
    if (s)
        s->ctx = ctx;
    return s;
}

/* The common end of all registrations: r is what sd-event said. */
static int source_give(struct ps_loop_source *s, int r, struct ps_loop_source **ret)
{
    if (r < 0) {
        free(s);
        return r;
    }
    *ret = s;
    return 0;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct ps_loop_source *s = userdata;
    (void)source, (void)fd;
    s->cb.io(s->ctx, events);
    return 0;
}

int ps_loop_io_add(struct ps_loop *loop, int fd, uint32_t events, void (*cb)(void *ctx, uint32_t events), void *ctx,
                   struct ps_loop_source **ret)
{
    struct ps_loop_source *s = source_new(ctx);
    if (!s)
        return -ENOMEM;
    s->cb.io = cb;
    return source_give(s, sd_event_add_io(loop->event, &s->source, fd, events, on_io, s), ret);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct ps_loop_source *s = userdata;
    (void)source, (void)usec;
    s->cb.plain(s->ctx);
    return 0;
}

int ps_loop_timer_add(struct ps_loop *loop, void (*cb)(void *ctx), void *ctx, struct ps_loop_source **ret)
{
    struct ps_loop_source *s = source_new(ctx);
    if (!s)
        return -ENOMEM;
    s->cb.plain = cb;
    int r = sd_event_add_time(loop->event, &s->source, CLOCK_MONOTONIC, UINT64_MAX, 0, on_timer, s);
    if (r >= 0)
        r = sd_event_source_set_enabled(s->source, SD_EVENT_OFF);
    if (r < 0)
        s->source = sd_event_source_unref(s->source);
    return source_give(s, r, ret);
}

int ps_loop_timer_set(struct ps_loop_source *s, int64_t delay_us, int64_t slack_us)
{
    if (delay_us < 0)
        return sd_event_source_set_enabled(s->source, SD_EVENT_OFF);
    /* 0 would stand for sd-event's own default of 250 ms */
    int r = sd_event_source_set_time_accuracy(s->source, slack_us > 0 ? (uint64_t)slack_us : 1);
    if (r >= 0)
        r = sd_event_source_set_time_relative(s->source, (uint64_t)delay_us);
    if (r >= 0)
        r = sd_event_source_set_enabled(s->source, SD_EVENT_ONESHOT);
    return r;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    struct ps_loop_source *s = userdata;
    (void)source;
    s->cb.signal(s->ctx, (int)info->ssi_signo);
    return 0;
}

int ps_loop_signal_add(struct ps_loop *loop, int signo, void (*cb)(void *ctx, int signo), void *ctx,
                       struct ps_loop_source **ret)
{
    struct ps_loop_source *s = source_new(ctx);
    if (!s)
        return -ENOMEM;
    s->cb.signal = cb;
    return source_give(s, sd_event_add_signal(loop->event, &s->source, signo, on_signal, s), ret);
}

static int on_deferred(sd_event_source *source, void *userdata)
{
    struct ps_loop_source *s = userdata;
    (void)source;
    s->cb.plain(s->ctx);
    return 0;
}

int ps_loop_deferred_add(struct ps_loop *loop, void (*cb)(void *ctx), void *ctx, struct ps_loop_source **ret)
{
    struct ps_loop_source *s = source_new(ctx);
    if (!s)
        return -ENOMEM;
    s->cb.plain = cb;
    int r = sd_event_add_defer(loop->event, &s->source, on_deferred, s);
    if (r >= 0)
        r = sd_event_source_set_enabled(s->source, SD_EVENT_OFF);
    if (r < 0)
        s->source = sd_event_source_unref(s->source);
    return source_give(s, r, ret);
}

int ps_loop_deferred_trigger(struct ps_loop_source *s)
{
    return sd_event_source_set_enabled(s->source, SD_EVENT_ONESHOT);
}

struct ps_loop_source *ps_loop_source_free(struct ps_loop_source *s)
{
    if (s)
        (void)sd_event_source_disable_unref(s->source);
    free(s);
    return NULL;
}

int ps_loop_run(struct ps_loop *loop)
{
    return sd_event_loop(loop->event);
}

int ps_loop_once(struct ps_loop *loop, int64_t timeout_us)
{
    int r = sd_event_run(loop->event, timeout_us < 0 ? UINT64_MAX : (uint64_t)timeout_us);
    return r < 0 ? r : 0;
}

void ps_loop_stop(struct ps_loop *loop)
{
    (void)sd_event_exit(loop->event, 0);
}
