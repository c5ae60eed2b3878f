#include "metrics.h"

#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>

void ps_metrics_begin(struct ps_metrics *m)
{
    ps_metric_add(&m->generation, 1);
}

void ps_metrics_end(struct ps_metrics *m)
{
    ps_metric_add(&m->generation, 1);
}

static uint64_t metric_read(const _Atomic uint64_t *metric)
{
    return atomic_load_explicit(metric, memory_order_acquire);
}

/* Whoever sees one count of a change sees its begin too: the writer stores with release, this loads with acquire. */
static bool try_look(const struct ps_metrics *m, struct ps_metrics_view *ret)
{
    uint64_t before = metric_read(&m->generation);
    *ret = (struct ps_metrics_view){
        .generation = before,
        .read = metric_read(&m->read),
        .delivered = metric_read(&m->delivered),
        .filtered = metric_read(&m->filtered),
        .dead = metric_read(&m->dead),
        .in_flight = metric_read(&m->in_flight),
        .gaps = metric_read(&m->gaps),
        .gap_bytes = metric_read(&m->gap_bytes),
        .rewinds = metric_read(&m->rewinds),
        .checkpoints = metric_read(&m->checkpoints),
    };
    return before % 2 == 0 && metric_read(&m->generation) == before;
}

void ps_metrics_look(const struct ps_metrics *m, struct ps_metrics_view *ret)
{
    while (!try_look(m, ret))
        (void)sched_yield();
}

bool ps_metrics_format(const struct ps_metrics *m, char *buf, size_t n)
{
    struct ps_metrics_view v;
    ps_metrics_look(m, &v);
    bool adds_up = v.read == v.delivered + v.filtered + v.dead + v.in_flight;
    (void)snprintf(buf, n,
                   "read %" PRIu64 ", delivered %" PRIu64 ", filtered %" PRIu64 ", dead-lettered %" PRIu64
                   ", in flight %" PRIu64 ", %s; gaps %" PRIu64 " (%" PRIu64 " bytes)",
                   v.read, v.delivered, v.filtered, v.dead, v.in_flight, adds_up ? "adds up" : "DOES NOT ADD UP",
                   v.gaps, v.gap_bytes);
    return adds_up;
}

struct kind_count {
    struct ps_slice name;
    uint64_t n;
};

static int kind_count_compare(const void *a, const void *b)
{
    const struct kind_count *x = a, *y = b;
    if (x->n != y->n)
        return x->n < y->n ? 1 : -1;
    return strcmp(x->name.p, y->name.p); /* names are literals */
}

void ps_metrics_kinds_print(const uint64_t kinds[PS_KIND_COUNT], FILE *out)
{
    struct kind_count counts[PS_KIND_COUNT];
    size_t n = 0;
    for (size_t i = 0; i < PS_KIND_COUNT; i++)
        if (kinds[i])
            counts[n++] = (struct kind_count){ps_kind_infos[i].name, kinds[i]};
    qsort(counts, n, sizeof counts[0], kind_count_compare);
    for (size_t i = 0; i < n; i++)
        (void)fprintf(out, "%12" PRIu64 " %s\n", counts[i].n, counts[i].name.p);
}
