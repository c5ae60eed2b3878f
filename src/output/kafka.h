/* Apache Kafka by librdkafka: idempotent, acks=all; a record is done when its delivery report says so.
 *
 * - Values are not copied: librdkafka reads them from the window. So a purge destroys the producer, whose threads end
 *   before it returns; the next submit makes a new one. It waits for a name look-up that is under way at most.
 * - A broker that is away is librdkafka's affair: it tries for ever. What it gives up is a rewind.
 * - A broker refuses a batch as a whole for one record that it won't take (too large, bad time). Then all records of
 * the batch come again, each in a request of its own, one at a time; what is refused alone while others are taken
 * becomes a dead letter. Afterwards batches again.
 * - Order is kept within a partition, but for records sent again after a rewind. */
#pragma once

#include "output/output.h"

struct ps_output_kafka_options {
    char *brokers;
    char *topic;
    struct ps_pairs properties; /* librdkafka's own */
};

extern const struct ps_output_ops ps_output_kafka;
