/* Hears of changes: by inotify, and by a slow scan, which also stands in for what couldn't be watched, couldn't be
 * opened or failed to be read. Marks generations as dirty, takes up what appears at the paths, and calls host->ready.
 */
#pragma once

#include "input/file_directories.h"
#include "input/file_path.h"

/* Zero-initialised it may be done with; start makes it run. Must stay where it is. */
struct ps_file_follow {
    struct ps_file_set *set;     /* borrowed */
    struct ps_file_watch *watch; /* NULL: the system has none to give, or `once` */
    struct ps_file_directories directories;
    struct ps_loop_source *scan_timer;
    struct ps_loop_source *first_ready;
    bool look_due; /* an event named one of the paths */
    bool changed;  /* an event made something dirty */
    struct ps_log_limit watch_limit;
};

/* Takes the first look at all paths; from then on, but for `once`, follows them. What can't be watched is scanned. 0 or
 * negative errno, after which ps_file_follow_done is due as well. */
int ps_file_follow_start(struct ps_file_follow *f, struct ps_file_set *set);
void ps_file_follow_done(struct ps_file_follow *f);

/* Sees what stands at all paths now. */
void ps_file_follow_look(struct ps_file_follow *f, bool missing_say);

/* Stops watching a generation that is about to go. */
void ps_file_follow_drop(struct ps_file_follow *f, const struct ps_file_generation *g);
