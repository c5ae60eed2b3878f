/* One configured path: the generations that were found there, and the search for them after a restart. */
#pragma once

#include "input/file.h"
#include "input/file_generation.h"

struct ps_file_path {
    const char *name;                  /* borrowed from the options */
    struct ps_file_generation *oldest; /* owned; linked by `newer` */
    struct ps_file_generation *at;     /* what the path names now, maybe another path's; NULL: nothing */
    struct ps_file_saved *pending;     /* owned; of a position, oldest first, not found again yet */
    size_t pending_n;
    bool from_end;             /* the first look starts behind what is there */
    int error;                 /* of the last look, negative; said already */
    struct ps_log_limit limit; /* of its messages */
};

/* All paths of one input. */
struct ps_file_set {
    const struct ps_input_file_options *options;
    const struct ps_input_host *host;
    struct ps_file_path *paths;
    size_t n;
    uint64_t numbers; /* the last one given to a generation or gap */
};

/* Sees what the path names now. New generations are added, older ones that were missed before newer ones, and are not
 * watched yet. 0; or negative errno where it has to look again later, after a message. What is not there is no error,
 * and gets a message only where `missing_say`. */
int ps_file_path_look(struct ps_file_set *set, struct ps_file_path *p, bool missing_say);

/* Puts `next` behind g in the list that g is in. */
void ps_file_path_insert(struct ps_file_generation *g, struct ps_file_generation *next);

void ps_file_path_done(struct ps_file_path *p);

/* The oldest generation that may have something to hand out; NULL. */
struct ps_file_generation *ps_file_path_dirty(const struct ps_file_path *p);
bool ps_file_set_dirty(const struct ps_file_set *set);

/* One of the paths' open generations; NULL. */
struct ps_file_generation *ps_file_set_find(const struct ps_file_set *set, uint64_t device, uint64_t inode);

/* Brings `live` and `final` of all generations up to date: to be called after looks, and now and then. A deleted one
 * is final when another file is at its path and it didn't grow for `quiet_usec`. */
void ps_file_set_stages_update(struct ps_file_set *set, int64_t quiet_usec);
