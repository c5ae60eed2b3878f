#include "daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/util.h"
#include "checkpoint.h"
#include "host_id.h"
#include "pipeline.h"

#define TELL_INTERVAL       (60 * PS_USEC_PER_SEC)
#define TELL_SLACK          (5 * PS_USEC_PER_SEC)
#define CHECKPOINT_INTERVAL PS_USEC_PER_SEC

enum { EXIT_SIGNALLED = 128, TEXT_MAX = 256 };

/* One pipeline of the configuration while it runs. */
struct runner {
    struct ps_line line;
    struct ps_pipeline *pipeline; /* NULL: not started */
    uint64_t told;                /* the metrics' generation when they were last told */
};

struct daemon {
    const struct ps_config *config;
    const struct ps_daemon_options *options;
    struct ps_parser *parser; /* shared: it never changes */
    struct ps_site site;
    uint8_t host_id[PS_HOST_ID_LEN];
    char own_host[HOST_NAME_MAX + 1];
    struct runner *runners; /* config->pipelines_n */
    size_t running;

    struct ps_loop *loop;
    struct ps_loop_source *terminate, *interrupt, *tell, *ended;
    int ended_fd; /* counts the pipelines that have ended */
    bool stopping;
};

/* No signal may hit a thread that doesn't expect it, and no line of a log may get into a core dump. */
static void process_prepare(void)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    const struct rlimit none = {0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)umask(S_IRWXG | S_IRWXO);
}

static void runner_tell(struct daemon *d, size_t i)
{
    struct runner *r = &d->runners[i];
    const struct ps_metrics *m = ps_pipeline_metrics(r->pipeline);
    struct ps_metrics_view view;
    ps_metrics_look(m, &view);
    r->told = view.generation;
    char text[TEXT_MAX];
    bool fine = ps_metrics_format(m, text, sizeof text);
    ps_log(fine ? PS_LOG_INFO : PS_LOG_ERROR, "pipeline %s: %s", d->config->pipelines[i].name, text);
}

static void tell_arm(struct daemon *d)
{
    int r = ps_loop_timer_set(d->tell, TELL_INTERVAL, TELL_SLACK);
    if (r < 0)
        ps_log(PS_LOG_ERROR, "the timer for the counts failed: %s", strerror(-r));
}

static void on_tell(void *ctx)
{
    struct daemon *d = ctx;
    for (size_t i = 0; i < d->config->pipelines_n; i++) {
        struct ps_metrics_view view;
        ps_metrics_look(ps_pipeline_metrics(d->runners[i].pipeline), &view);
        if (view.generation != d->runners[i].told)
            runner_tell(d, i);
    }
    tell_arm(d);
}

static void on_signal(void *ctx, int signo)
{
    struct daemon *d = ctx;
    if (d->stopping)
        _exit(EXIT_SIGNALLED + signo);
    d->stopping = true;
    ps_log(PS_LOG_INFO, "%s: stopping; once more ends at once", strsignal(signo));
    for (size_t i = 0; i < d->config->pipelines_n; i++)
        ps_pipeline_stop(d->runners[i].pipeline);
}

/* On a pipeline's thread. */
static void on_pipeline_ended(void *ctx)
{
    const struct daemon *d = ctx;
    const uint64_t one = 1;
    ssize_t ignored = write(d->ended_fd, &one, sizeof one);
    (void)ignored;
}

static void on_ended(void *ctx, uint32_t events)
{
    struct daemon *d = ctx;
    uint64_t count;
    (void)events;
    if (read(d->ended_fd, &count, sizeof count) != sizeof count)
        return;
    d->running -= PS_MIN(d->running, (size_t)count);
    if (d->running == 0)
        ps_loop_stop(d->loop);
}

static int loop_make(struct daemon *d)
{
    int r = ps_loop_new(&d->loop);
    if (r >= 0)
        r = ps_loop_signal_add(d->loop, SIGTERM, on_signal, d, &d->terminate);
    if (r >= 0)
        r = ps_loop_signal_add(d->loop, SIGINT, on_signal, d, &d->interrupt);
    if (r >= 0)
        r = ps_loop_timer_add(d->loop, on_tell, d, &d->tell);
    if (r >= 0) {
        d->ended_fd = ps_fault(PS_FAULT_OPEN) ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        r = d->ended_fd < 0 ? -errno : ps_loop_io_add(d->loop, d->ended_fd, EPOLLIN, on_ended, d, &d->ended);
    }
    return r;
}

