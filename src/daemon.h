/* Runs the pipelines of a configuration until a signal, or once. */
#pragma once

#include "config.h"

struct ps_daemon_options {
    bool once;
    int64_t once_timeout;    /* microseconds without any progress */
    bool stats;              /* at the end, counts by event kind on standard error */
    int64_t report_interval; /* microseconds between two log lines that tell a pipeline's counts, while they change */
};

/* The exit status: 0; 1 where something was not delivered or could not start (the log says what). Blocks all signals,
 * turns core dumps off. A second SIGTERM or SIGINT ends the process at once, by that signal. */
int ps_daemon_run(const struct ps_config *config, const struct ps_daemon_options *options);
