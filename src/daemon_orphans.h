/* A pipeline that was renamed would read everything again, without a word. */
#pragma once

#include "config.h"

/* 0 where each pipeline has its state, or no state is without a pipeline. -EEXIST after a message that names both and
 * says what to do; or negative errno, after a message too. */
int ps_daemon_orphans_refuse(const struct ps_config *config);