static int daemon_init(struct daemon *d)
{
    d->site = (struct ps_site){d->config->own_domains, d->config->own_networks};
    if (gethostname(d->own_host, sizeof d->own_host) < 0)
        (void)snprintf(d->own_host, sizeof d->own_host, "localhost");
    d->own_host[sizeof d->own_host - 1] = '\0';
    d->runners = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(d->config->pipelines_n, sizeof *d->runners);
    int r = d->runners ? ps_parser_new(&d->parser) : -ENOMEM;
    if (r >= 0)
        r = loop_make(d);
    if (r < 0)
        ps_log(PS_LOG_ERROR, "can't start: %s", strerror(-r));
    return r;
}

static void daemon_done(struct daemon *d)
{
    for (size_t i = 0; d->runners && i < d->config->pipelines_n; i++)
        ps_pipeline_free(d->runners[i].pipeline);
    free(d->runners);
    ps_parser_free(d->parser);
    ps_loop_source_free(d->terminate);
    ps_loop_source_free(d->interrupt);
    ps_loop_source_free(d->tell);
    ps_loop_source_free(d->ended);
    ps_loop_free(d->loop);
    (void)ps_close(d->ended_fd);
}

static int host_id_take(struct daemon *d)
{
    const char *dir = d->config->state_dir;
    int r = mkdir(dir, S_IRWXU) < 0 && errno != EEXIST ? -errno : 0;
    if (r < 0) {
        ps_log(PS_LOG_ERROR, "state_dir %s can't be made: %s; make it, owned by the user that runs postship", dir,
               strerror(-r));
        return r;
    }
    r = ps_host_id_read(dir, d->host_id);
    if (r == -EBADMSG)
        ps_log(PS_LOG_ERROR, "%s/host-id is damaged; remove it to have a new one (all event ids change then)", dir);
    else if (r < 0)
        ps_log(PS_LOG_ERROR, "no host id: neither /etc/machine-id nor %s/host-id can be used: %s", dir, strerror(-r));
    return r;
}

static bool has_state(const struct ps_config *config, const char *pipeline)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s.checkpoint", config->state_dir, pipeline);
    if (n < 0 || (size_t)n >= sizeof path || access(path, F_OK) == 0)
        return true;
    n = snprintf(path, sizeof path, "%s/%s.checkpoint.previous", config->state_dir, pipeline);
    return n < 0 || (size_t)n >= sizeof path || access(path, F_OK) == 0;
}

/* A pipeline without state beside state without a pipeline: was it renamed by mistake? It would ship all again. */
static int orphans_check(const struct ps_config *config, const char *const *names)
{
    struct ps_strings orphans = {0};
    int r = ps_checkpoint_orphans(config->state_dir, names, config->pipelines_n, &orphans);
    if (r < 0)
        ps_log(PS_LOG_ERROR, "state_dir %s can't be read: %s", config->state_dir, strerror(-r));
    for (size_t i = 0; r == 0 && orphans.n && i < config->pipelines_n; i++) {
        if (has_state(config, names[i]))
            continue;
        ps_log(
            PS_LOG_ERROR,
            "pipeline %s has no state, but %s holds that of \"%s\", which no pipeline uses. Was it renamed? To go on "
            "where that one stopped, rename %s.checkpoint and %s.checkpoint.previous in %s to %s.…; to start %s as "
            "for the first time, move them away",
            names[i], config->state_dir, orphans.v[0], orphans.v[0], orphans.v[0], config->state_dir, names[i],
            names[i]);
        r = -EEXIST;
    }
    for (size_t i = 0; i < orphans.n; i++)
        free(orphans.v[i]);
    free(orphans.v);
    return r;
}

static int state_check(const struct ps_config *config)
{
    const char **names = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(config->pipelines_n, sizeof *names);
    if (!names) {
        ps_log(PS_LOG_ERROR, "can't start: out of memory");
        return -ENOMEM;
    }
    for (size_t i = 0; i < config->pipelines_n; i++)
        names[i] = config->pipelines[i].name;
    int r = orphans_check(config, names);
    free(names);
    return r;
}

