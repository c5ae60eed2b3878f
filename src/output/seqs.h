/* Sequence numbers in ascending order, kept as runs: what was submitted and is not confirmed yet. Filtered records
 * leave holes between the runs. Zero-initialised it is ready. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ps_seq_run {
    uint64_t first, last;
};

struct ps_seqs {
    struct ps_seq_run *v;
    size_t head, n, cap; /* runs: the first in use, behind the last in use, allocated */
    size_t count;        /* sequence numbers */
};

/* seq is above all that are in it. 0 or -ENOMEM. */
int ps_seqs_push(struct ps_seqs *s, uint64_t seq);
/* Takes the lowest out, if it is at most `upto`. */
bool ps_seqs_pop(struct ps_seqs *s, uint64_t upto, uint64_t *ret_seq);
void ps_seqs_clear(struct ps_seqs *s); /* keeps the memory */
void ps_seqs_done(struct ps_seqs *s);
