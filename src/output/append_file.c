#include "output/append_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/util.h"

enum {
    TAIL_BLOCK = 4096,
    /* More without a newline can't come from a write of ours that was cut short. */
    TAIL_MAX = 64 << 20
};

static int stat_fd(int fd, struct stat *ret)
{
    return ps_fault(PS_FAULT_STAT) || fstat(fd, ret) < 0 ? -errno : 0;
}

static int cut(int fd, off_t size)
{
    return ps_fault(PS_FAULT_TRUNCATE) || ftruncate(fd, size) < 0 ? -errno : 0;
}

/* Without this a crash may lose a new file that was fsynced. A directory that we may write but not read can't be
 * fsynced; the file systems in use on Linux then keep the entry together with the file. */
static int directory_sync(const char *path)
{
    char dir[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash) {
        size_t n = PS_MAX((size_t)(slash - path), (size_t)1); /* "/" itself */
        if (n >= sizeof dir)
            return -ENAMETOOLONG;
        memcpy(dir, path, n);
        dir[n] = '\0';
    }
    _cleanup_close_ int fd = ps_fault(PS_FAULT_OPEN) ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES ? 0 : -errno;
    if (ps_fault(PS_FAULT_FSYNC) || fsync(fd) < 0)
        return errno == EINVAL ? 0 : -errno;
    return 0;
}

/* *ret_end: the offset behind the last newline; *ret_first: the byte that stands there, if there is one. */
static int last_line_find(int fd, off_t size, off_t *ret_end, char *ret_first)
{
    char block[TAIL_BLOCK];
    char first = 0;
    off_t end = size;
    while (end > 0) {
        if (size - end > TAIL_MAX)
            return -EUCLEAN;
        off_t start = end > TAIL_BLOCK ? end - TAIL_BLOCK : 0;
        size_t want = (size_t)(end - start);
        ssize_t n = ps_fault(PS_FAULT_READ) ? -1 : pread(fd, block, want, start);
        if (n < 0)
            return -errno;
        if ((size_t)n != want)
            return -EIO;
        for (; want > 0; want--) {
            if (block[want - 1] == '\n') {
                *ret_end = start + (off_t)want;
                *ret_first = first;
                return 0;
            }
            first = block[want - 1];
        }
        end = start;
    }
    *ret_end = 0;
    *ret_first = first;
    return 0;
}

/* Ours begin with '{'; after a power cut there may be zeros in their place. */
static int torn_line_cut(int fd, off_t size, off_t *ret_size)
{
    off_t end;
    char first;
    int r = last_line_find(fd, size, &end, &first);
    if (r < 0)
        return r;
    if (end < size) {
        if (first != '{' && first != '\0')
            return -EUCLEAN;
        r = cut(fd, end);
        if (r < 0)
            return r;
    }
    *ret_size = end;
    return 0;
}

/* A pipe opened for reading as well would never tell that it has no reader. */
static int open_flags(const char *path)
{
    struct stat st;
    bool other = stat(path, &st) == 0 && !S_ISREG(st.st_mode);
    return (other ? O_WRONLY : O_RDWR | O_CREAT) | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
}

static int regular_prepare(int fd, const char *path, const struct stat *st, struct ps_append_file *a, uint64_t *ret_cut)
{
    if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
        return -EBUSY;
    off_t size = 0;
    int r = st->st_size > 0 ? torn_line_cut(fd, st->st_size, &size) : directory_sync(path);
    if (r < 0)
        return r;
    *a = (struct ps_append_file){.regular = true, .synced = size, .dev = st->st_dev, .ino = st->st_ino};
    *ret_cut = (uint64_t)(st->st_size - size);
    return 0;
}

int ps_append_file_open(struct ps_append_file *a, const char *path, uint64_t *ret_cut)
{
    if (strcmp(path, "-") == 0) {
        *a = (struct ps_append_file){.fd = STDOUT_FILENO, .borrowed = true};
        *ret_cut = 0;
        return 0;
    }
    _cleanup_close_ int fd = ps_fault(PS_FAULT_OPEN) ? -1 : open(path, open_flags(path), 0640);
    if (fd < 0)
        return -errno;
    struct stat st;
    int r = stat_fd(fd, &st);
    if (r < 0)
        return r;
    struct ps_append_file opened = {.regular = false};
    uint64_t cut_bytes = 0;
    if (S_ISREG(st.st_mode)) {
        r = regular_prepare(fd, path, &st, &opened, &cut_bytes);
        if (r < 0)
            return r;
    }
    opened.fd = fd;
    fd = -1;
    *a = opened;
    *ret_cut = cut_bytes;
    return 0;
}

int ps_append_file_write(struct ps_append_file *a, struct ps_slice s, size_t *ret_n)
{
    size_t n = 0;
    int r = 0;
    while (n < s.n) {
        ssize_t w = ps_fault(PS_FAULT_WRITE) ? -1 : write(a->fd, s.p + n, s.n - n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0) {
            r = w < 0 ? -errno : -EIO;
            break;
        }
        n += (size_t)w;
        a->dirty = true;
    }
    *ret_n = n;
    return r;
}

int ps_append_file_sync(struct ps_append_file *a)
{
    if (a->regular) {
        /* the size counts as data, the times don't matter */
        if (ps_fault(PS_FAULT_FSYNC) || fdatasync(a->fd) < 0)
            return -errno;
        struct stat st;
        int r = stat_fd(a->fd, &st);
        if (r < 0)
            return r;
        if (st.st_nlink == 0)
            return -ESTALE;
        a->synced = st.st_size;
    }
    a->dirty = false;
    return 0;
}

bool ps_append_file_moved(const struct ps_append_file *a, const char *path)
{
    struct stat st;
    if (ps_fault(PS_FAULT_STAT) || stat(path, &st) < 0)
        return errno == ENOENT;
    return st.st_dev != a->dev || st.st_ino != a->ino;
}

void ps_append_file_close(struct ps_append_file *a)
{
    if (a->fd >= 0 && a->regular && a->dirty) {
        struct stat st;
        /* somebody else may have made it shorter: never make it longer */
        if (stat_fd(a->fd, &st) == 0 && st.st_size > a->synced)
            (void)cut(a->fd, a->synced);
    }
    if (!a->borrowed)
        (void)ps_close(a->fd);
    *a = PS_APPEND_FILE_CLOSED;
}
