/* The rotated files next to a log: mail.log.1, mail.log-20261120, maillog.20261120-000000, mail-20261120.log. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ps_file_sibling {
    char *path; /* owned */
    uint64_t device, inode;
    uint64_t size;
    int64_t mtime_nsec;
};

struct ps_file_siblings {
    struct ps_file_sibling *v; /* the newest first */
    size_t n;
};

/* All regular files next to `path` with a rotated one's name, without `path` itself. Compressed ones are left out. The
 * order follows the counter or the date in the names, or the times of the files where names don't compare. A missing
 * directory has none. 0; -EAGAIN: a rotation is going on, try again; or negative errno. */
int ps_file_siblings_list(const char *path, struct ps_file_siblings *ret);
void ps_file_siblings_done(struct ps_file_siblings *s);
