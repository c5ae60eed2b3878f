#include "daemon.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/util.h"
#include "support/scratch.h"
#include "support/world.h"

enum { PATH_SIZE = 256, PIPELINES = 2, TEXT_SIZE = 16384 };

/* Two pipelines between worlds that outlive the process, which runs them in a child. */
struct fixture {
    struct scratch scratch;
    char state_dir[PATH_SIZE];
    struct world *worlds; /* shared */
    struct world *world[PIPELINES];
    struct ps_config_input inputs[PIPELINES];
    struct ps_config_output outputs[PIPELINES];
    struct ps_config_pipeline pipelines[PIPELINES];
    struct ps_config config;
    int said; /* the child's standard error */
};

static char *const names[PIPELINES] = {(char[]){"first"}, (char[]){"second"}};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    scratch_make(&f->scratch);
    (void)snprintf(f->state_dir, sizeof f->state_dir, "%s/state", f->scratch.path);
    f->worlds = mmap(NULL, PIPELINES * sizeof *f->worlds, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (f->worlds == MAP_FAILED)
        return -1;
    for (int i = 0; i < PIPELINES; i++) {
        static const struct world_script script = {.lines = 300, .in_order = true};
        f->world[i] = &f->worlds[i];
        world_init(f->world[i], &script, (uint64_t)i + 1);
        f->inputs[i] = (struct ps_config_input){.ops = &world_input, .options = &f->world[i]};
        f->outputs[i] = (struct ps_config_output){.ops = &world_output, .options = &f->world[i]};
        f->pipelines[i] = (struct ps_config_pipeline){
            .name = names[i], .input = &f->inputs[i], .output = &f->outputs[i], .window = 50, .window_bytes = 30000};
    }
    f->config = (struct ps_config){.state_dir = f->state_dir,
                                   .shutdown_timeout = 60 * PS_USEC_PER_SEC,
                                   .pipelines = f->pipelines,
                                   .pipelines_n = PIPELINES};
    f->said = memfd_create("said", MFD_CLOEXEC);
    *state = f;
    return f->said < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < PIPELINES; i++)
        world_done(f->world[i]);
    (void)munmap(f->worlds, PIPELINES * sizeof *f->worlds);
    scratch_remove(&f->scratch);
    (void)close(f->said);
    free(f);
    return 0;
}

static pid_t daemon_fork(struct fixture *f, const struct ps_daemon_options *options)
{
    assert_int_equal(ftruncate(f->said, 0), 0);
    assert_int_equal(lseek(f->said, 0, SEEK_SET), 0); /* the children share it */
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (dup2(f->said, STDERR_FILENO) < 0)
            _exit(99);
        _exit(ps_daemon_run(&f->config, options));
    }
    return child;
}

