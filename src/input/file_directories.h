/* The directories in which the paths stand, watched for what appears, goes or changes there under their names. Where a
 * path is a symbolic link, also the directory of the file that it leads to. */
#pragma once

#include <stdbool.h>

#include "input/file_watch.h"

struct ps_file_directory {
    char *path;       /* owned; of the directory */
    const char *name; /* in it; behind the NUL of path */
    int wd;           /* -1: not watched */
};

/* Zero-initialised it is ready. One row a path; rows of one directory share its watch. */
struct ps_file_directories {
    struct ps_file_directory *v;
    size_t n;
};

/* 0 or -ENOMEM. */
int ps_file_directories_add(struct ps_file_directories *d, const char *path);

/* Adds the watches that are missing. 0; or negative errno of the last that failed for another reason than that the
 * directory isn't there: try again later. */
int ps_file_directories_watch(struct ps_file_directories *d, struct ps_file_watch *w);

/* Whether an event of this watch is about one of the paths; name as in the event. */
bool ps_file_directories_concern(const struct ps_file_directories *d, int wd, const char *name);

void ps_file_directories_lost(struct ps_file_directories *d, int wd);
void ps_file_directories_done(struct ps_file_directories *d);
