/* A generation: one file content over its life, whatever its name. Read through one descriptor, from an offset on.
 *
 *     live ──renamed, deleted──▶ left ──next rotation, or deleted and quiet──▶ final ──read to its end──▶ ended
 *
 * A left generation is still watched: its writer may not have let go of it yet. A final one gives its unfinished last
 * line. An ended one is kept until all its records are confirmed. A generation whose content was destroyed under it
 * gives its descriptor to the one that replaces it, hands out a gap and has ended. */
#pragma once

#include <sys/stat.h>

#include "input/file_state.h"
#include "input/lines.h"
#include "model/record.h"

struct ps_file_generation {
    struct ps_source source;          /* for its records; the path as configured */
    struct ps_file_generation *newer; /* of the same path; NULL: the newest */
    uint64_t number;                  /* in the positions of its lines */
    uint64_t gap_number;              /* in the position of its gap; 0: it has none */
    int fd;                           /* -1: its content is gone */
    int wd;                           /* -1: not watched */
    struct ps_lines lines;
    struct ps_file_saved saved; /* as of the last position; offset and tail belong together */
    uint64_t handed;            /* offset behind the last record handed out */
    uint64_t confirmed;
    int64_t quiet_since; /* monotonic: when it last grew, or was found deleted */
    int error;           /* of the last read, negative; 0: none */
    bool live;           /* at a path now */
    bool deleted;
    bool final;
    bool dirty;    /* there may be something to read */
    bool batch;    /* lines in memory wait */
    bool rest_due; /* final and at its end: the unfinished last line is to be handed out */
    bool gap_due;  /* the gap is to be handed out */
    bool gap_open; /* the gap was handed out and isn't confirmed */
    bool ended;
};

/* A regular file, opened for reading, and its status. The descriptor; -EINVAL: not a regular file; or negative errno.
 */
int ps_file_open(const char *path, struct stat *ret);

int64_t ps_file_mtime_nsec(const struct stat *st);

/* Without content yet. `path` is borrowed. 0 or -ENOMEM. */
int ps_file_generation_new(const char *path, uint64_t number, struct ps_file_generation **ret);
struct ps_file_generation *ps_file_generation_free(struct ps_file_generation *g);
void ps_file_generation_list_free(struct ps_file_generation *oldest);

/* Reads on from `offset` of fd, which it takes over on success. 0 or negative errno. */
int ps_file_generation_start(struct ps_file_generation *g, int fd, const struct stat *st, uint64_t offset,
                             size_t max_line);

/* Looks at the file before it is read: 1: it is the content that was read so far; 0: that was destroyed, the file was
 * truncated or written anew; or negative errno. Keeps fingerprint, size, anchor of the time stamps and `deleted` up to
 * date. */
int ps_file_generation_check(struct ps_file_generation *g);

/* After a check said 0: `next` (new, without content) takes over descriptor and watch, from offset 0; g is left with a
 * gap to hand out. 0 or negative errno, then nothing has changed. */
int ps_file_generation_replace(struct ps_file_generation *g, struct ps_file_generation *next, uint64_t gap_number);

/* Only the gap behind it is left of what was saved. */
void ps_file_generation_lose(struct ps_file_generation *g, const struct ps_file_saved *saved, uint64_t gap_number);

/* Brings `saved` up to the confirmed offset; where the file can't be read it stays as it was: then more is read twice
 * after a restart, never less. */
void ps_file_generation_save(struct ps_file_generation *g);

/* All was handed out and confirmed. */
bool ps_file_generation_complete(const struct ps_file_generation *g);

static inline bool ps_file_generation_is(const struct ps_file_generation *g, uint64_t device, uint64_t inode)
{
    return g->fd >= 0 && g->saved.inode == inode && g->saved.device == device;
}
