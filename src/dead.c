#include "dead.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/timestamp.h"
#include "format/json.h"

enum { PATH_BYTES_MAX = 4096, CHUNK = 4096, LETTER_MAX = INT32_MAX };

struct ps_dead {
    char *state_dir, *directory, *path;
    int fd;      /* -1: not open yet */
    off_t whole; /* bytes of complete letters */
};

static char *text_make(const char *format, const char *a, const char *b)
{
    char text[PATH_BYTES_MAX];
    int n = snprintf(text, sizeof text, format, a, b);
    if (n < 0 || (size_t)n >= sizeof text || ps_fault(PS_FAULT_MALLOC))
        return NULL;
    return strdup(text);
}

int ps_dead_new(const char *state_dir, const char *pipeline, struct ps_dead **ret)
{
    _cleanup_(ps_dead_freep) struct ps_dead *d = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->fd = -1;
    d->state_dir = text_make("%s%s", state_dir, "");
    d->directory = text_make("%s/dead%s", state_dir, "");
    d->path = text_make("%s/dead/%s.ndjson", state_dir, pipeline);
    if (!d->state_dir || !d->directory || !d->path)
        return -ENOMEM;
    *ret = d;
    d = NULL;
    return 0;
}

struct ps_dead *ps_dead_free(struct ps_dead *d)
{
    if (d) {
        ps_close(d->fd);
        free(d->state_dir);
        free(d->directory);
        free(d->path);
    }
    free(d);
    return NULL;
}

const char *ps_dead_path(const struct ps_dead *d)
{
    return d->path;
}

static int directory_sync(const char *path)
{
    _cleanup_close_ int fd = ps_fault(PS_FAULT_OPEN) ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    return ps_fault(PS_FAULT_FSYNC) || fsync(fd) < 0 ? -errno : 0;
}

/* The end of the last complete line: a crash may have left a torn one behind it. */
static int whole_find(int fd, off_t *ret)
{
    struct stat st;
    if (ps_fault(PS_FAULT_STAT) || fstat(fd, &st) < 0)
        return -errno;
    for (off_t end = st.st_size; end > 0;) {
        char chunk[CHUNK];
        size_t want = (size_t)PS_MIN(end, (off_t)sizeof chunk);
        ssize_t n = ps_fault(PS_FAULT_READ) ? -1 : pread(fd, chunk, want, end - (off_t)want);
        if (n < 0)
            return -errno;
        if ((size_t)n != want)
            return -EIO; /* somebody else cuts the file */
        const char *newline = memrchr(chunk, '\n', want);
        if (newline) {
            *ret = end - (off_t)want + (newline - chunk) + 1;
            return 0;
        }
        end -= (off_t)want;
    }
    *ret = 0;
    return 0;
}

static int torn_cut(int fd, off_t whole)
{
    return ps_fault(PS_FAULT_TRUNCATE) || ftruncate(fd, whole) < 0 ? -errno : 0;
}

static int file_open(struct ps_dead *d)
{
    if (mkdir(d->directory, 0700) < 0 && errno != EEXIST)
        return -errno;
    _cleanup_close_ int fd =
        ps_fault(PS_FAULT_OPEN) ? -1 : open(d->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (fd < 0)
        return -errno;
    off_t whole;
    int r = whole_find(fd, &whole);
    if (r == 0)
        r = torn_cut(fd, whole);
    if (r == 0)
        r = directory_sync(d->directory);
    if (r == 0)
        r = directory_sync(d->state_dir);
    if (r < 0)
        return r;
    d->whole = whole;
    d->fd = fd;
    fd = -1;
    return 0;
}

static int letter_format(const struct ps_dead_letter *letter, struct ps_buf *out)
{
    char time[PS_TIMESTAMP_LEN];
    bool repaired = false;
    ps_timestamp_format(ps_clock_realtime(), time);
    (void)ps_buf_append_str(out, "{\"time\":\"");
    (void)ps_buf_append(out, time, sizeof time);
    (void)ps_buf_append_str(out, "\",\"reason\":");
    (void)ps_json_string_append(out, ps_slice_from_str(letter->reason), &repaired);
    (void)ps_buf_append_str(out, ",\"position\":{\"source\":");
    (void)ps_buf_append_u64(out, letter->position.source);
    (void)ps_buf_append_str(out, ",\"next\":");
    (void)ps_buf_append_u64(out, letter->position.next);
    (void)ps_buf_append_str(out, "},\"key\":");
    (void)ps_json_string_append(out, letter->key, &repaired);
    (void)ps_buf_append_str(out, ",\"value\":");
    (void)ps_json_string_append(out, letter->value, &repaired);
    return ps_buf_append_str(out, "}\n");
}

static int all_write(int fd, struct ps_slice s, off_t at)
{
    while (s.n) {
        ssize_t n = ps_fault(PS_FAULT_WRITE) ? -1 : pwrite(fd, s.p, s.n, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        s = ps_slice_after(s, (size_t)n);
        at += n;
    }
    return ps_fault(PS_FAULT_FSYNC) || fsync(fd) < 0 ? -errno : 0;
}

/* The file may have been moved away while it was open (to be worked on): then a new one is made. */
static bool is_moved(const struct ps_dead *d)
{
    struct stat open_one, named;
    return fstat(d->fd, &open_one) < 0 || stat(d->path, &named) < 0 || open_one.st_ino != named.st_ino ||
           open_one.st_dev != named.st_dev || open_one.st_size != d->whole;
}

int ps_dead_append(struct ps_dead *d, const struct ps_dead_letter *letter)
{
    if (d->fd >= 0 && is_moved(d))
        d->fd = ps_close(d->fd);
    int r = d->fd >= 0 ? 0 : file_open(d);
    if (r < 0)
        return r;
    struct ps_buf line = {.max = LETTER_MAX};
    r = letter_format(letter, &line);
    if (r == 0)
        r = all_write(d->fd, ps_buf_slice(&line), d->whole);
    if (r == 0)
        d->whole += (off_t)line.n;
    else if (torn_cut(d->fd, d->whole) < 0)
        d->fd = ps_close(d->fd); /* the next open cuts it */
    ps_buf_done(&line);
    return r;
}
