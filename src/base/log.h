/* The agent's own log, on standard error: "<N>text" where the journal reads it ($JOURNAL_STREAM names it), plain text
 * otherwise. One line a call, one write(2) a line, so lines of several threads never mix. Thread safe.
 *
 * No level prints the content of a log line, an event or a secret: callers give names, paths, offsets and counts.
 * Libraries below cli/ and the pipeline do not log: they return what went wrong, and the pipeline says it once. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum ps_log_level { PS_LOG_ERROR = 3, PS_LOG_WARNING = 4, PS_LOG_NOTICE = 5, PS_LOG_INFO = 6, PS_LOG_DEBUG = 7 };

/* The only global setting of the program. Default PS_LOG_INFO. */
void ps_log_level_set(enum ps_log_level level);
bool ps_log_enabled(enum ps_log_level level);

/* Standard error is the journal's: it reads a priority "<N>" in front of each line. */
bool ps_log_is_journal(void);

/* Control characters in the text are replaced by '?'; longer than 2 KiB is cut. */
void ps_log(enum ps_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For what can repeat: the first is printed, then at most one every 30 s with "(N more like this)". The same
 * struct, zero-initialised, belongs to one kind of message of one object; not thread safe by itself. */
struct ps_log_limit {
    int64_t next_us;     /* CLOCK_MONOTONIC */
    uint64_t suppressed; /* since the last one printed */
};
void ps_log_limited(struct ps_log_limit *limit, enum ps_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
