/* Apache Kafka by librdkafka: idempotent, acks=all; a record is done when its delivery report says so. */
#pragma once

#include "output/output.h"

struct ps_output_kafka_options {
    char *brokers;
    char *topic;
    struct ps_pairs properties; /* librdkafka's own */
};

extern const struct ps_output_ops ps_output_kafka;
