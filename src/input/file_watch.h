/* inotify on files and directories, as a source of the loop. */
#pragma once

#include "lib/loop.h"

struct ps_file_watch;

struct ps_file_watch_handler {
    /* Something happened to the file or directory of this watch; `name`: to that entry of the directory, else NULL. */
    void (*changed)(void *ctx, int wd, const char *name);
    void (*lost)(void *ctx, int wd); /* the watch is gone: file or directory deleted, unmounted, or removed by us */
    void (*overflow)(void *ctx);     /* events were dropped: anything may have changed */
    void (*settled)(void *ctx);      /* behind each run of the above */
    void *ctx;
};

/* 0; -EMFILE and the like where the system has no more inotify instances. The handler is copied. */
int ps_file_watch_new(struct ps_loop *loop, const struct ps_file_watch_handler *handler, struct ps_file_watch **ret);
struct ps_file_watch *ps_file_watch_free(struct ps_file_watch *w);

/* The watch's number (positive; the same one where the same file or directory is watched already), or negative errno:
 * -ENOSPC at the system's limit. A file is watched by its descriptor, so it is that very file whatever its name. */
int ps_file_watch_fd_add(struct ps_file_watch *w, int fd);
int ps_file_watch_dir_add(struct ps_file_watch *w, const char *path);
void ps_file_watch_remove(struct ps_file_watch *w, int wd);
