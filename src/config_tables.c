#include "config_tables.h"

#include "base/util.h"
#include "config.h"

#define TOP(member)      offsetof(struct ps_config, member)
#define INPUT(member)    offsetof(struct ps_config_input, member)
#define PIPELINE(member) offsetof(struct ps_config_pipeline, member)

static const struct ps_option top_rows[] = {
    {
        .name = "state_dir",
        .type = PS_OPTION_STRING,
        .offset = TOP(state_dir),
        .standard = "/var/lib/postship",
        .doc = "directory for checkpoints and dead letters; made if it is missing",
    },
    {
        .name = "shutdown_timeout",
        .type = PS_OPTION_DURATION,
        .offset = TOP(shutdown_timeout),
        .standard = "10s",
        .min = PS_USEC_PER_SEC,
        .max = 3600 * PS_USEC_PER_SEC,
        .doc = "how long a stop waits for confirmations; what has none by then is sent again at the next start",
    },
    {
        .name = "own_domains",
        .type = PS_OPTION_STRING_LIST,
        .offset = TOP(own_domains),
        .example = "[example.org]",
        .doc = "domains whose mail is ours, each with its subdomains: tells inbound from outbound",
    },
    {
        .name = "own_networks",
        .type = PS_OPTION_NETWORK_LIST,
        .offset = TOP(own_networks),
        .example = "[192.0.2.0/24, 2001:db8::/32]",
        .doc = "networks whose clients are ours",
    },
};

static const struct ps_option input_rows[] = {
    {
        .name = "host",
        .type = PS_OPTION_STRING,
        .offset = INPUT(host),
        .example = "mx1.example.org",
        .doc = "host name of all events, instead of the name in the line",
    },
};

static const struct ps_option pipeline_rows[] = {
    {
        .name = "input",
        .type = PS_OPTION_STRING,
        .offset = PIPELINE(input_name),
        .required = true,
        .example = "my_file",
        .doc = "the name of an input",
    },
    {
        .name = "output",
        .type = PS_OPTION_STRING,
        .offset = PIPELINE(output_name),
        .required = true,
        .example = "my_file",
        .doc = "the name of an output",
    },
    {
        .name = "add",
        .type = PS_OPTION_STRING_MAP,
        .offset = PIPELINE(add),
        .example = "{site: ams1}",
        .doc = "constant members of every event; names of a-z, 0-9 and _ that no field has",
    },
    {
        .name = "keep",
        .type = PS_OPTION_CONDITIONS,
        .offset = PIPELINE(keep),
        .example = "[{event: delivery, status: [deferred, bounced]}, {event: login_*}]",
        .doc = "only events that fit one of these go on; in a value * stands for any text, ? for any character",
    },
    {
        .name = "drop",
        .type = PS_OPTION_CONDITIONS,
        .offset = PIPELINE(drop),
        .example = "[{event: debug}, {event: anvil_statistics}]",
        .doc = "events that fit one of these go nowhere, even where they are kept",
    },
    {
        .name = "window",
        .type = PS_OPTION_INT,
        .offset = PIPELINE(window),
        .standard = "10000",
        .min = 100,
        .max = 1000000,
        .doc = "how many events may wait for their confirmation; when it is full, reading pauses",
    },
    {
        .name = "window_bytes",
        .type = PS_OPTION_SIZE,
        .offset = PIPELINE(window_bytes),
        .standard = "16MiB",
        .min = INT64_C(4) << 20,
        .max = INT64_C(1) << 30,
        .doc = "how many bytes of them: the memory that a dead destination costs",
    },
};

const struct ps_option_table ps_config_top = {top_rows, PS_COUNT(top_rows), sizeof(struct ps_config), NULL};
const struct ps_option_table ps_config_input = {input_rows, PS_COUNT(input_rows), sizeof(struct ps_config_input), NULL};
const struct ps_option_table ps_config_output = {NULL, 0, sizeof(struct ps_config_output), NULL};
const struct ps_option_table ps_config_pipeline = {pipeline_rows, PS_COUNT(pipeline_rows),
                                                   sizeof(struct ps_config_pipeline), NULL};
