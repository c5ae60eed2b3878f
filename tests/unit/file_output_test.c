/* The file output: faults, a torn last line, rotation, pipes. After each case the file is read and compared with what
 * was submitted. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/util.h"
#include "output/file.h"
#include "output/seqs.h"
#include "support/fake_host.h"
#include "support/scratch.h"

enum { PATH_SIZE = 128 };

struct fixture {
    struct scratch scratch;
    char path[PATH_SIZE];
    struct ps_output_file_options options;
    struct fake_host *host;
};

static void path_make(struct fixture *f, const char *name, char ret[static PATH_SIZE])
{
    (void)snprintf(ret, PATH_SIZE, "%s/%s", f->scratch.path, name);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    scratch_make(&f->scratch);
    path_make(f, "mail.ndjson", f->path);
    f->options.path = f->path;
    f->host = calloc(1, sizeof *f->host);
    assert_non_null(f->host);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < PS_FAULT_COUNT; i++)
        ps_fault_arm((enum ps_fault_point)i, 0, 0);
    scratch_remove(&f->scratch);
    free(f->host);
    free(f);
    return 0;
}

static char *file_read(const char *path, size_t *ret_n)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    char *text = malloc((size_t)st.st_size + 1);
    assert_non_null(text);
    assert_int_equal(read(fd, text, (size_t)st.st_size), st.st_size);
    text[st.st_size] = '\0';
    *ret_n = (size_t)st.st_size;
    (void)close(fd);
    return text;
}

static void file_write(const char *path, const char *text, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, n), n);
    (void)close(fd);
}

/* Counts each record of the text in `times`; anything that isn't a whole record fails. */
static void records_count(const char *text, size_t n, size_t *times, size_t most)
{
    const char *end = text + n;
    while (text < end) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        assert_non_null(nl); /* a torn last line */
        char *digits_end = NULL;
        uint64_t seq = strncmp(text, "{\"n\":", 5) == 0 ? strtoull(text + 5, &digits_end, 10) : most;
        if (seq >= most || *digits_end != ',' || memcmp(nl - 2, "\"}", 2) != 0 ||
            memchr(text + 1, '{', (size_t)(nl - text - 1)))
            fail_msg("torn line \"%.*s\"", (int)PS_MIN(nl - text, 80), text);
        times[seq]++;
        text = nl + 1;
    }
}

static void file_count(const char *path, size_t *times, size_t most)
{
    size_t n;
    char *text = file_read(path, &n);
    records_count(text, n, times, most);
    free(text);
}

static void assert_each(const size_t *times, size_t n, size_t least, size_t most)
{
    for (size_t i = 0; i < n; i++)
        if (times[i] < least || times[i] > most)
            fail_msg("record %zu stands %zu times in the file", i, times[i]);
}

static void close_checked(struct fixture *f)
{
    fake_host_close(f->host);
    assert_int_equal(f->host->errors, 0);
}

static void test_plain(void **state)
{
    struct fixture *f = *state;
    fake_host_open(f->host, &ps_output_file, &f->options);
    fake_host_make_many(f->host, 12000, 600);
    (void)fake_host_make(f->host, 3000000); /* larger than the write buffer */
    fake_host_make_many(f->host, 10, 10);
    fake_host_settle(f->host);
    static size_t times[12011];
    file_count(f->path, times, PS_COUNT(times));
    assert_each(times, PS_COUNT(times), 1, 1);
    assert_int_equal(f->host->rewinds, 0);
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 07137, 0); /* at most 0640 */
    close_checked(f);
}

/* Group commit: far fewer syncs than records, and none of them left out. */
static void test_syncs_are_grouped(void **state)
{
    struct fixture *f = *state;
    fake_host_open(f->host, &ps_output_file, &f->options);
    (void)fake_host_make(f->host, 100);
    fake_host_settle(f->host);
    ps_fault_arm(PS_FAULT_FSYNC, 0, 0);
    ps_fault_arm(PS_FAULT_WRITE, 0, 0);
    fake_host_make_many(f->host, 8192, 600);
    fake_host_settle(f->host);
    uint64_t syncs = ps_fault_uses(PS_FAULT_FSYNC), writes = ps_fault_uses(PS_FAULT_WRITE);
    assert_in_range(syncs, 1, 3);                  /* 4,096 records each, the flush perhaps */
    assert_in_range(writes, 8192 * 601 >> 18, 30); /* 256 KiB each */
    close_checked(f);
}

