/* Where a pipeline goes on after a restart: one small file a pipeline in the state directory, with its own lock.
 *
 *     STATE_DIR/PIPELINE.checkpoint            the newest
 *     STATE_DIR/PIPELINE.checkpoint.previous   the one before
 *     STATE_DIR/PIPELINE.checkpoint.damaged    set aside, never read again
 *     STATE_DIR/PIPELINE.lock                  held (flock) while the pipeline runs
 *
 * The file: a head line "postship checkpoint FORMAT LENGTH CRC32", LENGTH the bytes of what follows it in decimal,
 * CRC32 of them in 8 hex digits; then one JSON object {"pipeline": …, "input": kind, "position": …}. The head line
 * keeps this form in all formats: so a newer one is told from a damaged one. "pipeline" is for the reader's eyes: a
 * file may be renamed with its pipeline. */
#pragma once

#include "base/buf.h"
#include "base/option.h"
#include "base/util.h"
#include "lib/json_read.h"

enum { PS_CHECKPOINT_FORMAT = 1 };

struct ps_checkpoint;

/* Makes the state directory if it is missing (0700; not its parents), takes the lock. 0; -EBUSY: another process (or
 * pipeline) has the lock; -EINVAL: the name can't be a file's; or negative errno. */
int ps_checkpoint_open(const char *state_dir, const char *pipeline, struct ps_checkpoint **ret);
struct ps_checkpoint *ps_checkpoint_close(struct ps_checkpoint *c); /* lets go of the lock */
PS_CLEANUP_DEFINE(struct ps_checkpoint, ps_checkpoint_close)

/* 1: *ret_root holds the document (free it with ps_json_free), *ret_position its position. 0: there is none, a first
 * start. A damaged newest file is set aside and the previous one used; *ret_damaged then tells so (for the caller's
 * message). -EUCLEAN: the newest is damaged and there is no good previous one: both are left where they are; -EPROTO:
 * written by a newer format; -EXDEV: it belongs to another kind of input; or negative errno. Nothing is ever deleted.
 */
int ps_checkpoint_load(struct ps_checkpoint *c, const char *input_kind, struct ps_json **ret_root,
                       const struct ps_json **ret_position, bool *ret_damaged);

/* Atomically replaces the newest by `position` (a JSON value). 0 or negative errno: then the old one still stands, call
 * again later. */
int ps_checkpoint_save(struct ps_checkpoint *c, const char *input_kind, struct ps_slice position);

const char *ps_checkpoint_path(const struct ps_checkpoint *c); /* of the newest, for messages */

/* The pipelines that have a checkpoint in state_dir but aren't among `names`: sets *ret to an owned list (n may be 0).
 * A missing directory has none. 0 or negative errno. */
int ps_checkpoint_orphans(const char *state_dir, const char *const *names, size_t n, struct ps_strings *ret);
