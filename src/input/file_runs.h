/* In which order the records of several generations were handed out, so that one confirmed position says how far each
 * of them is: consecutive records of one source are one run. */
#pragma once

#include "input/file_generation.h"

struct ps_file_run {
    uint64_t source; /* the generation's number, or that of its gap */
    uint64_t end;    /* behind its last record */
    struct ps_file_generation *generation;
};

/* Zero-initialised it is ready. */
struct ps_file_runs {
    struct ps_file_run *v; /* head..n are open, the oldest first */
    size_t head, n, cap;
};

/* Makes sure that the next push finds room. 0 or -ENOMEM. */
int ps_file_runs_reserve(struct ps_file_runs *r);
void ps_file_runs_push(struct ps_file_runs *r, struct ps_file_generation *g, const struct ps_position *position);
/* Everything up to this record. A position that was not handed out, or was confirmed before, changes nothing. */
void ps_file_runs_confirm(struct ps_file_runs *r, const struct ps_position *position);
/* Forgets a generation that is about to go. */
void ps_file_runs_drop(struct ps_file_runs *r, const struct ps_file_generation *g);
void ps_file_runs_done(struct ps_file_runs *r);
