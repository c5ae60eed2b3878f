/* A file that grows at its end, and how much of it is known to be on disk. It belongs to one writer: a regular file is
 * locked (flock) while it is open.
 *
 *     0            synced              size
 *     │ confirmed    │ not confirmed     │
 *
 * Whatever goes wrong, the file is closed, which cuts the part behind `synced` off again: its records come once more,
 * and no half line stays in between. Where even that fails, and after a crash, the next open cuts what stands behind
 * the last newline. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "postship/slice.h"

struct ps_append_file {
    int fd;        /* -1: closed */
    bool regular;  /* can be synced, cut and renamed; else a pipe, terminal, device */
    bool borrowed; /* standard output: never closed, cut or synced */
    bool dirty;    /* written to since the last sync */
    off_t synced;  /* bytes; size at the last sync */
    dev_t dev;
    ino_t ino;
};

#define PS_APPEND_FILE_CLOSED ((struct ps_append_file){.fd = -1})

/* Opens path ("-": standard output), makes it (0640) if it is missing, and sees to it that its directory entry is on
 * disk. *ret_cut: bytes of an unfinished last line that were cut off. 0, or negative errno; -EBUSY: another writer has
 * it; -EUCLEAN: the end of the file is not one of our lines, so it isn't touched. */
int ps_append_file_open(struct ps_append_file *a, const char *path, uint64_t *ret_cut);

/* Writes all of s; *ret_n tells how much of it was taken, also on failure. 0, -EAGAIN (a pipe is full) or negative
 * errno. */
int ps_append_file_write(struct ps_append_file *a, struct ps_slice s, size_t *ret_n);

/* Waits until all that was written is on disk; at once for what isn't a regular file. 0; -ESTALE: somebody removed the
 * file; or negative errno. After a failure the page cache can't be trusted: close. */
int ps_append_file_sync(struct ps_append_file *a);

/* True where the path no longer leads to the open file: renamed or removed. */
bool ps_append_file_moved(const struct ps_append_file *a, const char *path);

/* Cuts off what isn't confirmed. A closed file is fine. */
void ps_append_file_close(struct ps_append_file *a);
