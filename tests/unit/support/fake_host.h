/* Stands in for the pipeline: keeps the bytes of each record in a block of its own, which is freed the moment the
 * record is completed, so that the sanitizers see every late use; counts what comes back, and sends again after a
 * rewind. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output/output.h"

enum fake_state { FAKE_UNUSED, FAKE_OPEN, FAKE_DONE, FAKE_REFUSED };

enum { FAKE_RECORDS = 20000, FAKE_TEXT = 1024 };

struct fake_host {
    struct ps_output_host host;
    struct ps_loop *loop;
    const struct ps_output_ops *ops;
    const void *options;
    struct ps_output *out;
    bool purge_at_once; /* from within `rewind`, else from the loop */
    bool hold;          /* after a rewind: send nothing again until the test does */
    bool silent;        /* purge or close is running: a callback now is an error */

    struct fake_record {
        char *bytes;
        size_t n;
        enum fake_state state;
    } records[FAKE_RECORDS];
    uint64_t head, next; /* the first that may be open; the next to be submitted */
    uint64_t made;       /* as many records exist */
    bool rewinding;

    size_t done, refused, rewinds, writables, errors; /* errors: broken rules of the contract */
    char why[FAKE_TEXT];                              /* of the last rewind */
    char reason[FAKE_TEXT];                           /* of the last refusal */
    /* Called before a record counts as done; may be NULL. */
    void (*on_done)(void *ctx, uint64_t seq);
    void *ctx;
};

void fake_host_open(struct fake_host *h, const struct ps_output_ops *ops, const void *options);
void fake_host_close(struct fake_host *h);

/* A record {"n":SEQ,"pad":"x…"} of at least n bytes; returns its number. It is not submitted. */
uint64_t fake_host_make(struct fake_host *h, size_t n);
void fake_host_make_many(struct fake_host *h, size_t count, size_t n);

/* Submits what isn't yet, until -EAGAIN, then flushes. */
void fake_host_submit(struct fake_host *h);
/* Purges, damages and moves the bytes of all open records, and starts from the first of them. */
void fake_host_purge(struct fake_host *h);
/* One turn of the loop: at most 100 ms; then what a rewind asks for. */
void fake_host_turn(struct fake_host *h);
/* Submits and turns until all that was made is completed. */
void fake_host_settle(struct fake_host *h);
