#include "output/file.h"

#include <limits.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/util.h"
#include "output/append_file.h"
#include "output/seqs.h"

enum {
    WRITE_BYTES = 256 << 10,  /* of one write */
    RECORD_MAX = 1 << 30,     /* a single larger one is an error, not a reason to take all memory */
    SYNC_RECORDS = 4096,      /* a sync under load; under half of the default window */
    FLUSH_RECORDS = 256,      /* a flush of so many is worth a sync at once */
    SYNC_BYTES = 4 << 20,     /* the same for large records */
    SYNC_USEC = 50 * 1000,    /* the latest after the first record, and the least between two for small batches */
    MOVED_USEC = 1000 * 1000, /* how often to look whether the file was renamed */
    TIMER_SLACK_USEC = 10 * 1000
};

struct file_output {
    struct ps_output base;
    const struct ps_output_file_options *options;
    const struct ps_output_host *host;
    struct ps_append_file file;
    struct ps_buf buf;      /* lines that write has not taken yet */
    struct ps_seqs pending; /* submitted, not done */
    uint64_t buffered;      /* all pending up to here are at least in buf */
    uint64_t written;       /* all pending up to here are in the file */
    size_t unsynced;        /* bytes submitted since the last sync */
    struct ps_loop_source *timer;
    struct ps_loop_source *io; /* while a pipe is full */
    int64_t synced_usec;       /* when the last sync ended */
    int64_t looked_usec;       /* when the path was last compared with the open file */
    uint64_t generation;       /* counts purges */
    bool timer_armed;
    bool stopped; /* asked for a rewind; nothing moves until the purge */
    bool full;    /* submit said -EAGAIN */
    bool torn;    /* the pipe ends in a part of a line, which can't be cut off */
    struct ps_log_limit cut_said, moved_said;
};

static struct file_output *from_base(struct ps_output *out)
{
    return (struct file_output *)(void *)out;
}

static const char *shown_path(const struct file_output *f)
{
    return strcmp(f->options->path, "-") == 0 ? "standard output" : f->options->path;
}

static void timer_stop(struct file_output *f)
{
    f->timer_armed = false;
    (void)ps_loop_timer_set(f->timer, -1, 0);
}

static const char *advice(int error)
{
    static const struct {
        int error;
        const char *text;
    } rows[] = {
        {ENOSPC, "make room on the file system; writing goes on by itself"},
        {EDQUOT, "the disk quota is used up: raise it or make room; writing goes on by itself"},
        {EFBIG, "the file has reached its largest size: rotate it, or raise the limit (ulimit -f)"},
        {ENOENT, "its directory is missing: create it, or correct outputs.*.file.path"},
        {ENOTDIR, "a part of the path is no directory: correct outputs.*.file.path"},
        {EISDIR, "it is a directory: name a file in outputs.*.file.path"},
        {EACCES, "give the user that runs postship the right to write there"},
        {EPERM, "give the user that runs postship the right to write there (is it append-only? chattr -a)"},
        {EROFS, "the file system is read-only: look for disk errors, or use another path"},
        {EBUSY, "another process or pipeline writes to it: give each its own file"},
        {EUCLEAN, "it does not end in a line of postship's: move it away, or use another path"},
        {ENXIO, "nobody reads this pipe: start its reader"},
        {EPIPE, "its reader has ended: start both again"},
        {ESTALE, "it was removed while it was written: a new one is made"},
        {EIO, "look for disk errors in the kernel's log"},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++)
        if (rows[i].error == error)
            return rows[i].text;
    return "tried again until it works";
}

/* The end of a try: cuts back, closes, so that nothing that may be broken is used again. The caller returns at once, as
 * the pipeline may have purged already. */
static void fail(struct file_output *f, const char *doing, int r)
{
    char why[PATH_MAX + 256];
    (void)snprintf(why, sizeof why, "can't %s %s: %s; %s", doing, shown_path(f), strerror(-r), advice(-r));
    f->stopped = true;
    ps_append_file_close(&f->file);
    f->io = ps_loop_source_free(f->io);
    timer_stop(f);
    f->host->rewind(f->host->ctx, why);
}

