#include "input/file_runs.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/util.h"

enum { RUNS_FIRST = 16 };

int ps_file_runs_reserve(struct ps_file_runs *r)
{
    if (r->n < r->cap)
        return 0;
    if (r->head > 0 && r->head >= r->cap / 2) {
        memmove(r->v, r->v + r->head, (r->n - r->head) * sizeof *r->v);
        r->n -= r->head;
        r->head = 0;
        return 0;
    }
    size_t cap = PS_MAX(2 * r->cap, (size_t)RUNS_FIRST);
    struct ps_file_run *v = ps_fault(PS_FAULT_MALLOC) ? NULL : reallocarray(r->v, cap, sizeof *v);
    if (!v)
        return -ENOMEM;
    r->v = v;
    r->cap = cap;
    return 0;
}

void ps_file_runs_push(struct ps_file_runs *r, struct ps_file_generation *g, const struct ps_position *position)
{
    if (r->n > r->head && r->v[r->n - 1].source == position->source)
        r->v[r->n - 1].end = position->next;
    else
        r->v[r->n++] = (struct ps_file_run){position->source, position->next, g};
}

static void run_confirm(const struct ps_file_run *run, uint64_t upto)
{
    if (run->source == run->generation->gap_number)
        run->generation->gap_open = false;
    else
        run->generation->confirmed = PS_MAX(run->generation->confirmed, upto);
}

void ps_file_runs_confirm(struct ps_file_runs *r, const struct ps_position *position)
{
    size_t at = r->head;
    while (at < r->n && (r->v[at].source != position->source || r->v[at].end < position->next))
        at++;
    if (at == r->n)
        return;
    while (r->head < at) {
        run_confirm(&r->v[r->head], r->v[r->head].end);
        r->head++;
    }
    run_confirm(&r->v[at], position->next);
    if (r->v[at].end == position->next)
        r->head++;
    if (r->head == r->n)
        r->head = r->n = 0;
}

void ps_file_runs_drop(struct ps_file_runs *r, const struct ps_file_generation *g)
{
    size_t kept = 0;
    for (size_t i = r->head; i < r->n; i++)
        if (r->v[i].generation != g)
            r->v[kept++] = r->v[i];
    r->head = 0;
    r->n = kept;
}

void ps_file_runs_done(struct ps_file_runs *r)
{
    free(r->v);
    *r = (struct ps_file_runs){0};
}
