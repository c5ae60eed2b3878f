#include "support/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

void scratch_make(struct scratch *s)
{
    (void)snprintf(s->path, sizeof s->path, "/tmp/postship-test-XXXXXX");
    if (!mkdtemp(s->path))
        abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void scratch_remove(struct scratch *s)
{
    enum { FDS = 8 };
    if (nftw(s->path, remove_one, FDS, FTW_DEPTH | FTW_PHYS) < 0)
        abort();
}