/* done must never come before the sync that covers the record */
struct watched {
    struct fixture *f;
    uint64_t syncs_before;
};

static void on_done_look(void *ctx, uint64_t seq)
{
    struct watched *w = ctx;
    (void)seq;
    if (ps_fault_uses(PS_FAULT_FSYNC) <= w->syncs_before)
        w->f->host->errors++;
}

static void test_done_after_sync(void **state)
{
    struct fixture *f = *state;
    fake_host_open(f->host, &ps_output_file, &f->options);
    (void)fake_host_make(f->host, 100);
    fake_host_settle(f->host);
    struct watched w = {.f = f};
    f->host->on_done = on_done_look;
    f->host->ctx = &w;
    for (int i = 0; i < 5; i++) {
        w.syncs_before = ps_fault_uses(PS_FAULT_FSYNC);
        fake_host_make_many(f->host, 1000, 600);
        fake_host_settle(f->host);
    }
    close_checked(f);
}

/* What stands in the file before; what must stand there once one more record is written. */
static void test_torn_last_line(void **state)
{
    struct fixture *f = *state;
    static char long_torn[100000] = "{\"a\":1}\n{\"n\":\"";
    memset(long_torn + 14, 'x', sizeof long_torn - 14);
    static const char zeros[9000] = "{\"a\":1}\n";
    static const struct {
        const char *name, *before;
        size_t n;
        const char *kept; /* NULL: the file must not be touched */
    } rows[] = {
        {"empty", "", 0, ""},
        {"whole", "{\"a\":1}\n{\"a\":2}\n", 16, "{\"a\":1}\n{\"a\":2}\n"},
        {"torn", "{\"a\":1}\n{\"a\":2", 14, "{\"a\":1}\n"},
        {"only newline missing", "{\"a\":1}\n{\"a\":2}", 15, "{\"a\":1}\n"},
        {"one byte", "{\"a\":1}\n{", 9, "{\"a\":1}\n"},
        {"only a torn line", "{\"a\":1", 6, ""},
        {"torn over several blocks", long_torn, sizeof long_torn, "{\"a\":1}\n"},
        {"zeros after a power cut", zeros, sizeof zeros, "{\"a\":1}\n"},
        {"not ours", "root:x:0:0", 10, NULL},
        {"not ours, behind a line", "{\"a\":1}\nsomething", 17, NULL},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        file_write(f->path, rows[i].before, rows[i].n);
        memset(f->host, 0, sizeof *f->host);
        fake_host_open(f->host, &ps_output_file, &f->options);
        (void)fake_host_make(f->host, 20);
        if (rows[i].kept) {
            fake_host_settle(f->host);
        } else {
            fake_host_submit(f->host);
            fake_host_turn(f->host);
            assert_non_null(strstr(f->host->why, f->path));
            assert_int_equal(f->host->done, 0);
        }
        close_checked(f);
        size_t n;
        char *text = file_read(f->path, &n);
        if (rows[i].kept) {
            size_t kept = strlen(rows[i].kept);
            if (n <= kept || memcmp(text, rows[i].kept, kept) != 0 || memcmp(text + kept, "{\"n\":0,", 7) != 0 ||
                text[n - 1] != '\n')
                fail_msg("%s: found \"%.200s\"", rows[i].name, text);
        } else if (n != rows[i].n || memcmp(text, rows[i].before, n) != 0) {
            fail_msg("%s: the file was changed", rows[i].name);
        }
        free(text);
    }
}

/* Fails the first, second, … use of a point until a whole run needs fewer, with several errors; and then two points in
 * one run, so that the repair fails as well. */
