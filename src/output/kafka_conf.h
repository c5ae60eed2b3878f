/* The configuration of a librdkafka producer: our defaults, the user's properties over them, and no property that would
 * break the guarantee of delivery. */
#pragma once

#include <librdkafka/rdkafka.h>

#include "output/kafka.h"

/* 0 and the configuration, with the brokers. -EINVAL with a message in buf: an unknown property, a bad value, a
 * property that isn't the user's to set, a topic that can't exist; -ENOMEM. */
int ps_kafka_conf_new(const struct ps_output_kafka_options *o, rd_kafka_conf_t **ret, char *buf, size_t n);
rd_kafka_conf_t *ps_kafka_conf_free(rd_kafka_conf_t *conf);

/* A copy; `single`: one record a request, one request at a time. NULL: no memory. */
rd_kafka_conf_t *ps_kafka_conf_copy(const rd_kafka_conf_t *conf, bool single);

/* Everything that can be found out without a connection: also whether the properties fit together, and whether the
 * files that they name can be used. 0, or -EINVAL with a message in buf. */
int ps_kafka_conf_check(const struct ps_output_kafka_options *o, char *buf, size_t n);
