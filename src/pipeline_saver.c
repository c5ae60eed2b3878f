#include "pipeline_saver.h"

#include <string.h>

#include "base/clock.h"
#include "base/util.h"

#define RETRY_LEAST_USEC (100 * PS_USEC_PER_MSEC)

enum { POSITION_MAX = 64 << 20 };

static void save_or_wait(struct ps_saver *s)
{
    int64_t wait = s->next_usec - ps_clock_monotonic();
    if (wait <= 0 && ps_saver_save(s) == 0)
        return;
    if (s->armed)
        return;
    wait = PS_MAX(s->next_usec - ps_clock_monotonic(), 0);
    s->armed = ps_loop_timer_set(s->timer, wait, s->interval / 4) == 0;
}

void ps_saver_changed(struct ps_saver *s)
{
    s->dirty = true;
    if (!s->armed)
        save_or_wait(s);
}

void ps_saver_due(struct ps_saver *s)
{
    s->armed = false;
    if (s->dirty)
        save_or_wait(s);
}

static int position_save(struct ps_saver *s)
{
    struct ps_buf position = {.max = POSITION_MAX};
    int r = s->input->ops->position_write(s->input, &position);
    if (r == 0)
        r = ps_checkpoint_save(s->checkpoint, s->input->ops->kind, ps_buf_slice(&position));
    ps_buf_done(&position);
    return r;
}

int ps_saver_save(struct ps_saver *s)
{
    if (!s->dirty)
        return 0;
    int r = position_save(s);
    s->next_usec = ps_clock_monotonic() + s->interval;
    if (r < 0) {
        s->next_usec = PS_MAX(s->next_usec, ps_clock_monotonic() + RETRY_LEAST_USEC);
        ps_log_limited(&s->limit, PS_LOG_ERROR,
                       "pipeline %s: %s: can't save the checkpoint: %s; make room or set its rights right. Nothing is "
                       "lost; after a crash, what was sent since the last one is sent again",
                       s->name, ps_checkpoint_path(s->checkpoint), strerror(-r));
        return r;
    }
    s->dirty = false;
    ps_metrics_begin(s->metrics);
    ps_metric_add(&s->metrics->checkpoints, 1);
    ps_metrics_end(s->metrics);
    return 0;
}