/* Its exit status; 1000 + signal where a signal ended it. */
static int daemon_wait(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static bool has_said(const struct fixture *f, const char *text, char said[TEXT_SIZE])
{
    ssize_t n = pread(f->said, said, TEXT_SIZE - 1, 0);
    assert_true(n >= 0);
    said[n] = '\0';
    return strstr(said, text);
}

static void assert_said(const struct fixture *f, const char *text)
{
    static char said[TEXT_SIZE];
    if (!has_said(f, text, said))
        fail_msg("\"%s\" is not in: %s", text, said);
}

/* Until it does; a memfd has no event to wait for. */
static void said_wait(const struct fixture *f, const char *text)
{
    static char said[TEXT_SIZE];
    while (!has_said(f, text, said))
        (void)usleep(1000);
}

static void reached_wait(struct world *w)
{
    while (sem_wait(&w->reached) < 0)
        assert_int_equal(errno, EINTR);
}

static const struct ps_daemon_options once = {
    .once = true, .once_timeout = 60 * PS_USEC_PER_SEC, .stats = true, .report_interval = 3600 * PS_USEC_PER_SEC};
static const struct ps_daemon_options forever = {.report_interval = 3600 * PS_USEC_PER_SEC};

static void once_runs_all_pipelines(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(daemon_wait(daemon_fork(f, &once)), 0);
    for (int i = 0; i < PIPELINES; i++)
        assert_true(world_complete(f->world[i], false));
    assert_said(f, "pipeline first: read 300, delivered 300, filtered 0, dead-lettered 0, in flight 0, adds up");
    assert_said(f, "pipeline second: read 300, delivered 300, filtered 0, dead-lettered 0, in flight 0, adds up");
    assert_said(f, "         600 other\n");
}

static void once_tells_what_is_left(void **state)
{
    struct fixture *f = *state;
    static const struct ps_daemon_options short_once = {
        .once = true, .once_timeout = 50 * PS_USEC_PER_MSEC, .report_interval = 3600 * PS_USEC_PER_SEC};
    f->world[1]->script.hang_after = 100;
    assert_int_equal(daemon_wait(daemon_fork(f, &short_once)), 1);
    assert_true(world_complete(f->world[0], false)); /* the other one is not held up */
    assert_int_equal(f->world[1]->saved, 100);
    assert_said(f, "pipeline second: no progress");
}

static void a_signal_stops_cleanly(void **state)
{
    static const int signals[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < PS_COUNT(signals); i++) {
        struct fixture *f;
        if (i)
            (void)tear_down(state), (void)set_up(state);
        f = *state;
        f->world[0]->notify_at = f->world[1]->notify_at = 300;
        pid_t child = daemon_fork(f, &forever);
        reached_wait(f->world[0]);
        reached_wait(f->world[1]);
        assert_int_equal(kill(child, SIGHUP), 0); /* changes nothing */
        assert_int_equal(kill(child, signals[i]), 0);
        assert_int_equal(daemon_wait(child), 0);
        for (int j = 0; j < PIPELINES; j++)
            assert_int_equal(f->world[j]->saved, 300);
    }
}

/* Every so often, not only at the end; of a pipeline that waits, too. */
static void counts_are_told_while_it_runs(void **state)
{
    struct fixture *f = *state;
    static const struct ps_daemon_options often = {.report_interval = 5 * PS_USEC_PER_MSEC};
    f->world[1]->script.hang_after = 100;
    pid_t child = daemon_fork(f, &often);
    said_wait(f, "pipeline first: read 300, delivered 300, filtered 0, dead-lettered 0, in flight 0, adds up");
    said_wait(f, "pipeline second: read 151, delivered 100, filtered 0, dead-lettered 0, in flight 51, adds up");
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(daemon_wait(child), 1000 + SIGKILL);
}

/* The destination hangs: the first signal waits, the second doesn't. */
static void a_second_signal_ends_at_once(void **state)
{
    struct fixture *f = *state;
    f->world[1]->script.hang_after = f->world[1]->notify_at = 100;
    pid_t child = daemon_fork(f, &forever);
    reached_wait(f->world[1]);
    assert_int_equal(kill(child, SIGTERM), 0);
    said_wait(f, "stopping");
    assert_int_equal(kill(child, SIGINT), 0);
    assert_int_equal(daemon_wait(child), 1000 + SIGINT); /* by the signal */
}

static void no_core_is_ever_written(void **state)
{
    struct fixture *f = *state;
    f->world[0]->notify_at = 1;
    pid_t child = daemon_fork(f, &forever);
    reached_wait(f->world[0]);
    char path[64], line[256] = "", found[64] = "";
    (void)snprintf(path, sizeof path, "/proc/%d/limits", (int)child);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        (void)sscanf(line, "Max core file size %63[^b]", found);
    (void)fclose(file);
    assert_non_null(strstr(found, "0 "));
    assert_null(strstr(found, "unlimited"));
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(daemon_wait(child), 0);
}

static void file_make(const struct fixture *f, const char *name)
{
    char path[PATH_SIZE * 2];
    (void)mkdir(f->state_dir, 0700);
    (void)snprintf(path, sizeof path, "%s/%s", f->state_dir, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fclose(file);
}

/* State without a pipeline, and a pipeline without state: renamed by mistake? */
static void a_renamed_pipeline_does_not_start_over(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(daemon_wait(daemon_fork(f, &once)), 0);
    char other[] = "renamed";
    f->pipelines[1].name = other;
    assert_int_equal(daemon_wait(daemon_fork(f, &once)), 1);
    assert_said(f, "rename second.checkpoint to renamed.checkpoint");
    assert_said(f, "move second.checkpoint and second.checkpoint.previous out of");

    /* the first way out */
    char from[PATH_SIZE * 2], to[PATH_SIZE * 2];
    (void)snprintf(from, sizeof from, "%s/second.checkpoint", f->state_dir);
    (void)snprintf(to, sizeof to, "%s/renamed.checkpoint", f->state_dir);
    assert_int_equal(rename(from, to), 0);
    (void)snprintf(from, sizeof from, "%s/second.checkpoint.previous", f->state_dir);
    (void)snprintf(to, sizeof to, "%s/renamed.checkpoint.previous", f->state_dir);
    (void)rename(from, to);
    assert_int_equal(daemon_wait(daemon_fork(f, &once)), 0);
    for (int i = 0; i < PIPELINES; i++)
        assert_true(world_complete(f->world[i], false)); /* nothing came twice */

    /* a pipeline that is no longer wanted does not hold up those that have their state */
    file_make(f, "gone.checkpoint");
    assert_int_equal(daemon_wait(daemon_fork(f, &once)), 0);
}

/* One that can't start, for whatever reason: none runs, exit status 1. */
static void all_start_or_none(void **state)
{
    struct fixture *f = *state;
    file_make(f, "second.checkpoint"); /* empty: damaged, and no previous one */
    f->config.shutdown_timeout = 0;
    assert_int_equal(daemon_wait(daemon_fork(f, &forever)), 1);
    assert_said(f, "second.checkpoint is damaged");
    assert_said(f, "none runs");
    assert_int_equal(f->world[1]->read, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(once_runs_all_pipelines),
        TEST(once_tells_what_is_left),
        TEST(a_signal_stops_cleanly),
        TEST(counts_are_told_while_it_runs),
        TEST(a_second_signal_ends_at_once),
        TEST(no_core_is_ever_written),
        TEST(a_renamed_pipeline_does_not_start_over),
        TEST(all_start_or_none),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
