#include "output/seqs.h"

#include <string.h>

#include "base/fault.h"
#include "base/util.h"

enum { SEQS_FIRST = 64 };

static int room_make(struct ps_seqs *s)
{
    if (s->n < s->cap)
        return 0;
    if (s->head > 0) {
        memmove(s->v, s->v + s->head, (s->n - s->head) * sizeof *s->v);
        s->n -= s->head;
        s->head = 0;
        return 0;
    }
    size_t cap = s->cap ? 2 * s->cap : SEQS_FIRST;
    struct ps_seq_run *v = ps_fault(PS_FAULT_MALLOC) ? NULL : reallocarray(s->v, cap, sizeof *v);
    if (!v)
        return -ENOMEM;
    s->v = v;
    s->cap = cap;
    return 0;
}

int ps_seqs_push(struct ps_seqs *s, uint64_t seq)
{
    if (s->n > s->head && s->v[s->n - 1].last + 1 == seq) {
        s->v[s->n - 1].last = seq;
    } else {
        int r = room_make(s);
        if (r < 0)
            return r;
        s->v[s->n++] = (struct ps_seq_run){seq, seq};
    }
    s->count++;
    return 0;
}

bool ps_seqs_pop(struct ps_seqs *s, uint64_t upto, uint64_t *ret_seq)
{
    if (s->head == s->n || s->v[s->head].first > upto)
        return false;
    struct ps_seq_run *run = &s->v[s->head];
    *ret_seq = run->first;
    if (run->first++ == run->last)
        s->head++;
    if (s->head == s->n)
        s->head = s->n = 0;
    s->count--;
    return true;
}

void ps_seqs_clear(struct ps_seqs *s)
{
    s->head = s->n = s->count = 0;
}

void ps_seqs_done(struct ps_seqs *s)
{
    free(s->v);
    *s = (struct ps_seqs){0};
}
