#include "support/kafka_mock.h"

#ifdef PS_WITH_KAFKA
#include <stdio.h>
#include <stdlib.h>

void kafka_mock_open(struct kafka_mock *m, const char *topic)
{
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    (void)rd_kafka_conf_set(conf, "log_level", "3", error, sizeof error); /* "no brokers configured" */
    m->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    m->cluster = m->rk ? rd_kafka_mock_cluster_new(m->rk, 1) : NULL;
    if (!m->cluster || (topic && rd_kafka_mock_topic_create(m->cluster, topic, 1, 1) != RD_KAFKA_RESP_ERR_NO_ERROR))
        abort();
    (void)snprintf(m->brokers, sizeof m->brokers, "%s", rd_kafka_mock_cluster_bootstraps(m->cluster));
}

void kafka_mock_close(struct kafka_mock *m)
{
    rd_kafka_mock_cluster_destroy(m->cluster);
    rd_kafka_destroy(m->rk);
}
#else
typedef int kafka_is_left_out; /* ISO C wants a declaration */
#endif
