/* After a restart: finds the generations of a position again, by content, under the names that a rotation may have
 * given them. */
#pragma once

#include "input/file_path.h"
#include "input/file_siblings.h"

/* Finds p->pending at the path or among the rotated files next to it. The result, oldest first, is what the position
 * knew, a gap for each of it that wasn't found, and what is newer and was never seen, from its beginning. *ret_at: the
 * one that the path names. 0; -ENOENT: nothing is there yet, wait; or negative errno: try again; out parameters are
 * then untouched. */
int ps_file_restore(struct ps_file_set *set, struct ps_file_path *p, struct ps_file_generation **ret_chain,
                    struct ps_file_generation **ret_at);

/* A new generation of p, read on from `offset` of fd, which it takes over on success; with what was `saved` of it, or
 * NULL. 0 or negative errno. */
int ps_file_restore_start(struct ps_file_set *set, const struct ps_file_path *p, int fd, const struct stat *st,
                          uint64_t offset, const struct ps_file_saved *saved, struct ps_file_generation **ret);

/* The same of a listed file: from its beginning, or where `saved` ends. -EAGAIN: another file has that name by now. */
int ps_file_restore_open(struct ps_file_set *set, struct ps_file_path *p, const struct ps_file_sibling *file,
                         const struct ps_file_saved *saved, struct ps_file_generation **ret);
