#include "daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/util.h"
#include "daemon_orphans.h"
#include "host_id.h"
#include "pipeline.h"

#define CHECKPOINT_INTERVAL PS_USEC_PER_SEC
#define REPORT_SLACK_PART   10 /* of the interval: so much later is fine */

enum { STATUS_FAILED = 1, REPORT_MAX = 256 };

struct runner {
    struct ps_line line;
    struct ps_filter *filter;
    struct ps_pipeline *pipeline;
    uint64_t reported; /* generation of the metrics when they were last reported */
};

struct daemon {
    const struct ps_config *config;
    const struct ps_daemon_options *options;
    struct ps_parser *parser;
    struct ps_site site;
    char host_name[HOST_NAME_MAX + 1];
    uint8_t host_id[PS_HOST_ID_LEN];

    struct ps_loop *loop;
    struct ps_loop_source *term, *interrupt, *ended, *report;
    int ended_fd;

    struct runner *runners; /* one a pipeline of the configuration; those that did not start have none */
    size_t left;            /* not ended yet */
    bool stopping;
};

/* Log lines hold addresses: no core file may. The process keeps that only while it runs pipelines, because a leak
 * checker, which looks into the process from outside at its end, could not. */
static void process_prepare(void)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)umask(0077);
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    (void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

static const char *name_of(const struct daemon *d, const struct runner *r)
{
    return d->config->pipelines[r - d->runners].name;
}

static void metrics_report(const struct daemon *d, struct runner *r, bool always)
{
    char text[REPORT_MAX];
    struct ps_metrics_view view;
    const struct ps_metrics *m = ps_pipeline_metrics(r->pipeline);
    ps_metrics_look(m, &view);
    if (!always && view.generation == r->reported)
        return;
    r->reported = view.generation;
    bool adds_up = ps_metrics_format(m, text, sizeof text);
    ps_log(adds_up ? PS_LOG_INFO : PS_LOG_ERROR, "pipeline %s: %s", name_of(d, r), text);
}

static int report_arm(const struct daemon *d)
{
    int64_t interval = d->options->report_interval;
    return ps_loop_timer_set(d->report, interval, interval / REPORT_SLACK_PART);
}

static void on_report(void *ctx)
{
    struct daemon *d = ctx;
    for (size_t i = 0; i < d->config->pipelines_n; i++)
        if (d->runners[i].pipeline)
            metrics_report(d, &d->runners[i], false);
    (void)report_arm(d);
}

static void all_stop(struct daemon *d)
{
    d->stopping = true;
    for (size_t i = 0; i < d->config->pipelines_n; i++)
        if (d->runners[i].pipeline)
            ps_pipeline_stop(d->runners[i].pipeline);
}

/* Dies by the signal itself, so that whoever waits for the process (a shell's loop, systemd) sees why it ended. */
static void process_end(int signo)
{
    sigset_t one;
    (void)sigemptyset(&one);
    (void)sigaddset(&one, signo);
    (void)signal(signo, SIG_DFL);
    (void)raise(signo);
    (void)pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

static void on_signal(void *ctx, int signo)
{
    struct daemon *d = ctx;
    if (d->stopping)
        process_end(signo);
    ps_log(PS_LOG_NOTICE, "stopping: waiting up to %" PRId64 " s for what is under way; a second signal ends at once",
           d->config->shutdown_timeout / PS_USEC_PER_SEC);
    all_stop(d);
}

/* From a pipeline's thread. */
static void pipeline_ended(void *ctx)
{
    const struct daemon *d = ctx;
    (void)eventfd_write(d->ended_fd, 1);
}

static void on_ended(void *ctx, uint32_t events)
{
    struct daemon *d = ctx;
    eventfd_t n = 0;
    (void)events;
    if (eventfd_read(d->ended_fd, &n) < 0)
        return;
    d->left -= n;
    if (d->left == 0)
        ps_loop_stop(d->loop);
}

static int loop_make(struct daemon *d)
{
    int r = ps_loop_new(&d->loop);
    if (r == 0)
        r = ps_loop_signal_add(d->loop, SIGTERM, on_signal, d, &d->term);
    if (r == 0)
        r = ps_loop_signal_add(d->loop, SIGINT, on_signal, d, &d->interrupt);
    if (r == 0)
        r = ps_loop_timer_add(d->loop, on_report, d, &d->report);
    if (r == 0)
        r = report_arm(d);
    if (r == 0) {
        r = d->ended_fd = ps_fault(PS_FAULT_OPEN) ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        r = r < 0 ? -errno : ps_loop_io_add(d->loop, d->ended_fd, EPOLLIN, on_ended, d, &d->ended);
    }
    return r;
}

/* What all pipelines share. */
static int daemon_make(struct daemon *d)
{
    size_t n = d->config->pipelines_n;
    d->site = (struct ps_site){.own_domains = d->config->own_domains, .own_networks = d->config->own_networks};
    if (gethostname(d->host_name, sizeof d->host_name - 1) < 0)
        d->host_name[0] = '\0';
    if (mkdir(d->config->state_dir, 0700) < 0 && errno != EEXIST) {
        int r = -errno;
        ps_log(PS_LOG_ERROR, "state_dir %s: %s", d->config->state_dir, strerror(-r));
        return r;
    }
    int r = ps_host_id_read(d->config->state_dir, d->host_id);
    if (r < 0) {
        ps_log(PS_LOG_ERROR, "no host id: /etc/machine-id and %s/host-id: %s%s", d->config->state_dir, strerror(-r),
               r == -EBADMSG ? "; host-id is damaged: remove it to have a new one, which changes all event ids" : "");
        return r;
    }
    d->runners = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(n ? n : 1, sizeof *d->runners);
    r = d->runners ? ps_parser_new(&d->parser) : -ENOMEM;
    if (r == 0)
        r = loop_make(d);
    if (r < 0)
        ps_log(PS_LOG_ERROR, "can't start: %s", strerror(-r));
    return r;
}

static void daemon_done(struct daemon *d)
{
    for (size_t i = 0; d->runners && i < d->config->pipelines_n; i++) {
        ps_pipeline_free(d->runners[i].pipeline);
        ps_filter_free(d->runners[i].filter);
    }
    free(d->runners);
    ps_loop_source_free(d->term);
    ps_loop_source_free(d->interrupt);
    ps_loop_source_free(d->ended);
    ps_loop_source_free(d->report);
    ps_loop_free(d->loop);
    ps_close(d->ended_fd);
    ps_parser_free(d->parser);
}

static int runner_start(struct daemon *d, struct runner *r)
{
    const struct ps_config_pipeline *c = &d->config->pipelines[r - d->runners];
    r->line = (struct ps_line){.parser = d->parser,
                               .site = &d->site,
                               .host = ps_slice_from_str(c->input->host),
                               .own_host = ps_slice_from_str(d->host_name)};
    int error = ps_filter_new(&c->keep, &c->drop, &r->filter);
    if (error < 0) {
        ps_log(PS_LOG_ERROR, "pipeline %s: can't start: %s", c->name, strerror(-error));
        return error;
    }
    const struct ps_pipeline_setup setup = {.name = c->name,
                                            .state_dir = d->config->state_dir,
                                            .input = c->input->ops,
                                            .input_options = c->input->options,
                                            .output = c->output->ops,
                                            .output_options = c->output->options,
                                            .line = &r->line,
                                            .filter = r->filter,
                                            .host_id = ps_slice_make((const char *)d->host_id, sizeof d->host_id),
                                            .add = &c->add,
                                            .window = (size_t)c->window,
                                            .window_bytes = (size_t)c->window_bytes,
                                            .once = d->options->once,
                                            .once_timeout = d->options->once_timeout,
                                            .shutdown_timeout = d->config->shutdown_timeout,
                                            .checkpoint_interval = CHECKPOINT_INTERVAL,
                                            .ended = pipeline_ended,
                                            .ctx = d};
    return ps_pipeline_start(&setup, &r->pipeline);
}

/* All or none: a configuration that starts by halves would look like one that works. */
static bool all_start(struct daemon *d)
{
    bool fine = true;
    for (size_t i = 0; i < d->config->pipelines_n; i++) {
        if (runner_start(d, &d->runners[i]) == 0)
            d->left++;
        else
            fine = false;
    }
    if (!fine) {
        ps_log(PS_LOG_ERROR, "not all pipelines can start: none runs");
        all_stop(d);
    }
    return fine;
}

/* Joins those that started; true where each is complete. */
static bool all_join(struct daemon *d)
{
    bool complete = true;
    for (size_t i = 0; i < d->config->pipelines_n; i++) {
        if (!d->runners[i].pipeline)
            continue;
        complete = ps_pipeline_join(d->runners[i].pipeline) == PS_PIPELINE_COMPLETE && complete;
        metrics_report(d, &d->runners[i], true);
    }
    return complete;
}

static void stats_print(const struct daemon *d)
{
    uint64_t kinds[PS_KIND_COUNT] = {0};
    for (size_t i = 0; i < d->config->pipelines_n; i++)
        for (size_t k = 0; d->runners[i].pipeline && k < PS_KIND_COUNT; k++)
            kinds[k] +=
                atomic_load_explicit(&ps_pipeline_metrics(d->runners[i].pipeline)->kinds[k], memory_order_relaxed);
    ps_metrics_kinds_print(kinds, stderr);
}

int ps_daemon_run(const struct ps_config *config, const struct ps_daemon_options *options)
{
    struct daemon d = {.config = config, .options = options, .ended_fd = -1};
    process_prepare();
    bool complete = ps_daemon_orphans_refuse(config) == 0 && daemon_make(&d) == 0;
    if (complete) {
        complete = all_start(&d);
        int r = d.left ? ps_loop_run(d.loop) : 0;
        if (r < 0) {
            ps_log(PS_LOG_ERROR, "the event loop fails: %s; stopping", strerror(-r));
            all_stop(&d);
            complete = false;
        }
        complete = all_join(&d) && complete;
        if (options->stats)
            stats_print(&d);
    }
    daemon_done(&d);
    (void)prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L);
    return complete ? 0 : STATUS_FAILED;
}
