#include "base/log.h"
#include "base/util.h"
#include "cli/command.h"
#include "cli/config_load.h"
#include "daemon.h"

#define REPORT_INTERVAL (60 * PS_USEC_PER_SEC)

struct run_options {
    char *config;
    bool once;
    int64_t timeout;
    bool stats;
    int log_level; /* index of log_levels */
};

/* In the order of enum ps_log_level, which begins with the errors. */
static const char *const log_levels[] = {"error", "warning", "notice", "info", "debug", NULL};

static const struct ps_command_option run_rows[] = {
    {
        .letter = 'c',
        .argument = "FILE",
        .row =
            {
                .name = "config",
                .type = PS_OPTION_STRING,
                .offset = offsetof(struct run_options, config),
                .required = true,
                .doc = "the configuration",
            },
    },
    {
        .row =
            {
                .name = "once",
                .type = PS_OPTION_BOOL,
                .offset = offsetof(struct run_options, once),
                .doc = "ship what is there now, wait for the confirmations, end",
            },
    },
    {
        .argument = "T",
        .row =
            {
                .name = "timeout",
                .type = PS_OPTION_DURATION,
                .offset = offsetof(struct run_options, timeout),
                .standard = "60s",
                .min = PS_USEC_PER_SEC,
                .doc = "with --once: give up after this time without progress",
            },
    },
    {
        .row =
            {
                .name = "stats",
                .type = PS_OPTION_BOOL,
                .offset = offsetof(struct run_options, stats),
                .doc = "at the end, print counts by event to standard error",
            },
    },
    {
        .argument = "LEVEL",
        .row =
            {
                .name = "log-level",
                .type = PS_OPTION_ENUM,
                .offset = offsetof(struct run_options, log_level),
                .standard = "info",
                .choices = log_levels,
                .doc = "what is told on standard error",
            },
    },
};

static int run(const void *options, char **args)
{
    (void)args;
    const struct run_options *o = options;
    ps_log_level_set((enum ps_log_level)(PS_LOG_ERROR + o->log_level));
    _cleanup_(ps_config_freep) struct ps_config *config = ps_config_load(o->config);
    if (!config)
        return PS_EXIT_FAILURE;
    const struct ps_daemon_options daemon = {
        .once = o->once, .once_timeout = o->timeout, .stats = o->stats, .report_interval = REPORT_INTERVAL};
    return ps_daemon_run(config, &daemon);
}

const struct ps_command ps_command_run = {
    .name = "run",
    .summary = "Run the pipelines of a configuration, in the foreground",
    .help = "SIGTERM and SIGINT stop it cleanly: reading ends, what is under way is confirmed or sent again at the\n"
            "next start. With --once the exit status is 0 only if everything was delivered.\n",
    .options = run_rows,
    .options_n = PS_COUNT(run_rows),
    .size = sizeof(struct run_options),
    .run = run,
};
