/* From the input to the window: pulls records, makes each an event, encodes it, puts it into the window. One record is
 * in hand at most: the one for which there was no room, or no memory. */
#pragma once

#include "dead.h"
#include "format/json.h"
#include "input/input.h"
#include "line.h"
#include "metrics.h"
#include "transform/filter.h"
#include "window.h"

enum ps_intake_state {
    PS_INTAKE_MORE,  /* there may be more: call again */
    PS_INTAKE_EMPTY, /* the input has nothing now */
    PS_INTAKE_FULL,  /* no room in the window: call again when its head has moved */
    PS_INTAKE_FAILED /* *ret_error says why: call again later; nothing is lost */
};

struct ps_intake {
    /* set by the owner, all borrowed */
    struct ps_input *input;
    const struct ps_line *line;
    const struct ps_filter *filter; /* NULL: everything goes on */
    struct ps_window *window;
    struct ps_dead *dead;
    struct ps_metrics *metrics;
    struct ps_json_encoder encoder;

    /* its own, zero-initialised */
    bool has_record, encoded; /* the record in hand: pulled; its JSON stands in scratch */
    bool filtered;            /* encoded: it has none, for it goes nowhere */
    struct ps_record record;
    struct ps_event event;
    struct ps_buf scratch;
};

void ps_intake_init(struct ps_intake *in);
void ps_intake_done(struct ps_intake *in);

/* Puts the record in hand into the window, then pulls at most `most` further ones (0: none). A record too large for any
 * window becomes a dead letter at once. */
enum ps_intake_state ps_intake_run(struct ps_intake *in, unsigned most, int *ret_error);

/* For rest: gives back memory that only a large record needed. */
void ps_intake_trim(struct ps_intake *in);