static void test_faults(void **state)
{
    struct fixture *f = *state;
    static const struct {
        enum ps_fault_point point;
        int error;
        enum ps_fault_point also; /* its first use fails too; the same: none */
    } rows[] = {
        {PS_FAULT_WRITE, ENOSPC, PS_FAULT_WRITE},    {PS_FAULT_WRITE, EIO, PS_FAULT_WRITE},
        {PS_FAULT_WRITE, EDQUOT, PS_FAULT_TRUNCATE}, {PS_FAULT_WRITE, EAGAIN, PS_FAULT_WRITE},
        {PS_FAULT_WRITE, EINTR, PS_FAULT_WRITE},     {PS_FAULT_FSYNC, EIO, PS_FAULT_FSYNC},
        {PS_FAULT_FSYNC, ENOSPC, PS_FAULT_TRUNCATE}, {PS_FAULT_FSYNC, EIO, PS_FAULT_STAT},
        {PS_FAULT_STAT, EIO, PS_FAULT_STAT},         {PS_FAULT_TRUNCATE, EIO, PS_FAULT_TRUNCATE},
        {PS_FAULT_OPEN, ENOENT, PS_FAULT_OPEN},      {PS_FAULT_OPEN, EMFILE, PS_FAULT_FSYNC},
        {PS_FAULT_READ, EIO, PS_FAULT_READ},         {PS_FAULT_MALLOC, ENOMEM, PS_FAULT_MALLOC},
    };
    enum { BATCH = 4096, RECORDS = 3 * BATCH }; /* a sync at once, after two writes */
    static size_t times[RECORDS];
    size_t reached = 0;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        for (uint64_t nth = 1;; nth++) {
            memset(f->host, 0, sizeof *f->host);
            f->host->purge_at_once = nth & 1;
            (void)unlink(f->path);
            fake_host_open(f->host, &ps_output_file, &f->options);
            for (int k = 0; k < PS_FAULT_COUNT; k++)
                ps_fault_arm((enum ps_fault_point)k, 0, 0);
            if (rows[i].also != rows[i].point)
                ps_fault_arm(rows[i].also, 1, EIO);
            ps_fault_arm(rows[i].point, nth, rows[i].error);
            for (int k = 0; k < RECORDS / BATCH; k++) {
                fake_host_make_many(f->host, BATCH, 70);
                fake_host_settle(f->host);
            }
            bool over = ps_fault_uses(rows[i].point) < nth;
            assert_int_equal(f->host->done, RECORDS);
            assert_int_equal(f->host->refused, 0);
            if (f->host->rewinds)
                assert_non_null(strstr(f->host->why, f->path));
            close_checked(f);
            memset(times, 0, sizeof times);
            file_count(f->path, times, RECORDS);
            assert_each(times, RECORDS, 1, rows[i].also == rows[i].point ? 1 : 2);
            if (over)
                break;
            reached++;
        }
    }
    print_message("%zu fault points reached\n", reached);
    assert_true(reached > PS_COUNT(rows));
}

/* A real short write: the limit of the file's size is hit in the middle of a line. */
static void test_short_write(void **state)
{
    struct fixture *f = *state;
    struct rlimit saved, limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &saved), 0);
    fake_host_open(f->host, &ps_output_file, &f->options);
    (void)fake_host_make(f->host, 500);
    fake_host_settle(f->host);

    limit = saved;
    limit.rlim_cur = 10000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    fake_host_make_many(f->host, 100, 300);
    while (f->host->rewinds < 2) {
        fake_host_submit(f->host);
        fake_host_turn(f->host);
    }
    assert_int_equal(f->host->done, 1);
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_size, 501); /* cut back to what is confirmed */
    assert_non_null(strstr(f->host->why, "ulimit"));

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &saved), 0);
    fake_host_settle(f->host);
    size_t times[101] = {0};
    file_count(f->path, times, PS_COUNT(times));
    assert_each(times, PS_COUNT(times), 1, 1);
    close_checked(f);
}

/* Records written but not confirmed at a purge don't stand in the file twice afterwards. */
static void test_purge_cuts(void **state)
{
    struct fixture *f = *state;
    fake_host_open(f->host, &ps_output_file, &f->options);
    fake_host_make_many(f->host, 4000, 600); /* over the write buffer, under a sync */
    while (f->host->next < f->host->made) {
        struct fake_record *r = &f->host->records[f->host->next];
        struct ps_message m = {.value = {r->bytes, r->n}};
        assert_int_equal(ps_output_file.submit(f->host->out, f->host->next, &m), 0);
        f->host->next++;
    }
    assert_int_equal(f->host->done, 0);
    fake_host_purge(f->host);
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_size, 0);
    fake_host_settle(f->host);
    static size_t times[4000];
    file_count(f->path, times, PS_COUNT(times));
    assert_each(times, PS_COUNT(times), 1, 1);
    close_checked(f);
}

/* Writes and settles one record after the other until the output has noticed a change of the path. */
static void write_until_exists(struct fixture *f, const char *path)
{
    do {
        (void)fake_host_make(f->host, 200);
        fake_host_settle(f->host);
    } while (access(path, F_OK) != 0);
}

