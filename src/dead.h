/* Dead letters: what the destination refused for good, kept as JSON lines in STATE_DIR/dead/PIPELINE.ndjson (0600):
 *
 *     {"time":"…Z","reason":"…","position":{"source":1,"next":234},"key":"…","value":"{…}"}
 *
 * `time` is when it was refused, `value` the event as it was sent. The caller lets no checkpoint pass the record before
 * it stands here. */
#pragma once

#include "base/util.h"
#include "model/record.h"

struct ps_dead;

struct ps_dead_letter {
    const char *reason;
    struct ps_position position;
    struct ps_slice key, value;
};

/* Makes no file: the first letter does. 0 or -ENOMEM. */
int ps_dead_new(const char *state_dir, const char *pipeline, struct ps_dead **ret);
struct ps_dead *ps_dead_free(struct ps_dead *d);
PS_CLEANUP_DEFINE(struct ps_dead, ps_dead_free)

/* Appends one letter and fsyncs it. 0 or negative errno: call again later; what a failed call may have left is cut back
 * before. */
int ps_dead_append(struct ps_dead *d, const struct ps_dead_letter *letter);

const char *ps_dead_path(const struct ps_dead *d); /* for messages */
