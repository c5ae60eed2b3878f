#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"

enum { LOG_LINE_MAX = 2048 };
#define LOG_REPEAT_USEC (30 * PS_USEC_PER_SEC)

static _Atomic int log_level = PS_LOG_INFO;

void ps_log_level_set(enum ps_log_level level)
{
    atomic_store(&log_level, (int)level);
}

bool ps_log_enabled(enum ps_log_level level)
{
    return (int)level <= atomic_load(&log_level);
}

/* $JOURNAL_STREAM is "device:inode" of the socket that systemd gave us as standard error (systemd.exec(5)). It is
 * inherited by children whose standard error went elsewhere, so both must be the same. */
bool ps_log_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    if (!stream)
        return false;
    struct stat st;
    if (fstat(STDERR_FILENO, &st) < 0)
        return false;
    char here[48];
    (void)snprintf(here, sizeof here, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
    return strcmp(here, stream) == 0;
}

__attribute__((format(printf, 3, 0))) static void line_write(enum ps_log_level level, uint64_t suppressed,
                                                             const char *format, va_list args)
{
    char line[LOG_LINE_MAX + 64];
    int head = ps_log_is_journal() ? snprintf(line, sizeof line, "<%d>", (int)level)
                                   : snprintf(line, sizeof line, "postship: ");
    size_t n = (size_t)head;
    int body = vsnprintf(line + n, LOG_LINE_MAX - n, format, args);
    if (body < 0)
        return;
    n += PS_MIN((size_t)body, LOG_LINE_MAX - n - 1);
    if (suppressed)
        n += (size_t)snprintf(line + n, sizeof line - n - 1, " (%llu more like this)", (unsigned long long)suppressed);
    for (size_t i = (size_t)head; i < n; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = '?';
    line[n++] = '\n';
    /* Nothing can be done about a standard error that takes no more. */
    ssize_t ignored = write(STDERR_FILENO, line, n);
    (void)ignored;
}

void ps_log(enum ps_log_level level, const char *format, ...)
{
    if (!ps_log_enabled(level))
        return;
    va_list args;
    va_start(args, format);
    line_write(level, 0, format, args);
    va_end(args);
}

void ps_log_limited(struct ps_log_limit *limit, enum ps_log_level level, const char *format, ...)
{
    if (!ps_log_enabled(level))
        return;
    int64_t now = ps_clock_monotonic();
    if (now < limit->next_us) {
        limit->suppressed++;
        return;
    }
    va_list args;
    va_start(args, format);
    line_write(level, limit->suppressed, format, args);
    va_end(args);
    limit->next_us = now + LOG_REPEAT_USEC;
    limit->suppressed = 0;
}
