#include "pipeline_intake.h"

#include <stdio.h>

#include "base/clock.h"
#include "pipeline_gap.h"

/* The scratch buffer's bound is above any record that an input can make of its longest line; at rest it is small. */
enum { SCRATCH_MAX = 1 << 30, SCRATCH_REST = 64 * 1024 };

void ps_intake_init(struct ps_intake *in)
{
    ps_event_init(&in->event);
    in->scratch = (struct ps_buf){.max = SCRATCH_MAX};
}

void ps_intake_done(struct ps_intake *in)
{
    ps_event_done(&in->event);
    ps_buf_done(&in->scratch);
}

void ps_intake_trim(struct ps_intake *in)
{
    if (!in->has_record && in->scratch.cap > SCRATCH_REST)
        ps_buf_done(&in->scratch);
}

static bool is_gap(const struct ps_record *r)
{
    return r->flags & PS_RECORD_GAP;
}

static void record_count(struct ps_intake *in)
{
    struct ps_metrics *m = in->metrics;
    ps_metrics_begin(m);
    if (is_gap(&in->record)) {
        ps_metric_add(&m->gaps, 1);
        ps_metric_add(&m->gap_bytes, in->record.gap_bytes);
    } else {
        ps_metric_add(&m->read, 1);
        ps_metric_add(&m->in_flight, 1);
    }
    ps_metrics_end(m);
}

static int record_encode(struct ps_intake *in, int64_t now)
{
    int r = 0;
    if (is_gap(&in->record))
        r = ps_gap_event(in->line, &in->record, now, &in->event);
    else
        (void)ps_line_event(in->line, &in->record, now, &in->event);
    if (in->event.arena.no_memory)
        r = -ENOMEM; /* the event lacks a field, by which it might be filtered */
    in->filtered = r == 0 && !is_gap(&in->record) && !ps_filter_passes(in->filter, &in->event);
    ps_buf_clear(&in->scratch);
    if (r == 0 && !in->filtered)
        r = ps_json_encode(&in->encoder, &in->event, &in->scratch);
    if (r == -ENOMEM)
        return r;
    if (r < 0) /* past SCRATCH_MAX */
        ps_buf_clear(&in->scratch);
    in->encoded = true;
    ps_metrics_begin(in->metrics);
    ps_metric_add(&in->metrics->kinds[in->event.kind], 1);
    ps_metrics_end(in->metrics);
    return 0;
}

/* The slot comes after the letter, so that the checkpoint can't pass the record without it. An empty window is waited
 * for, which has a slot for sure: else the letter would be written again at each try. */
static int oversize_keep(struct ps_intake *in, const struct ps_message *m)
{
    char reason[96];
    if (ps_window_tail(in->window) != ps_window_head(in->window))
        return -EAGAIN;
    (void)snprintf(reason, sizeof reason, "%zu bytes as JSON do not fit into the window (window_bytes)", m->value.n);
    int r = ps_dead_append(
        in->dead,
        &(struct ps_dead_letter){.reason = reason, .position = in->record.position, .key = m->key, .value = m->value});
    if (r == 0)
        r = ps_window_push_dead(in->window, &in->record.position);
    if (r == 0 && !is_gap(&in->record)) {
        ps_metrics_begin(in->metrics);
        ps_metric_add(&in->metrics->dead, 1);
        ps_metric_subtract(&in->metrics->in_flight, 1);
        ps_metrics_end(in->metrics);
    }
    return r;
}

static int filtered_push(struct ps_intake *in)
{
    int r = ps_window_push_filtered(in->window, &in->record.position);
    if (r < 0)
        return r;
    ps_metrics_begin(in->metrics);
    ps_metric_add(&in->metrics->filtered, 1);
    ps_metric_subtract(&in->metrics->in_flight, 1);
    ps_metrics_end(in->metrics);
    return 0;
}

static int record_push(struct ps_intake *in)
{
    uint64_t seq;
    if (in->filtered)
        return filtered_push(in);
    const struct ps_message m = {
        .value = ps_buf_slice(&in->scratch), .key = ps_line_key(&in->event), .time_usec = in->event.time_usec};
    int r = m.value.n ? ps_window_push(in->window, &in->record.position, &m, is_gap(&in->record), &seq) : -EMSGSIZE;
    return r == -EMSGSIZE ? oversize_keep(in, &m) : r;
}

enum ps_intake_state ps_intake_run(struct ps_intake *in, unsigned most, int *ret_error)
{
    int64_t now = ps_clock_realtime();
    for (;;) {
        int r = 0;
        if (in->has_record && !in->encoded)
            r = record_encode(in, now);
        if (r == 0 && in->has_record)
            r = record_push(in);
        if (r == -EAGAIN)
            return PS_INTAKE_FULL;
        if (r == 0) {
            in->has_record = in->encoded = false;
            if (most-- == 0)
                return PS_INTAKE_MORE;
            r = in->input->ops->next(in->input, &in->record);
            if (r == 0)
                return PS_INTAKE_EMPTY;
        }
        if (r < 0) {
            *ret_error = r;
            return PS_INTAKE_FAILED;
        }
        in->has_record = true;
        record_count(in);
    }
}
