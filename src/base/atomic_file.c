#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/util.h"

enum { READ_CHUNK = 4096, MODE = 0600 };

static int file_open(int dir_fd, const char *name, int flags)
{
    int fd = ps_fault(PS_FAULT_OPEN) ? -1 : openat(dir_fd, name, flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, MODE);
    return fd < 0 ? -errno : fd;
}

static int fd_sync(int fd)
{
    return ps_fault(PS_FAULT_FSYNC) || fsync(fd) < 0 ? -errno : 0;
}

static int name_replace(int dir_fd, const char *from, const char *to)
{
    return ps_fault(PS_FAULT_RENAME) || renameat(dir_fd, from, dir_fd, to) < 0 ? -errno : 0;
}

static int all_write(int fd, struct ps_slice s)
{
    while (s.n) {
        ssize_t n = ps_fault(PS_FAULT_WRITE) ? -1 : write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        s = ps_slice_after(s, (size_t)n);
    }
    return 0;
}

static int new_write(int dir_fd, const char *name, struct ps_slice content)
{
    _cleanup_close_ int fd = file_open(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd < 0)
        return fd;
    int r = all_write(fd, content);
    return r < 0 ? r : fd_sync(fd);
}

/* Makes `previous` a further name of the file `name`. It never stops naming a whole file: a link can't replace, so a
 * third name is renamed over it. Renaming does nothing where both already name one file; then the third name is left
 * to remove. */
static int previous_link(int dir_fd, const char *name, const char *previous)
{
    char third[NAME_MAX + 1];
    int n = snprintf(third, sizeof third, "%s.tmp", previous);
    if (n < 0 || (size_t)n >= sizeof third)
        return -ENAMETOOLONG;
    (void)unlinkat(dir_fd, third, 0);
    if (linkat(dir_fd, name, dir_fd, third, 0) < 0) {
        /* nothing to keep, or a file system without hard links: then there is no previous one */
        return errno == ENOENT || errno == EPERM || errno == EOPNOTSUPP ? 0 : -errno;
    }
    int r = name_replace(dir_fd, third, previous);
    (void)unlinkat(dir_fd, third, 0);
    return r;
}

int ps_atomic_file_write(int dir_fd, const char *name, const char *previous, struct ps_slice content)
{
    char temporary[NAME_MAX + 1];
    int n = snprintf(temporary, sizeof temporary, "%s.tmp", name);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return -ENAMETOOLONG;

    int r = new_write(dir_fd, temporary, content);
    if (r == 0 && previous)
        r = previous_link(dir_fd, name, previous);
    if (r == 0)
        r = name_replace(dir_fd, temporary, name);
    if (r < 0) {
        (void)unlinkat(dir_fd, temporary, 0);
        return r;
    }
    return fd_sync(dir_fd);
}

int ps_atomic_file_read(int dir_fd, const char *name, struct ps_buf *out)
{
    _cleanup_close_ int fd = file_open(dir_fd, name, O_RDONLY);
    if (fd < 0)
        return fd;
    for (;;) {
        char chunk[READ_CHUNK];
        ssize_t n = ps_fault(PS_FAULT_READ) ? -1 : read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return 0;
        int r = ps_buf_append(out, chunk, (size_t)n);
        if (r < 0)
            return r == -ENOBUFS ? -EFBIG : r;
    }
}
