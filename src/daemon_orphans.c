#include "daemon_orphans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "checkpoint.h"

static bool is_pipeline(const struct ps_config *config, const char *name)
{
    for (size_t i = 0; i < config->pipelines_n; i++)
        if (strcmp(config->pipelines[i].name, name) == 0)
            return true;
    return false;
}

static bool has_state(const struct ps_strings *states, const char *name)
{
    for (size_t i = 0; i < states->n; i++)
        if (strcmp(states->v[i], name) == 0)
            return true;
    return false;
}

static int states_compare(const struct ps_config *config, const struct ps_strings *states)
{
    const char *dir = config->state_dir;
    int r = 0;
    for (size_t i = 0; i < states->n; i++) {
        const char *orphan = states->v[i];
        for (size_t j = 0; j < config->pipelines_n && !is_pipeline(config, orphan); j++) {
            const char *name = config->pipelines[j].name;
            if (has_state(states, name))
                continue;
            r = -EEXIST;
            ps_log(
                PS_LOG_ERROR,
                "pipeline %s has no checkpoint, but %s/%s.checkpoint belongs to no pipeline. If %s was renamed to %s, "
                "rename %s.checkpoint to %s.checkpoint to go on where it stopped; if not, move %s.checkpoint and "
                "%s.checkpoint.previous out of %s to start %s as for the first time",
                name, dir, orphan, orphan, name, orphan, name, orphan, orphan, dir, name);
        }
    }
    return r;
}

int ps_daemon_orphans_refuse(const struct ps_config *config)
{
    struct ps_strings states;
    int r = ps_checkpoint_orphans(config->state_dir, NULL, 0, &states);
    if (r < 0) {
        ps_log(PS_LOG_ERROR, "state_dir %s: %s", config->state_dir, strerror(-r));
        return r;
    }
    r = states_compare(config, &states);
    for (size_t i = 0; i < states.n; i++)
        free(states.v[i]);
    free(states.v);
    return r;
}
