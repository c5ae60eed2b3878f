/* The option rows of what every configuration has: the top level, the keys common to all inputs, and pipelines. */
#pragma once

#include "base/option.h"

extern const struct ps_option_table ps_config_top;      /* fills struct ps_config */
extern const struct ps_option_table ps_config_input;    /* fills struct ps_config_input */
extern const struct ps_option_table ps_config_output;   /* fills struct ps_config_output; has no rows yet */
extern const struct ps_option_table ps_config_pipeline; /* fills struct ps_config_pipeline */
