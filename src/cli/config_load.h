/* The configuration for a subcommand. */
#pragma once

#include "base/util.h"
#include "config.h"

PS_CLEANUP_DEFINE(struct ps_config, ps_config_free)

/* NULL after all errors were printed on standard error. */
struct ps_config *ps_config_load(const char *path);
