#include "cli/config_load.h"

#include <stdio.h>
#include <string.h>

enum { ERRORS_MAX = 1 << 20 };

struct ps_config *ps_config_load(const char *path)
{
    _cleanup_(ps_buf_done) struct ps_buf errors = {.max = ERRORS_MAX};
    struct ps_config *config = NULL;
    int r = ps_config_read(path, &config, &errors);
    if (r == 0)
        return config;
    if (errors.n)
        (void)fwrite(errors.p, 1, errors.n, stderr);
    else
        (void)fprintf(stderr, "%s: %s\n", path, strerror(-r));
    return NULL;
}
