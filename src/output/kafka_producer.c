#include "output/kafka_producer.h"

#include <stdio.h>

#include "base/fault.h"
#include "base/util.h"

enum { USEC_PER_MSEC = 1000 };

struct ps_kafka_producer {
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *events;
};

static int producer_fill(struct ps_kafka_producer *p, rd_kafka_conf_t *conf, const char *topic, int wake_fd, char *buf,
                         size_t n)
{
    p->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, buf, n);
    if (!p->rk) {
        rd_kafka_conf_destroy(conf);
        return -EINVAL;
    }
    p->events = rd_kafka_queue_get_main(p->rk);
    (void)rd_kafka_set_log_queue(p->rk, p->events);
    const uint64_t one = 1;
    rd_kafka_queue_io_event_enable(p->events, wake_fd, &one, sizeof one);
    /* only an event into an empty queue wakes, and librdkafka's threads may have put one there before that call */
    (void)!write(wake_fd, &one, sizeof one);
    p->topic = rd_kafka_topic_new(p->rk, topic, NULL);
    if (!p->topic) {
        (void)snprintf(buf, n, "topic %s: %s", topic, rd_kafka_err2str(rd_kafka_last_error()));
        return -EINVAL;
    }
    return 0;
}

int ps_kafka_producer_new(rd_kafka_conf_t *conf, const char *topic, int wake_fd, struct ps_kafka_producer **ret,
                          char *buf, size_t n)
{
    struct ps_kafka_producer *p = conf && !ps_fault(PS_FAULT_MALLOC) ? calloc(1, sizeof *p) : NULL;
    if (!p) {
        if (conf)
            rd_kafka_conf_destroy(conf);
        (void)snprintf(buf, n, "%s", strerror(ENOMEM));
        return -ENOMEM;
    }
    int r = producer_fill(p, conf, topic, wake_fd, buf, n);
    if (r < 0) {
        ps_kafka_producer_free(p);
        return r;
    }
    *ret = p;
    return 0;
}

struct ps_kafka_producer *ps_kafka_producer_free(struct ps_kafka_producer *p)
{
    if (!p)
        return NULL;
    if (p->events) {
        rd_kafka_queue_io_event_enable(p->events, -1, NULL, 0);
        rd_kafka_queue_destroy(p->events);
    }
    if (p->topic)
        rd_kafka_topic_destroy(p->topic);
    if (p->rk) {
        (void)rd_kafka_purge(p->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
        rd_kafka_destroy_flags(p->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
    free(p);
    return NULL;
}

rd_kafka_resp_err_t ps_kafka_producer_send(struct ps_kafka_producer *p, const struct ps_message *m, void *opaque)
{
    /* 0 stands for "now" */
    int64_t time_msec = m->time_usec > 0 ? m->time_usec / USEC_PER_MSEC : 0;
    return rd_kafka_producev(p->rk, RD_KAFKA_V_RKT(p->topic), RD_KAFKA_V_MSGFLAGS(0),
                             RD_KAFKA_V_VALUE((void *)m->value.p, m->value.n),
                             RD_KAFKA_V_KEY(m->key.n ? m->key.p : NULL, m->key.n), RD_KAFKA_V_TIMESTAMP(time_msec),
                             RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
}

rd_kafka_event_t *ps_kafka_producer_poll(struct ps_kafka_producer *p)
{
    return rd_kafka_queue_poll(p->events, 0);
}

bool ps_kafka_producer_fatal(struct ps_kafka_producer *p, rd_kafka_resp_err_t *ret_error, char *buf, size_t n)
{
    rd_kafka_resp_err_t error = rd_kafka_fatal_error(p->rk, buf, n);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    *ret_error = error;
    return true;
}