static void test_renamed(void **state)
{
    struct fixture *f = *state;
    char old[PATH_SIZE];
    path_make(f, "mail.ndjson.1", old);
    fake_host_open(f->host, &ps_output_file, &f->options);
    fake_host_make_many(f->host, 100, 200);
    fake_host_settle(f->host);
    assert_int_equal(rename(f->path, old), 0);
    write_until_exists(f, f->path);
    assert_int_equal(f->host->rewinds, 0); /* nothing went wrong */
    static size_t times[FAKE_RECORDS];
    file_count(old, times, f->host->made);
    file_count(f->path, times, f->host->made);
    assert_each(times, f->host->made, 1, 1);
    close_checked(f);
}

/* Into a removed file nothing is confirmed. */
static void test_removed(void **state)
{
    struct fixture *f = *state;
    fake_host_open(f->host, &ps_output_file, &f->options);
    fake_host_make_many(f->host, 100, 200);
    fake_host_settle(f->host);
    assert_int_equal(unlink(f->path), 0);
    fake_host_make_many(f->host, 100, 200);
    fake_host_settle(f->host);
    static size_t times[200];
    file_count(f->path, times, PS_COUNT(times));
    assert_each(times + 100, 100, 1, 1);
    close_checked(f);
}

/* Places where nothing can be written: a rewind that names the path and says what to do, until it works. */
static void test_bad_places(void **state)
{
    struct fixture *f = *state;
    char missing[PATH_SIZE], directory[PATH_SIZE], fifo[PATH_SIZE], locked[PATH_SIZE];
    path_make(f, "missing/x.ndjson", missing);
    path_make(f, "directory", directory);
    path_make(f, "fifo", fifo);
    path_make(f, "locked", locked);
    assert_int_equal(mkdir(directory, 0700), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    int lock = open(locked, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(lock >= 0);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    static char full[] = "/dev/full";
    const struct {
        char *path;
        const char *say;
    } rows[] = {
        {missing, "create it"},   {directory, "name a file"}, {fifo, "start its reader"},
        {locked, "its own file"}, {full, "make room"},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        memset(f->host, 0, sizeof *f->host);
        struct ps_output_file_options options = {.path = rows[i].path};
        fake_host_open(f->host, &ps_output_file, &options);
        (void)fake_host_make(f->host, 100);
        while (f->host->rewinds < 2) { /* tried again and again */
            fake_host_submit(f->host);
            fake_host_turn(f->host);
        }
        if (!strstr(f->host->why, rows[i].path) || !strstr(f->host->why, rows[i].say))
            fail_msg("%s", f->host->why);
        assert_int_equal(f->host->done, 0);
        if (rows[i].path == missing) { /* the user does what was asked for */
            char parent[PATH_SIZE];
            path_make(f, "missing", parent);
            assert_int_equal(mkdir(parent, 0700), 0);
            fake_host_settle(f->host);
        } else if (rows[i].path == locked) {
            (void)close(lock);
            fake_host_settle(f->host);
        }
        close_checked(f);
    }
}

/* Standard output as a pipe that takes no more for a while, in the middle of a line. */
struct pipe_case {
    int fds[2], saved;
    char *text;
    size_t n;
};

static void pipe_open(struct pipe_case *p)
{
    assert_int_equal(pipe2(p->fds, O_CLOEXEC | O_NONBLOCK), 0);
    assert_true(fcntl(p->fds[1], F_SETPIPE_SZ, 4096) >= 4096);
    (void)fflush(stdout);
    p->saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    assert_true(p->saved >= 0);
    assert_true(dup2(p->fds[1], STDOUT_FILENO) >= 0);
    (void)close(p->fds[1]);
    p->text = malloc((size_t)64 << 20);
    assert_non_null(p->text);
    p->n = 0;
}

static void pipe_read(struct pipe_case *p)
{
    ssize_t r;
    while ((r = read(p->fds[0], p->text + p->n, 4096)) > 0)
        p->n += (size_t)r;
}

static void pipe_restore(struct pipe_case *p)
{
    assert_true(dup2(p->saved, STDOUT_FILENO) >= 0);
    (void)close(p->saved);
}

static void test_standard_output(void **state)
{
    struct fixture *f = *state;
    static char dash[] = "-";
    struct ps_output_file_options options = {.path = dash};
    struct pipe_case p;
    pipe_open(&p);
    fake_host_open(f->host, &ps_output_file, &options);
    ps_fault_arm(PS_FAULT_FSYNC, 0, 0);
    fake_host_make_many(f->host, 5000, 600);
    bool refused_for_now = false;
    while (f->host->head < f->host->made) {
        fake_host_submit(f->host);
        refused_for_now |= f->host->next < f->host->made;
        pipe_read(&p);
        fake_host_turn(f->host);
    }
    pipe_read(&p);
    close_checked(f);
    pipe_restore(&p);
    assert_true(refused_for_now); /* -EAGAIN was seen, and got over by `writable` */
    assert_true(f->host->writables > 0);
    assert_int_equal(f->host->rewinds, 0);
    assert_int_equal(ps_fault_uses(PS_FAULT_FSYNC), 0);
    static size_t times[5000];
    records_count(p.text, p.n, times, PS_COUNT(times));
    assert_each(times, PS_COUNT(times), 1, 1);
    free(p.text);
    (void)close(p.fds[0]);
}

/* A purge while half a line is in the pipe: the half stays alone on its line. */
static void test_pipe_purged(void **state)
{
    struct fixture *f = *state;
    static char dash[] = "-";
    struct ps_output_file_options options = {.path = dash};
    struct pipe_case p;
    pipe_open(&p);
    fake_host_open(f->host, &ps_output_file, &options);
    (void)fake_host_make(f->host, 5000); /* the pipe holds 4096 */
    fake_host_submit(f->host);
    fake_host_purge(f->host);
    pipe_read(&p);
    while (f->host->head < f->host->made) {
        fake_host_submit(f->host);
        pipe_read(&p);
        fake_host_turn(f->host);
    }
    pipe_read(&p);
    close_checked(f);
    pipe_restore(&p);
    size_t times[1] = {0};
    const char *nl = memchr(p.text, '\n', p.n);
    assert_non_null(nl);
    assert_int_equal(nl - p.text, 4096);
    records_count(nl + 1, p.n - 4097, times, 1);
    assert_int_equal(times[0], 1);
    free(p.text);
    (void)close(p.fds[0]);
}

static void test_pipe_broken(void **state)
{
    struct fixture *f = *state;
    static char dash[] = "-";
    struct ps_output_file_options options = {.path = dash};
    struct pipe_case p;
    pipe_open(&p);
    (void)close(p.fds[0]);
    fake_host_open(f->host, &ps_output_file, &options);
    (void)fake_host_make(f->host, 100);
    while (f->host->rewinds == 0) {
        fake_host_submit(f->host);
        fake_host_turn(f->host);
    }
    close_checked(f);
    pipe_restore(&p);
    free(p.text);
    assert_int_equal(f->host->done, 0);
    assert_non_null(strstr(f->host->why, "standard output"));
}

static void test_seqs(void **state)
{
    (void)state;
    struct ps_seqs s = {0};
    uint64_t seq;
    assert_false(ps_seqs_pop(&s, UINT64_MAX, &seq));
    for (uint64_t i = 0; i < 1000; i++)
        if (i % 7 != 3)
            assert_int_equal(ps_seqs_push(&s, i), 0);
    assert_int_equal(s.count, 1000 - 143);
    for (uint64_t i = 0; i < 500; i++) {
        if (i % 7 == 3)
            continue;
        assert_false(i > 0 && ps_seqs_pop(&s, i - 1, &seq));
        assert_true(ps_seqs_pop(&s, i, &seq));
        assert_int_equal(seq, i);
    }
    for (uint64_t i = 1000; i < 3000; i += 2) /* no two in a row */
        assert_int_equal(ps_seqs_push(&s, i), 0);
    size_t n = 0;
    uint64_t before = 499;
    for (; ps_seqs_pop(&s, UINT64_MAX, &seq); n++) {
        assert_true(seq > before);
        before = seq;
    }
    assert_int_equal(n, 500 - 72 + 1000);
    assert_int_equal(s.count, 0);
    ps_seqs_done(&s);
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_plain),       CASE(test_syncs_are_grouped), CASE(test_done_after_sync), CASE(test_torn_last_line),
        CASE(test_faults),      CASE(test_short_write),       CASE(test_purge_cuts),      CASE(test_renamed),
        CASE(test_removed),     CASE(test_bad_places),        CASE(test_standard_output), CASE(test_pipe_purged),
        CASE(test_pipe_broken), cmocka_unit_test(test_seqs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
