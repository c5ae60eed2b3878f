/* The contract of an input: records in order, from a position, and the memory of what was confirmed.
 *
 * A pipeline opens one input and calls it on its own thread only. The input registers what it waits for with the loop
 * and calls host->ready when there may be something to read; the pipeline then calls `next` until it returns 0 or the
 * window is full (then it calls again when there is room: that is the only backpressure). */
#pragma once

#include "base/buf.h"
#include "base/log.h"
#include "base/option.h"
#include "lib/json_read.h"
#include "lib/loop.h"
#include "model/record.h"

/* Where the first start begins, when there is no position: every input has this key, by this row, for a member `int
 * read_from`. */
enum ps_read_from { PS_READ_FROM_BEGINNING, PS_READ_FROM_END };
extern const char *const ps_read_from_choices[];
#define PS_INPUT_READ_FROM_ROW(options_type)                                                                           \
    {                                                                                                                  \
        .name = "read_from", .type = PS_OPTION_ENUM, .offset = offsetof(options_type, read_from),                      \
        .standard = "beginning", .choices = ps_read_from_choices,                                                      \
        .doc = "where the first start begins; later ones go on behind what was confirmed",                             \
    }

/* What the pipeline gives the input; outlives it. */
struct ps_input_host {
    const char *name; /* of the pipeline, for messages */
    struct ps_loop *loop;
    struct ps_slice host_id; /* the key from which generation keys derive */
    bool once;               /* read what is there now, not what is written later; watch nothing */
    void (*ready)(void *ctx);
    void *ctx;
};

struct ps_input {
    const struct ps_input_ops *ops;
};

struct ps_input_ops {
    const char *kind; /* the key in the configuration: "file" */
    const char *doc;  /* one line */
    struct ps_option_table options;

    /* `options` (filled by the rows) and host are borrowed until close. `position` is what position_write wrote before,
     * or NULL at the first start; used only during the call. A source that is missing or unreadable now is not an
     * error: the input says so (rate-limited) and takes it when it is there. 0; -EINVAL where `position` isn't one of
     * its own; -ENOMEM; or negative errno where nothing can work (after a message of its own). */
    int (*open)(const void *options, const struct ps_input_host *host, const struct ps_json *position,
                struct ps_input **ret);

    /* 1 and *ret: the next record, valid until the following call. 0: nothing now, `ready` will be called; in `once`
     * mode: all is read. -ENOMEM: nothing read, call again later. Failures of the source are the input's own business:
     * a message, and another try. */
    int (*next)(struct ps_input *in, struct ps_record *ret);

    /* This record, and all that `next` returned before it, are confirmed: called in the order of `next`. Cheap. */
    void (*confirm)(struct ps_input *in, const struct ps_position *position);

    /* Appends the confirmed state as one JSON object. 0 or the buffer's error. */
    int (*position_write)(struct ps_input *in, struct ps_buf *out);

    /* Frees all; NULL is fine. Returns NULL. */
    struct ps_input *(*close)(struct ps_input *in);
};

/* All inputs of this build, NULL-terminated; input/kinds.c. */
extern const struct ps_input_ops *const ps_input_kinds[];
