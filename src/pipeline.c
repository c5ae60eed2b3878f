#include "pipeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "pipeline_parts.h"

/* Records are read and submitted in small groups, whose bytes are still in the processor's cache when the output takes
 * them; and no more than some groups a turn of the loop, so that the output's callbacks run in between. */
enum { GROUP = 50, GROUPS_A_TURN = 20 };

static void end(struct ps_pipeline *p, enum ps_pipeline_result result)
{
    p->result = result;
    p->ending = true;
    ps_loop_stop(p->loop);
}

static void on_broken(void *ctx, int error)
{
    struct ps_pipeline *p = ctx;
    ps_log(PS_LOG_ERROR, "pipeline %s: the event loop fails: %s; the pipeline ends, start postship again", p->s.name,
           strerror(-error));
    end(p, PS_PIPELINE_FAILED);
}

static void turn_ask(void *ctx)
{
    struct ps_pipeline *p = ctx;
    int r = ps_loop_deferred_trigger(p->turn);
    if (r < 0)
        on_broken(p, r);
}

static void timer_arm(struct ps_pipeline *p, struct ps_loop_source *timer, int64_t delay)
{
    int r = ps_loop_timer_set(timer, delay, 0);
    if (r < 0)
        on_broken(p, r);
}

static bool all_confirmed(const struct ps_pipeline *p)
{
    return !p->intake.has_record && ps_window_head(p->window) == ps_window_tail(p->window);
}

/* The run of completed records at the window's head. True: there was one, so there is room again. */
static bool head_confirm(struct ps_pipeline *p)
{
    struct ps_position last;
    enum ps_slot_state state;
    bool any = false;
    while (ps_window_pop(p->window, &last, &state))
        any = true;
    if (!any)
        return false;
    p->progress_usec = ps_clock_monotonic();
    p->intake.input->ops->confirm(p->intake.input, &last);
    ps_saver_changed(&p->saver);
    return true;
}

static enum ps_intake_state records_move(struct ps_pipeline *p)
{
    enum ps_intake_state state = PS_INTAKE_MORE;
    int error = 0;
    for (int i = 0; i < GROUPS_A_TURN && state == PS_INTAKE_MORE; i++) {
        state = ps_intake_run(&p->intake, p->stopping ? 0 : GROUP, &error);
        ps_delivery_run(p->delivery);
        if (head_confirm(p) && state == PS_INTAKE_FULL)
            state = PS_INTAKE_MORE;
        if (p->stopping && !p->intake.has_record)
            state = PS_INTAKE_EMPTY;
    }
    if (state == PS_INTAKE_FAILED) {
        ps_log_limited(&p->intake_limit, PS_LOG_ERROR, "pipeline %s: %s%s; nothing is lost, trying again", p->s.name,
                       error == -ENOMEM ? "" : "a record too large for the window can't be kept as a dead letter: ",
                       strerror(-error));
        timer_arm(p, p->intake_retry, ps_retry_delay(&p->intake_backoff));
    } else {
        ps_retry_succeeded(&p->intake_backoff);
    }
    return state;
}

/* What was confirmed is saved; dead letters are no success for who wanted everything delivered. */
static void last_save(struct ps_pipeline *p, enum ps_pipeline_result result)
{
    struct ps_metrics_view seen;
    ps_metrics_look(&p->metrics, &seen);
    if (ps_saver_save(&p->saver) < 0 || (p->s.once && seen.dead > 0))
        result = PS_PIPELINE_INCOMPLETE;
    end(p, result);
}

/* Records were read, or confirmed, though perhaps not yet those at the head. */
static void progress_note(struct ps_pipeline *p)
{
    struct ps_metrics_view seen;
    ps_metrics_look(&p->metrics, &seen);
    uint64_t progress = seen.read + seen.delivered + seen.dead;
    if (progress != p->progress)
        p->progress_usec = ps_clock_monotonic();
    p->progress = progress;
}