static void confirm(struct file_output *f)
{
    uint64_t generation = f->generation, upto = f->written, seq;
    while (f->generation == generation && ps_seqs_pop(&f->pending, upto, &seq))
        f->host->done(f->host->ctx, seq);
}

static bool open_file(struct file_output *f)
{
    uint64_t cut;
    int r = ps_append_file_open(&f->file, f->options->path, &cut);
    if (r < 0) {
        fail(f, "open", r);
        return false;
    }
    if (cut)
        ps_log_limited(&f->cut_said, PS_LOG_WARNING,
                       "%s: cut %llu bytes of an unfinished last line off %s; the record comes again", f->host->name,
                       (unsigned long long)cut, shown_path(f));
    f->looked_usec = ps_clock_monotonic();
    return true;
}

/* Only where nothing is unconfirmed in the open file. */
static void moved_check(struct file_output *f)
{
    int64_t now = ps_clock_monotonic();
    if (!f->file.regular || f->file.dirty || now - f->looked_usec < MOVED_USEC)
        return;
    f->looked_usec = now;
    if (!ps_append_file_moved(&f->file, f->options->path))
        return;
    ps_log_limited(&f->moved_said, PS_LOG_INFO, "%s: %s was renamed or removed; a new one is made", f->host->name,
                   shown_path(f));
    ps_append_file_close(&f->file);
}

static void on_room(void *ctx, uint32_t events);

static void wait_for_room(struct file_output *f)
{
    int r = f->io ? 0 : ps_loop_io_add(f->host->loop, f->file.fd, EPOLLOUT, on_room, f, &f->io);
    if (r < 0)
        fail(f, "wait for", r);
}

/* Hands the buffer to the kernel. False: it failed, or a pipe is full; the caller leaves everything as it is. */
static bool write_out(struct file_output *f)
{
    if (f->stopped || f->io)
        return false;
    if (f->buf.n == 0)
        return true;
    moved_check(f);
    if (f->file.fd < 0 && !open_file(f))
        return false;
    size_t n;
    int r = ps_append_file_write(&f->file, ps_buf_slice(&f->buf), &n);
    if (n > 0)
        f->torn = !f->file.regular && f->buf.p[n - 1] != '\n';
    ps_buf_consume(&f->buf, n);
    if (r == -EAGAIN && !f->file.regular) {
        wait_for_room(f);
        return false;
    }
    if (r < 0) {
        fail(f, "write to", r);
        return false;
    }
    f->written = f->buffered;
    if (f->buf.cap > (size_t)2 * WRITE_BYTES)
        ps_buf_done(&f->buf); /* a rare large record */
    return true;
}

/* Writes what is there, syncs, confirms. */
static void settle(struct file_output *f)
{
    if (!write_out(f) || f->file.fd < 0)
        return;
    int r = ps_append_file_sync(&f->file);
    if (r < 0) {
        fail(f, "sync", r);
        return;
    }
    f->synced_usec = ps_clock_monotonic();
    f->unsynced = 0;
    timer_stop(f);
    confirm(f);
}

static void on_timer(void *ctx)
{
    struct file_output *f = ctx;
    f->timer_armed = false;
    settle(f);
}

static void on_room(void *ctx, uint32_t events)
{
    struct file_output *f = ctx;
    (void)events; /* an error shows at the next write */
    f->io = ps_loop_source_free(f->io);
    uint64_t generation = f->generation;
    settle(f);
    if (f->generation == generation && f->full && !f->stopped && !f->io) {
        f->full = false;
        f->host->writable(f->host->ctx);
    }
}

static int line_append(struct file_output *f, struct ps_slice value)
{
    bool torn = f->torn && f->buf.n == 0;
    int r = ps_buf_reserve(&f->buf, PS_MAX(value.n + 2, (size_t)WRITE_BYTES - PS_MIN(f->buf.n, (size_t)WRITE_BYTES)));
    if (r < 0)
        return r;
    if (torn) /* so that the next line stands alone */
        (void)ps_buf_append_char(&f->buf, '\n');
    (void)ps_buf_append_slice(&f->buf, value);
    return ps_buf_append_char(&f->buf, '\n');
}

