/* A pipeline's two ends in memory: an input of numbered lines, and an output that does what a script and chance say.
 * Both note what happened, and the first thing that breaks a promise. */
#pragma once

#include <semaphore.h>
#include <stdatomic.h>

#include "pipeline.h"

enum { WORLD_LINES_MAX = 4000, WORLD_PENDING_MAX = 256 };

/* Chances are out of 1000. */
struct world_script {
    uint64_t lines;     /* serials 1 … lines are there to read */
    unsigned gap_every; /* each so many-th is a gap; 0: none */
    unsigned size_most; /* bytes of a line, by serial; 0: a few */
    unsigned filter;    /* of lines, by serial: from an address in WORLD_FILTERED, for the pipeline's filter to drop */
    uint64_t large;     /* this serial, no gap, has WORLD_LARGE bytes: more than the window holds */

    unsigned pause;      /* of `next`: nothing now, ready is called later; not with once */
    uint64_t no_memory;  /* `next` fails once before this serial */
    unsigned again;      /* of `submit`: -EAGAIN, writable is called later */
    unsigned fails;      /* of `submit`: -EIO */
    unsigned rewind;     /* from `submit` and in between */
    unsigned at_once;    /* done from within `submit` */
    unsigned refuse;     /* instead of done, by serial: the same one is refused again */
    unsigned twice;      /* done is called again for what is done */
    bool on_flush;       /* done only from within `flush` */
    bool in_order;       /* else in any order */
    uint64_t hang_after; /* so many confirmations, then none; 0: never */
    bool dead_late;      /* dead letters can not be written at first */
};

enum { WORLD_LARGE = 6000 };

#define WORLD_FILTERED "filtered.example"

struct world_pending {
    uint64_t seq, serial;
    struct ps_slice value; /* borrowed from the window */
};

struct world {
    struct world_script script;
    uint64_t random;                        /* not 0 */
    _Atomic(struct ps_pipeline *) pipeline; /* to look at its counts; NULL: not started yet */
    const char *dead_path;                  /* NULL: no refusals */
    sem_t reached;                          /* posted when as many records as `notify_at` are completed */
    uint64_t notify_at;

    /* over all runs */
    char error[256]; /* the first broken promise; empty: none */
    uint16_t delivered[WORLD_LINES_MAX + 1], refused[WORLD_LINES_MAX + 1];
    bool filtered[WORLD_LINES_MAX + 1]; /* the pipeline has taken it and went on, or it was confirmed */
    uint64_t completed_to;              /* all up to here are completed */
    uint64_t confirmations, deliveries, rewinds, saves, refusals;
    uint64_t saved; /* the serial of the last position that was written */
    bool memory_failed;

    /* of this run */
    struct ps_input input;
    const struct ps_input_host *input_host;
    struct ps_loop_source *input_timer;
    uint64_t next, confirmed;
    uint64_t budget;                  /* no more records in this run; 0: no limit */
    uint64_t first;                   /* serials below were confirmed in earlier runs */
    uint64_t read, completed;         /* records, without gaps; completed: nor those that are filtered */
    uint64_t filtered_to, filtered_n; /* seen up to here; so many */
    bool large_kept;
    int thread; /* its id, when the first record was asked for */
    char line[WORLD_LARGE + 64];
    struct ps_source source;

    struct ps_output output;
    const struct ps_output_host *output_host;
    struct ps_loop_source *work;
    struct world_pending pending[WORLD_PENDING_MAX];
    size_t pending_n;
    uint64_t last_seq;
    bool blocked, rewinding, submitted;
};

/* Options of both are a struct world *. */
extern const struct ps_input_ops world_input;
extern const struct ps_output_ops world_output;

void world_init(struct world *w, const struct world_script *script, uint64_t seed);
void world_done(struct world *w);

/* Every serial is completed, and (where none `may_repeat`) once, and no promise was broken; else the text in w->error
 * says so. */
bool world_complete(struct world *w, bool may_repeat);
