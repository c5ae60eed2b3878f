/* Takes records out of the generations: from the oldest dirty one of a path, one batch of a path after another, so that
 * a long backlog of one file doesn't hold up the others. */
#pragma once

#include "input/file_path.h"
#include "input/file_runs.h"

/* Zero-initialised, with a set, it is ready. */
struct ps_file_reader {
    struct ps_file_set *set; /* borrowed */
    size_t turn;             /* the path whose batch is next */
    struct ps_file_generation *current;
    struct ps_file_runs runs;
    struct ps_log_limit read_limit;
};

/* As `next` of the contract. In `once` mode, where nobody calls later, what couldn't be read now is no end: the failure
 * is returned, and the next call tries again. */
int ps_file_reader_next(struct ps_file_reader *rd, struct ps_record *ret);
void ps_file_reader_confirm(struct ps_file_reader *rd, const struct ps_position *position);

/* Forgets a generation that is about to go. */
void ps_file_reader_drop(struct ps_file_reader *rd, const struct ps_file_generation *g);
void ps_file_reader_done(struct ps_file_reader *rd);