static int runner_start(struct daemon *d, size_t i)
{
    const struct ps_config_pipeline *p = &d->config->pipelines[i];
    struct runner *runner = &d->runners[i];
    runner->line = (struct ps_line){
        .parser = d->parser,
        .site = &d->site,
        .host = ps_slice_from_str(p->input->host),
        .own_host = ps_slice_from_str(d->own_host),
    };
    const struct ps_pipeline_setup setup = {
        .name = p->name,
        .state_dir = d->config->state_dir,
        .input = p->input->ops,
        .input_options = p->input->options,
        .read_from = (enum ps_read_from)p->input->read_from,
        .output = p->output->ops,
        .output_options = p->output->options,
        .line = &runner->line,
        .host_id = {(const char *)d->host_id, sizeof d->host_id},
        .add = &p->add,
        .window = (size_t)p->window,
        .window_bytes = (size_t)p->window_bytes,
        .once = d->options->once,
        .once_timeout = d->options->once_timeout,
        .shutdown_timeout = d->config->shutdown_timeout,
        .checkpoint_interval = CHECKPOINT_INTERVAL,
        .ended = on_pipeline_ended,
        .ctx = d,
    };
    int r = ps_pipeline_start(&setup, &runner->pipeline);
    if (r >= 0)
        d->running++;
    return r;
}

/* All, or none. */
static int runners_start(struct daemon *d)
{
    int r = 0;
    for (size_t i = 0; i < d->config->pipelines_n && r >= 0; i++)
        r = runner_start(d, i);
    for (size_t i = 0; r < 0 && i < d->config->pipelines_n; i++) {
        if (!d->runners[i].pipeline)
            break;
        ps_pipeline_stop(d->runners[i].pipeline);
        (void)ps_pipeline_join(d->runners[i].pipeline);
    }
    return r;
}

static int kinds_compare(const void *a, const void *b, void *counts)
{
    const uint64_t *n = counts;
    const int x = *(const int *)a, y = *(const int *)b;
    return n[x] != n[y] ? (n[x] < n[y] ? 1 : -1) : x - y;
}

static void stats_print(const struct daemon *d)
{
    uint64_t counts[PS_KIND_COUNT] = {0};
    int order[PS_KIND_COUNT];
    for (int k = 0; k < PS_KIND_COUNT; k++) {
        order[k] = k;
        for (size_t i = 0; i < d->config->pipelines_n; i++)
            counts[k] += atomic_load(&ps_pipeline_metrics(d->runners[i].pipeline)->kinds[k]);
    }
    qsort_r(order, PS_KIND_COUNT, sizeof order[0], kinds_compare, counts);
    for (int k = 0; k < PS_KIND_COUNT && counts[order[k]]; k++)
        (void)fprintf(stderr, "%12" PRIu64 " %s\n", counts[order[k]], ps_kind_name((enum ps_kind)order[k]));
}

static int runners_run(struct daemon *d)
{
    tell_arm(d);
    int r = ps_loop_run(d->loop);
    if (r < 0) {
        ps_log(PS_LOG_ERROR, "the event loop failed: %s; stopping", strerror(-r));
        for (size_t i = 0; i < d->config->pipelines_n; i++)
            ps_pipeline_stop(d->runners[i].pipeline);
    }
    int status = r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
    for (size_t i = 0; i < d->config->pipelines_n; i++) {
        if (ps_pipeline_join(d->runners[i].pipeline) != PS_PIPELINE_COMPLETE)
            status = EXIT_FAILURE;
        runner_tell(d, i);
    }
    if (d->options->stats)
        stats_print(d);
    return status;
}

int ps_daemon_run(const struct ps_config *config, const struct ps_daemon_options *options)
{
    struct daemon d = {.config = config, .options = options, .ended_fd = -1};
    process_prepare();
    int status = EXIT_FAILURE;
    if (daemon_init(&d) >= 0 && host_id_take(&d) >= 0 && state_check(config) >= 0 && runners_start(&d) >= 0)
        status = runners_run(&d);
    daemon_done(&d);
    return status;
}