static int file_submit(struct ps_output *out, uint64_t seq, const struct ps_message *m)
{
    struct file_output *f = from_base(out);
    if (f->stopped)
        return 0; /* comes again after the purge */
    if (f->buf.n > 0 && f->buf.n + m->value.n + 1 > WRITE_BYTES) {
        uint64_t generation = f->generation;
        if (!write_out(f)) {
            /* after a failure the rewind is under way, or even over */
            f->full = f->generation == generation && !f->stopped;
            return f->full ? -EAGAIN : 0;
        }
    }
    int r = line_append(f, m->value);
    if (r == 0)
        r = ps_seqs_push(&f->pending, seq);
    if (r < 0) {
        fail(f, "keep a record for", r);
        return 0;
    }
    f->buffered = seq;
    f->unsynced += m->value.n + 1;
    if (f->pending.count >= SYNC_RECORDS || f->unsynced >= SYNC_BYTES) {
        settle(f);
    } else if (!f->timer_armed) {
        f->timer_armed = true;
        (void)ps_loop_timer_set(f->timer, SYNC_USEC, TIMER_SLACK_USEC);
    }
    return 0;
}

static void file_flush(struct ps_output *out)
{
    struct file_output *f = from_base(out);
    /* a few lines in quick succession wait for the timer: a sync for each would cost the disk more than the mail */
    bool often =
        f->file.regular && f->pending.count < FLUSH_RECORDS && ps_clock_monotonic() - f->synced_usec < SYNC_USEC;
    if (f->pending.count > 0 && !(often && f->timer_armed))
        settle(f);
}

static void file_purge(struct ps_output *out)
{
    struct file_output *f = from_base(out);
    ps_append_file_close(&f->file);
    ps_buf_done(&f->buf);
    ps_seqs_clear(&f->pending);
    f->io = ps_loop_source_free(f->io);
    timer_stop(f);
    f->unsynced = 0;
    f->buffered = f->written = 0; /* lower numbers come again */
    f->stopped = f->full = false;
    f->generation++;
}

static struct ps_output *file_close(struct ps_output *out)
{
    if (!out)
        return NULL;
    struct file_output *f = from_base(out);
    file_purge(out);
    f->timer = ps_loop_source_free(f->timer);
    ps_seqs_done(&f->pending);
    free(f);
    return NULL;
}

static int file_open(const void *options, const struct ps_output_host *host, struct ps_output **ret, char *buf,
                     size_t n)
{
    struct file_output *f = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *f);
    int r = -ENOMEM;
    if (f) {
        f->base.ops = &ps_output_file;
        f->options = options;
        f->host = host;
        f->file = PS_APPEND_FILE_CLOSED;
        f->buf.max = RECORD_MAX;
        f->synced_usec = ps_clock_monotonic() - SYNC_USEC;
        r = ps_loop_timer_add(host->loop, on_timer, f, &f->timer);
    }
    if (r < 0) {
        (void)snprintf(buf, n, "file output: %s", strerror(-r));
        free(f);
        return r;
    }
    *ret = &f->base;
    return 0;
}

static const struct ps_option rows[] = {
    {.name = "path",
     .type = PS_OPTION_STRING,
     .offset = offsetof(struct ps_output_file_options, path),
     .required = true,
     .example = "/var/lib/postship/mail.ndjson",
     .doc = "where to append, one JSON object a line; \"-\" is standard output"},
};

const struct ps_output_ops ps_output_file = {
    .kind = "file",
    .doc = "appends to a file, one JSON object a line",
    .options = {.rows = rows, .n = PS_COUNT(rows), .size = sizeof(struct ps_output_file_options)},
    .open = file_open,
    .submit = file_submit,
    .flush = file_flush,
    .purge = file_purge,
    .close = file_close,
};
