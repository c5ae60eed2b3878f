#include "input/file_directories.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/util.h"

static int row_add(struct ps_file_directories *d, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t dir_n = slash ? PS_MAX((size_t)(slash - path), (size_t)1) : 0;
    const char *name = slash ? slash + 1 : path;
    struct ps_file_directory *v = ps_fault(PS_FAULT_MALLOC) ? NULL : reallocarray(d->v, d->n + 1, sizeof *v);
    if (!v)
        return -ENOMEM;
    d->v = v;
    size_t name_n = strlen(name);
    char *copy = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, dir_n + name_n + 2);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, path, dir_n);
    memcpy(copy + dir_n + 1, name, name_n);
    d->v[d->n++] = (struct ps_file_directory){.path = copy, .name = copy + dir_n + 1, .wd = -1};
    return 0;
}

int ps_file_directories_add(struct ps_file_directories *d, const char *path)
{
    int r = row_add(d, path);
    if (r < 0)
        return r;
    _cleanup_free_ char *real = realpath(path, NULL);
    return real && strcmp(real, path) != 0 ? row_add(d, real) : 0;
}

int ps_file_directories_watch(struct ps_file_directories *d, struct ps_file_watch *w)
{
    int failed = 0;
    for (size_t i = 0; i < d->n; i++) {
        struct ps_file_directory *row = &d->v[i];
        if (row->wd >= 0)
            continue;
        for (size_t k = 0; k < i && row->wd < 0; k++)
            if (strcmp(d->v[k].path, row->path) == 0)
                row->wd = d->v[k].wd;
        if (row->wd >= 0)
            continue;
        int wd = ps_file_watch_dir_add(w, row->path);
        if (wd >= 0)
            row->wd = wd;
        else if (wd != -ENOENT && wd != -ENOTDIR && wd != -EACCES)
            failed = wd;
    }
    return failed;
}

bool ps_file_directories_concern(const struct ps_file_directories *d, int wd, const char *name)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->v[i].wd == wd && (!name || strcmp(d->v[i].name, name) == 0))
            return true;
    return false;
}

void ps_file_directories_lost(struct ps_file_directories *d, int wd)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->v[i].wd == wd)
            d->v[i].wd = -1;
}

void ps_file_directories_done(struct ps_file_directories *d)
{
    for (size_t i = 0; i < d->n; i++)
        free(d->v[i].path);
    free(d->v);
    *d = (struct ps_file_directories){0};
}