static void on_turn(void *ctx)
{
    struct ps_pipeline *p = ctx;
    if (p->ending)
        return;
    enum ps_intake_state state = records_move(p);
    if (p->first_start) {
        /* where it started must not be forgotten: read_from: end would start at another end next time */
        p->first_start = false;
        ps_saver_changed(&p->saver);
    }
    progress_note(p);
    if (state == PS_INTAKE_MORE) {
        turn_ask(p);
        return;
    }
    ps_delivery_flush(p->delivery);
    if (!all_confirmed(p))
        return; /* a confirmation asks for the next turn */
    if (p->stopping || (p->s.once && state == PS_INTAKE_EMPTY)) {
        last_save(p, PS_PIPELINE_COMPLETE);
        return;
    }
    ps_window_trim(p->window);
    ps_intake_trim(&p->intake);
}

static void on_save_timer(void *ctx)
{
    struct ps_pipeline *p = ctx;
    ps_saver_due(&p->saver);
}

/* once: nothing moves any more. Stopping: the time for confirmations is over. */
static void on_deadline(void *ctx)
{
    struct ps_pipeline *p = ctx;
    if (p->stopping) {
        last_save(p, PS_PIPELINE_COMPLETE);
        return;
    }
    int64_t left = p->progress_usec + p->s.once_timeout - ps_clock_monotonic();
    if (left > 0) {
        timer_arm(p, p->deadline, left);
        return;
    }
    ps_log(PS_LOG_ERROR,
           "pipeline %s: no progress for %" PRId64 " s: %" PRIu64
           " records are read but not confirmed; what was confirmed is saved, the rest will be sent at the next start",
           p->s.name, p->s.once_timeout / PS_USEC_PER_SEC,
           atomic_load_explicit(&p->metrics.in_flight, memory_order_relaxed));
    last_save(p, PS_PIPELINE_INCOMPLETE);
}

static void on_stop_asked(void *ctx, uint32_t events)
{
    struct ps_pipeline *p = ctx;
    uint64_t count;
    (void)events;
    if (read(p->stop_fd, &count, sizeof count) < 0 || p->stopping)
        return;
    p->stopping = true;
    timer_arm(p, p->deadline, p->s.shutdown_timeout);
    turn_ask(p);
}

static void *thread_run(void *arg)
{
    struct ps_pipeline *p = arg;
    p->progress_usec = ps_clock_monotonic();
    if (p->s.once)
        timer_arm(p, p->deadline, p->s.once_timeout);
    turn_ask(p);
    int r = p->ending ? 0 : ps_loop_run(p->loop);
    if (r < 0)
        on_broken(p, r);

    ps_pipeline_parts_close(p);
    if (p->s.ended)
        p->s.ended(p->s.ctx);
    return NULL;
}

int ps_pipeline_start(const struct ps_pipeline_setup *setup, struct ps_pipeline **ret)
{
    static const struct ps_pipeline_callbacks callbacks = {.turn = on_turn,
                                                           .turn_ask = turn_ask,
                                                           .save_timer = on_save_timer,
                                                           .deadline = on_deadline,
                                                           .stop_asked = on_stop_asked,
                                                           .broken = on_broken};
    struct ps_pipeline *p = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *p);
    if (!p) {
        ps_log(PS_LOG_ERROR, "pipeline %s: can't start: out of memory", setup->name);
        return -ENOMEM;
    }
    p->s = *setup;
    p->result = PS_PIPELINE_FAILED;
    int r = ps_pipeline_parts_open(p, &callbacks);
    if (r == 0) {
        r = -pthread_create(&p->thread, NULL, thread_run, p);
        p->has_thread = r == 0;
        if (r < 0)
            ps_log(PS_LOG_ERROR, "pipeline %s: can't start a thread: %s", setup->name, strerror(-r));
    }
    if (r < 0) {
        ps_pipeline_free(p);
        return r;
    }
    *ret = p;
    return 0;
}

void ps_pipeline_stop(struct ps_pipeline *p)
{
    const uint64_t one = 1;
    /* fails only where the counter is full: then it was asked for before */
    ssize_t ignored = write(p->stop_fd, &one, sizeof one);
    (void)ignored;
}

enum ps_pipeline_result ps_pipeline_join(struct ps_pipeline *p)
{
    if (p->has_thread)
        (void)pthread_join(p->thread, NULL);
    p->has_thread = false;
    return p->result;
}

struct ps_pipeline *ps_pipeline_free(struct ps_pipeline *p)
{
    if (p)
        ps_pipeline_parts_done(p);
    free(p);
    return NULL;
}

const struct ps_metrics *ps_pipeline_metrics(const struct ps_pipeline *p)
{
    return &p->metrics;
}
