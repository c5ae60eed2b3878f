#include "checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/util.h"
#include "lib/gz.h"
#include "support/scratch.h"

enum { PATH_SIZE = 256, FILE_SIZE = 4096 };

struct fixture {
    struct scratch scratch;
    char dir[PATH_SIZE]; /* the state directory, made by the code under test */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    scratch_make(&f->scratch);
    (void)snprintf(f->dir, sizeof f->dir, "%s/state", f->scratch.path);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    for (int point = 0; point < PS_FAULT_COUNT; point++)
        ps_fault_arm((enum ps_fault_point)point, 0, 0);
    scratch_remove(&f->scratch);
    free(f);
    return 0;
}

static const char *path_of(const struct fixture *f, const char *name, char path[PATH_SIZE])
{
    assert_in_range(snprintf(path, PATH_SIZE, "%s/%s", f->dir, name), 1, PATH_SIZE - 1);
    return path;
}

static void file_put(const struct fixture *f, const char *name, const char *bytes, size_t n)
{
    char path[PATH_SIZE];
    (void)unlink(path_of(f, name, path)); /* the previous one may be the same file by another name */
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static size_t file_get(const struct fixture *f, const char *name, char bytes[FILE_SIZE])
{
    char path[PATH_SIZE];
    FILE *file = fopen(path_of(f, name, path), "re");
    assert_non_null(file);
    size_t n = fread(bytes, 1, FILE_SIZE, file);
    assert_int_equal(fclose(file), 0);
    return n;
}

static bool file_exists(const struct fixture *f, const char *name)
{
    char path[PATH_SIZE];
    return access(path_of(f, name, path), F_OK) == 0;
}

static void file_remove(const struct fixture *f, const char *name)
{
    char path[PATH_SIZE];
    (void)unlink(path_of(f, name, path));
}

/* The position is {"n": NUMBER} in these tests. */
static int number_save(struct ps_checkpoint *c, int number)
{
    char text[32];
    (void)snprintf(text, sizeof text, "{\"n\":%d}", number);
    return ps_checkpoint_save(c, "file", ps_slice_from_str(text));
}

struct loaded {
    int r;
    int64_t number;
    bool damaged;
};

static struct loaded number_load(struct ps_checkpoint *c, const char *kind)
{
    struct loaded l = {.number = -1};
    struct ps_json *root = NULL;
    const struct ps_json *position = NULL;
    l.r = ps_checkpoint_load(c, kind, &root, &position, &l.damaged);
    if (l.r == 1)
        assert_true(ps_json_i64(ps_json_member(position, "n"), &l.number));
    else
        assert_null(root);
    ps_json_free(root);
    return l;
}

/* The number that stands in the state directory, taken by a new start. */
static struct loaded number_start(const struct fixture *f)
{
    struct ps_checkpoint *c;
    assert_int_equal(ps_checkpoint_open(f->dir, "mail", &c), 0);
    struct loaded l = number_load(c, "file");
    ps_checkpoint_close(c);
    return l;
}

/* A state directory where 1 and then 2 were saved. */
static void two_saved(const struct fixture *f)
{
    struct ps_checkpoint *c;
    assert_int_equal(ps_checkpoint_open(f->dir, "mail", &c), 0);
    file_remove(f, "mail.checkpoint");
    file_remove(f, "mail.checkpoint.previous");
    file_remove(f, "mail.checkpoint.damaged");
    assert_int_equal(number_save(c, 1), 0);
    assert_int_equal(number_save(c, 2), 0);
    ps_checkpoint_close(c);
}

static void what_was_saved_is_loaded(void **state)
{
    const struct fixture *f = *state;
    struct ps_checkpoint *c;
    assert_int_equal(ps_checkpoint_open(f->dir, "mail", &c), 0);
    struct stat st;
    assert_int_equal(stat(f->dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(number_load(c, "file").r, 0);
    for (int i = 1; i < 5; i++) {
        assert_int_equal(number_save(c, i), 0);
        struct loaded l = number_load(c, "file");
        assert_int_equal(l.r, 1);
        assert_int_equal(l.number, i);
        assert_false(l.damaged);
    }
    char path[PATH_SIZE];
    assert_int_equal(stat(path_of(f, "mail.checkpoint", path), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_string_equal(ps_checkpoint_path(c), path);
    ps_checkpoint_close(c);
    assert_int_equal(number_start(f).number, 4);
    assert_null(ps_checkpoint_close(NULL));
}

static void the_file_is_what_the_header_says(void **state)
{
    const struct fixture *f = *state;
    static const char body[] = "{\"pipeline\":\"mail\",\"input\":\"file\",\"position\":{\"n\":2}}\n";
    char expected[FILE_SIZE], got[FILE_SIZE];
    two_saved(f);
    int n = snprintf(expected, sizeof expected, "postship checkpoint 1 %zu %08x\n%s", sizeof body - 1,
                     (unsigned)ps_crc32(ps_slice_from_str(body)), body);
    assert_int_equal(file_get(f, "mail.checkpoint", got), n);
    assert_memory_equal(got, expected, (size_t)n);
}

static void a_name_that_is_no_file_name_is_refused(void **state)
{
    const struct fixture *f = *state;
    static const char *const names[] = {"", ".", "..", ".hidden", "a/b", "/etc/passwd"};
    for (size_t i = 0; i < PS_COUNT(names); i++) {
        struct ps_checkpoint *c = NULL;
        assert_int_equal(ps_checkpoint_open(f->dir, names[i], &c), -EINVAL);
        assert_null(c);
    }
}

/* Whatever a crash leaves of the newest file, the previous one is used and the torn one kept aside. */
static void a_damaged_newest_gives_way_to_the_previous(void **state)
{
    const struct fixture *f = *state;
    enum { TRUNCATED, ZEROED, FLIPPED, LONGER, DAMAGES };
    char whole[FILE_SIZE], bytes[FILE_SIZE];
    two_saved(f);
    const size_t n = file_get(f, "mail.checkpoint", whole);
    int newer = 0;
    for (int damage = 0; damage < DAMAGES; damage++) {
        for (size_t at = 0; at < n; at++) {
            two_saved(f);
            size_t size = n;
            memcpy(bytes, whole, n);
            if (damage == TRUNCATED)
                size = at;
            else if (damage == ZEROED)
                memset(bytes + at, 0, n - at);
            else if (damage == FLIPPED)
                bytes[at] = (char)(bytes[at] ^ 1 << at % 8);
            else
                memset(bytes + n, '\n', (size = n + 1 + at) - n);
            file_put(f, "mail.checkpoint", bytes, size);

            struct loaded l = number_start(f);
            if (l.r == -EPROTO) { /* the one flipped bit that makes another format's number */
                newer++;
                continue;
            }
            assert_int_equal(l.r, 1);
            assert_int_equal(l.number, 1);
            assert_true(l.damaged);
            char aside[FILE_SIZE];
            assert_int_equal(file_get(f, "mail.checkpoint.damaged", aside), size);
            assert_memory_equal(aside, bytes, size);

            /* A crash now, before anything is saved: still not a first start. */
            l = number_start(f);
            assert_int_equal(l.r, 1);
            assert_int_equal(l.number, 1);
            assert_false(l.damaged);
        }
    }
    assert_true(newer <= 1);
}

static void both_damaged_is_refused_and_left_alone(void **state)
{
    const struct fixture *f = *state;
    static const struct {
        const char *newest, *previous; /* NULL: no such file */
        int r;
    } rows[] = {
        {"", "", -EUCLEAN},    {"x", NULL, -EUCLEAN},
        {NULL, "x", -EUCLEAN}, {"postship checkpoint 1 3 00000000\n{}\n", "x", -EUCLEAN},
        {NULL, NULL, 0},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        two_saved(f);
        file_remove(f, "mail.checkpoint");
        file_remove(f, "mail.checkpoint.previous");
        if (rows[i].newest)
            file_put(f, "mail.checkpoint", rows[i].newest, strlen(rows[i].newest));
        if (rows[i].previous)
            file_put(f, "mail.checkpoint.previous", rows[i].previous, strlen(rows[i].previous));
        for (int start = 0; start < 2; start++) { /* nor does a second start see it otherwise */
            assert_int_equal(number_start(f).r, rows[i].r);
            assert_int_equal(file_exists(f, "mail.checkpoint"), rows[i].newest != NULL);
            assert_int_equal(file_exists(f, "mail.checkpoint.previous"), rows[i].previous != NULL);
        }
    }
}

/* Files with a right head: what counts is what stands in them. */
static void whole_files_are_judged_by_their_content(void **state)
{
    const struct fixture *f = *state;
    static const struct {
        int format;
        const char *body;
        int r;
        int64_t number;
    } rows[] = {
        {1, "{\"pipeline\":\"mail\",\"input\":\"file\",\"position\":{\"n\":7}}\n", 1, 7},
        {1, "{\"pipeline\":\"renamed\",\"input\":\"file\",\"position\":{\"n\":8}}", 1, 8},
        {1, "{\"input\":\"journal\",\"position\":{\"n\":7}}", -EXDEV, -1},
        {2, "{\"input\":\"file\",\"position\":{\"n\":7}}", -EPROTO, -1},
        {17, "anything", -EPROTO, -1},
        {0, "{\"input\":\"file\",\"position\":{\"n\":7}}", 1, 1}, /* no such format: damaged, so the previous */
        {1, "{\"input\":\"file\"}", 1, 1},
        {1, "{\"input\":7,\"position\":{\"n\":7}}", 1, 1},
        {1, "{\"input\":\"file\",\"position\":{\"n\":7}", 1, 1},
        {1, "", 1, 1},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        char file[FILE_SIZE];
        two_saved(f);
        int n = snprintf(file, sizeof file, "postship checkpoint %d %zu %08x\n%s", rows[i].format, strlen(rows[i].body),
                         (unsigned)ps_crc32(ps_slice_from_str(rows[i].body)), rows[i].body);
        file_put(f, "mail.checkpoint", file, (size_t)n);
        struct loaded l = number_start(f);
        assert_int_equal(l.r, rows[i].r);
        assert_int_equal(l.number, rows[i].number);
        if (l.r < 0) { /* refused: nothing is touched */
            char left[FILE_SIZE];
            assert_int_equal(file_get(f, "mail.checkpoint", left), n);
            assert_memory_equal(left, file, (size_t)n);
        }
    }
}

static void one_process_at_a_time(void **state)
{
    const struct fixture *f = *state;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct ps_checkpoint *held;
        char ok = ps_checkpoint_open(f->dir, "mail", &held) == 0 ? 'y' : 'n';
        (void)!write(ready[1], &ok, 1);
        for (;;)
            (void)pause();
    }
    char ok = 0;
    assert_int_equal(read(ready[0], &ok, 1), 1);
    assert_int_equal(ok, 'y');
    struct ps_checkpoint *c = NULL;
    assert_int_equal(ps_checkpoint_open(f->dir, "mail", &c), -EBUSY);
    assert_null(c);
    assert_int_equal(ps_checkpoint_open(f->dir, "other", &c), 0);
    ps_checkpoint_close(c);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(ps_checkpoint_open(f->dir, "mail", &c), 0);
    struct ps_checkpoint *twice = NULL; /* two pipelines of one process */
    assert_int_equal(ps_checkpoint_open(f->dir, "mail", &twice), -EBUSY);
    ps_checkpoint_close(c);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

static const struct {
    enum ps_fault_point point;
    int error;
} faults[] = {
    {PS_FAULT_MALLOC, ENOMEM}, {PS_FAULT_OPEN, EMFILE}, {PS_FAULT_READ, EIO},     {PS_FAULT_WRITE, ENOSPC},
    {PS_FAULT_WRITE, EINTR},   {PS_FAULT_FSYNC, EIO},   {PS_FAULT_FSYNC, ENOSPC}, {PS_FAULT_RENAME, EDQUOT},
};

/* Each Nth use of each point fails a save: the old content or the new one is loaded afterwards, the lock is free, and
 * the next save works. */
static void a_failed_save_leaves_the_old_or_the_new(void **state)
{
    const struct fixture *f = *state;
    int reached = 0;
    for (size_t i = 0; i < PS_COUNT(faults); i++) {
        for (uint64_t nth = 1;; nth++) {
            struct ps_checkpoint *c;
            two_saved(f);
            assert_int_equal(ps_checkpoint_open(f->dir, "mail", &c), 0);
            ps_fault_arm(faults[i].point, nth, faults[i].error);
            int r = number_save(c, 3);
            bool hit = ps_fault_uses(faults[i].point) >= nth;
            ps_fault_arm(faults[i].point, 0, 0);
            assert_int_equal(r, hit && faults[i].error != EINTR ? -faults[i].error : 0);
            assert_false(file_exists(f, "mail.checkpoint.tmp"));
            assert_false(file_exists(f, "mail.checkpoint.previous.tmp"));

            struct loaded l = number_load(c, "file");
            assert_int_equal(l.r, 1);
            assert_false(l.damaged);
            if (r == 0)
                assert_int_equal(l.number, 3);
            else
                assert_in_range(l.number, 2, 3);

            /* the previous one is whole too, whenever the crash comes */
            file_put(f, "mail.checkpoint", "", 0);
            l = number_load(c, "file");
            assert_int_equal(l.r, 1);
            assert_in_range(l.number, 1, 2);
            assert_int_equal(number_save(c, 4), 0);
            assert_int_equal(number_load(c, "file").number, 4);
            ps_checkpoint_close(c);
            if (!hit)
                break;
            reached++;
        }
    }
    print_message("%d points failed\n", reached);
    assert_true(reached >= 10);
}

/* A failed load is an error, never a first start, which would skip or repeat everything. */
static void a_failed_load_is_told(void **state)
{
    const struct fixture *f = *state;
    int reached = 0;
    for (size_t i = 0; i < PS_COUNT(faults); i++) {
        for (int damaged = 0; damaged < 2; damaged++) {
            for (uint64_t nth = 1;; nth++) {
                struct ps_checkpoint *c = NULL;
                two_saved(f);
                if (damaged)
                    file_put(f, "mail.checkpoint", "torn", 4);
                ps_fault_arm(faults[i].point, nth, faults[i].error);
                int r = ps_checkpoint_open(f->dir, "mail", &c);
                struct loaded l = {.r = r};
                if (r == 0)
                    l = number_load(c, "file");
                bool hit = ps_fault_uses(faults[i].point) >= nth;
                ps_fault_arm(faults[i].point, 0, 0);
                ps_checkpoint_close(c);
                if (hit && faults[i].error != EINTR)
                    assert_int_equal(l.r, -faults[i].error);
                else
                    assert_int_equal(l.number, damaged ? 1 : 2);
                assert_int_equal(number_start(f).number, damaged ? 1 : 2);
                if (!hit)
                    break;
                reached++;
            }
        }
    }
    print_message("%d points failed\n", reached);
    assert_true(reached >= 20);
}

static void orphans_are_pipelines_without_a_name(void **state)
{
    const struct fixture *f = *state;
    static const char *const names[] = {"mail", "other"};
    struct ps_strings orphans = {0};
    assert_int_equal(ps_checkpoint_orphans(f->dir, names, PS_COUNT(names), &orphans), 0);
    assert_int_equal(orphans.n, 0); /* no directory */
    two_saved(f);
    static const char *const files[] = {"old.checkpoint",
                                        "old.checkpoint.previous",
                                        "aside.checkpoint.previous",
                                        "mail.checkpoint",
                                        "done.checkpoint.damaged",
                                        "gone.lock",
                                        ".checkpoint",
                                        "host-id",
                                        "half.checkpoint.tmp"};
    for (size_t i = 0; i < PS_COUNT(files); i++)
        file_put(f, files[i], "", 0);
    for (uint64_t nth = 1;; nth++) {
        orphans = (struct ps_strings){0};
        ps_fault_arm(PS_FAULT_MALLOC, nth, ENOMEM);
        int r = ps_checkpoint_orphans(f->dir, names, PS_COUNT(names), &orphans);
        bool hit = ps_fault_uses(PS_FAULT_MALLOC) >= nth;
        ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
        assert_int_equal(r, hit ? -ENOMEM : 0);
        if (!hit)
            break;
        assert_int_equal(orphans.n, 0);
    }
    assert_int_equal(orphans.n, 2); /* old, aside; the directory's order is its own */
    bool old = false, aside = false;
    for (size_t i = 0; i < orphans.n; i++) {
        old |= strcmp(orphans.v[i], "old") == 0;
        aside |= strcmp(orphans.v[i], "aside") == 0;
        free(orphans.v[i]);
    }
    free(orphans.v);
    assert_true(old && aside);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_saved_is_loaded),
        TEST(the_file_is_what_the_header_says),
        TEST(a_name_that_is_no_file_name_is_refused),
        TEST(a_damaged_newest_gives_way_to_the_previous),
        TEST(both_damaged_is_refused_and_left_alone),
        TEST(whole_files_are_judged_by_their_content),
        TEST(one_process_at_a_time),
        TEST(a_failed_save_leaves_the_old_or_the_new),
        TEST(a_failed_load_is_told),
        TEST(orphans_are_pipelines_without_a_name),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
