#include "cli/config_load.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

enum { ERRORS_MAX = 1 << 20 };

/* Plain lines, as editors and people read them; with their priority where the journal reads. */
static void errors_print(struct ps_slice errors)
{
    bool journal = ps_log_is_journal();
    while (errors.n) {
        const char *newline = memchr(errors.p, '\n', errors.n);
        size_t n = newline ? (size_t)(newline - errors.p) + 1 : errors.n;
        if (journal)
            (void)fprintf(stderr, "<%d>", (int)PS_LOG_ERROR);
        (void)fwrite(errors.p, 1, n, stderr);
        errors = ps_slice_after(errors, n);
    }
}

struct ps_config *ps_config_load(const char *path)
{
    _cleanup_(ps_buf_done) struct ps_buf errors = {.max = ERRORS_MAX};
    struct ps_config *config = NULL;
    int r = ps_config_read(path, &config, &errors);
    if (r == 0)
        return config;
    if (errors.n)
        errors_print(ps_buf_slice(&errors));
    else
        (void)fprintf(stderr, "%s: %s\n", path, strerror(-r));
    return NULL;
}
