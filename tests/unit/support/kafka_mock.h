/* librdkafka's own mock cluster, in this process. */
#pragma once

#ifdef PS_WITH_KAFKA
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

enum { KAFKA_MOCK_BROKERS = 512 };

struct kafka_mock {
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *cluster;
    char brokers[KAFKA_MOCK_BROKERS]; /* host:port,… */
};

/* One broker, and the topic with one partition (NULL: none). Aborts on failure. */
void kafka_mock_open(struct kafka_mock *m, const char *topic);
void kafka_mock_close(struct kafka_mock *m);
#endif
